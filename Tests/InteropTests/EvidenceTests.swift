import Foundation
import InteropSupport
import Testing

/// Seals as others see them, of meetings that were held.
@Suite(
    .serialized,
    .enabled(
        if: Tool.areInstalled("baresip", "sox", "openssl", "python3"), "baresip, sox, openssl or python3 is missing"))
struct EvidenceTests {
    /// A time stamp authority: openssl behind a small HTTP server.
    private static let server = """
        import http.server, os, subprocess, sys
        class Authority(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers['Content-Length']))
                if self.headers['Content-Type'] != 'application/timestamp-query': return self.send_error(415)
                open('query.tsq', 'wb').write(query)
                subprocess.run(['openssl', 'ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', '-out', 'reply.tsr'],
                    check=True)
                reply = open('reply.tsr', 'rb').read()
                self.send_response(200)
                self.send_header('Content-Type', 'application/timestamp-reply')
                self.send_header('Content-Length', str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)
        os.chdir(sys.argv[1])
        server = http.server.HTTPServer(('127.0.0.1', 0), Authority)
        open('port.new', 'w').write(str(server.server_port))
        os.rename('port.new', 'port')
        server.serve_forever()
        """
    private static let authority = """
        set -e
        openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=root -days 30 -out root.crt
        openssl req -newkey rsa:2048 -nodes -keyout tsa.key -subj /CN=tsa -out tsa.csr
        echo extendedKeyUsage=critical,timeStamping > tsa.ext
        openssl x509 -req -in tsa.csr -CA root.crt -CAkey root.key -CAcreateserial -days 30 -out tsa.crt -extfile tsa.ext
        echo 1000 > serial
        printf '%s\\n' '[tsa]' 'default_tsa=tsa1' '[tsa1]' 'serial=serial' 'signer_cert=tsa.crt' 'signer_key=tsa.key' \
            'certs=root.crt' 'default_policy=1.2.3.4.1' 'digests=sha256' 'signer_digest=sha256' \
            'ess_cert_id_alg=sha256' > tsa.cnf
        """

    @Test func aMeetingsSealIsStampedByAnAuthorityOverHTTP() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/causeway-tsa-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await Tool.run("sh", ["-c", "cd '\(folder)'\n" + Self.authority])
        let python = try #require(Tool.find("python3"))
        let server = try ChildProcess(python, ["-c", Self.server, folder], log: folder + "/server.log")
        defer { server.signal(SIGKILL) }
        try await eventually("the authority to listen", within: .seconds(20)) {
            FileManager.default.fileExists(atPath: folder + "/port")
        }
        let port = try String(contentsOfFile: folder + "/port", encoding: .utf8)
        let keys = ", seal: {timeStampURL: \"http://127.0.0.1:\(port)/\", timeStampAuthorities: \(folder)/root.crt}"
        try await TestSite.with({ $0.archiveKeys = keys }) { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1)
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            let package = try #require(recording.directory)
            try await eventually("the time stamp", within: .seconds(30)) {
                FileManager.default.fileExists(atPath: package + "/seal/seal.tsr")
            }
            let checked = try await Tool.run(
                "sh",
                [
                    "-c",
                    "cd '\(package)' && openssl ts -verify -data seal/seal.sig -in seal/seal.tsr -CAfile '\(folder)/root.crt'",
                ], standardError: true)
            #expect(checked.contains("Verification: OK"), "\(checked)")
            // What goes with the film is there, and all of it stands under the seal.
            for name in ["audio.opus", "poster.webp", "thumbnails.vtt", "waveform.json", "master.chain"] {
                #expect(FileManager.default.fileExists(atPath: package + "/data/" + name), "\(name)")
            }
            let answer = try await site.daemon.causeway(
                [
                    "verify-package", package, "--key", site.daemon.archive + "/keys/seal.pub.pem", "--ledger",
                    site.daemon.archive + "/ledger.jsonl", "--time-stamp-authorities", folder + "/root.crt",
                ], isOffline: true)
            #expect(answer.status == 0 && answer.output.contains("Time stamp: "), "\(answer.output)")
            #expect(try await site.daemon.causeway(["recordings", "verify", meeting.id]).status == 0)
        }
    }
}
