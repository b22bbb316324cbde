import Foundation
import Logging
import SIP
import Testing

@testable import Signalling

/// Points that sign in by the certificates of their TLS connections (RFC 5922).
@Suite struct PointCertificateTests {
    @Test func aCertifiedPointIsNotAskedForAPassword() {
        var caller = Caller()
        caller.core.certify(["sip:so1@causeway.test"], on: caller.flow)
        caller.say("OPTIONS", 1)
        #expect(caller.responses.last?.status == 200)
    }

    @Test(arguments: [["sip:so2@causeway.test"], ["sip:so1@elsewhere.test"], ["sip:causeway.test"], ["so1"], []])
    func aCertificateForSomebodyElseProvesNothing(_ subjects: [String]) {
        var caller = Caller()
        caller.core.certify(subjects, on: caller.flow)
        caller.say("OPTIONS", 1)
        #expect(caller.responses.last?.status == 401)
    }

    @Test func whatAConnectionProvedGoesWithIt() {
        var caller = Caller()
        caller.core.certify(["sip:so1@causeway.test"], on: caller.flow)
        caller.take(caller.core.flowFailed(caller.flow, at: caller.now))
        caller.say("OPTIONS", 1)
        #expect(caller.responses.last?.status == 401)
    }

    @Test(.enabled(if: Tool.hasOpenSSL))
    func overRealTLSTheAuthoritysCertificateOpensAndAnotherOneDoesNot() async throws {
        try await Tool.withFolder { folder in
            let server = try await Tool.makeCertificate(in: folder)
            let authority = try await Authority(in: folder, name: "points")
            let stranger = try await Authority(in: folder, name: "stranger")
            let thread = ControlThread()
            let signalling = try Signalling(
                configuration: SignallingConfiguration(
                    listeners: [SIPListener(.tls, host: "127.0.0.1", port: 0)], domain: "causeway.test",
                    certificate: .init(certificateChain: server.chain, privateKey: server.key),
                    pointAuthority: authority.certificate),
                host: FakeHost(), legs: FakeLegs(), on: thread, logger: Logger(label: "test"))
            try await signalling.start()
            let port = try #require(signalling.addresses.first?.port)

            let certified = try await authority.issue(to: "sip:so2@causeway.test", in: folder)
            #expect(try await options(from: "so2", showing: certified, to: port, in: folder) == 200)
            // Another name than the certificate's, and a point that may not sign in by certificate.
            #expect(try await options(from: "so1", showing: certified, to: port, in: folder) == 401)
            let unwanted = try await authority.issue(to: "sip:so1@causeway.test", in: folder)
            #expect(try await options(from: "so1", showing: unwanted, to: port, in: folder) == 401)
            #expect(try await options(from: "so2", showing: nil, to: port, in: folder) == 401)
            let forged = try await stranger.issue(to: "sip:so2@causeway.test", in: folder)
            #expect(try await options(from: "so2", showing: forged, to: port, in: folder) == nil)
            await signalling.stop()
            await thread.stop()
        }
    }

    /// The status of the answer to an OPTIONS; nil where the connection is refused.
    private func options(
        from user: String, showing certificate: (chain: String, key: String)?, to port: UInt16, in folder: URL
    ) async throws -> UInt16? {
        let request = folder.appendingPathComponent("options")
        let text = """
            OPTIONS sip:giaoban@causeway.test SIP/2.0
            Via: SIP/2.0/TLS 127.0.0.1:5061;branch=z9hG4bK\(UUID().uuidString)
            From: <sip:\(user)@causeway.test>;tag=1
            To: <sip:giaoban@causeway.test>
            Call-ID: \(UUID().uuidString)
            CSeq: 1 OPTIONS
            Max-Forwards: 70
            Content-Length: 0


            """
        try Data(text.replacing("\n", with: "\r\n").utf8).write(to: request)
        let shown = certificate.map { "-cert \($0.chain) -key \($0.key)" } ?? ""
        let script = """
            exec 3< <(exec openssl s_client -quiet -connect 127.0.0.1:\(port) \(shown) <options 2>/dev/null)
            client=$!
            IFS= read -r -t 8 line <&3 && echo "$line"
            kill -KILL $client 2>/dev/null; true
            """
        let result = try await Tool.run("bash", ["-c", script], in: folder, seconds: 10)
        return result.output.split(separator: " ").dropFirst().first.flatMap { UInt16($0) }
    }

    private struct Authority {
        let certificate: String
        let key: String

        init(in folder: URL, name: String) async throws {
            (certificate, key) = try await Tool.makeCertificate(in: folder, name: name)
        }

        func issue(to subject: String, in folder: URL) async throws -> (chain: String, key: String) {
            let chain = folder.appendingPathComponent("\(UUID().uuidString).pem").path
            let key = chain + ".key"
            let made = try await Tool.run(
                "openssl",
                [
                    "req", "-x509", "-CA", certificate, "-CAkey", self.key, "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=point", "-addext",
                    "subjectAltName=URI:\(subject)", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key,
                    "-out", chain,
                ], in: folder)
            guard made.status == 0 else { throw ToolFailed(what: made.output) }
            return (chain, key)
        }
    }
}
