import Foundation
import Testing

@testable import Certificates

@Suite struct SiteCertificateTests {
    @Test func firstStartFoundsACAAndLaterStartsReuseIt() throws {
        let scratch = try Scratch()
        let first = try scratch.ensure()
        #expect(first.origin == .founded)
        #expect(first.authority == "\(scratch.site)/ca.pem")
        #expect(first.notAfter == noon + 397 * day)
        let files = try ["ca.pem", "ca.key", "server.pem", "server.key"].map(scratch.read)
        let second = try scratch.ensure(now: noon + 366 * day)
        #expect(second.origin == .reused)
        #expect(second.notAfter == first.notAfter)
        #expect(try ["ca.pem", "ca.key", "server.pem", "server.key"].map(scratch.read) == files)
    }

    @Test func keysAreReadableByTheOwnerAlone() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        #expect(try scratch.mode("ca.key") == 0o600)
        #expect(try scratch.mode("server.key") == 0o600)
        #expect(try FileManager.default.attributesOfItem(atPath: scratch.site)[.posixPermissions] as? Int == 0o700)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.site).sorted() == [
                "ca.key", "ca.pem", "server.key", "server.pem",
            ])
    }

    @Test func serverCertificateIsRenewedBeforeItRunsOutUnderTheSameCA() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        let authority = try scratch.read("ca.pem")
        let renewed = try scratch.ensure(now: noon + 368 * day)
        #expect(renewed.origin == .issued)
        #expect(renewed.notAfter == noon + (368 + 397) * day)
        #expect(try scratch.read("ca.pem") == authority)
    }

    @Test func otherNamesGetANewCertificate() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure(["a.vn", "127.0.0.1", "::1"])
        #expect(try scratch.ensure(["::1", "A.vn", "a.vn", "127.0.0.1"]).origin == .reused)
        #expect(try scratch.ensure(["a.vn", "127.0.0.2", "::1"]).origin == .issued)
    }

    @Test func caThatRunsOutIsFoundedAnew() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        let late = noon + 7280 * day
        #expect(try scratch.ensure(now: late).origin == .founded)
        #expect(try scratch.ensure(now: late).origin == .reused)
    }

    @Test func serverCertificateNeverOutlivesTheCA() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        #expect(try scratch.ensure(now: noon + 7200 * day).notAfter == noon + 7300 * day)
    }

    /// A crash leaves one of these; the next start goes on from it.
    @Test(arguments: [
        ["ca.pem", "server.key", "server.pem"], ["server.key", "server.pem"], ["server.pem"],
        ["ca.pem", "server.pem"],
    ])
    func startThatBrokeOffIsFinished(missing: [String]) throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        for name in missing { try scratch.remove(name) }
        _ = try scratch.ensure()
        #expect(try scratch.ensure().origin == .reused)
    }

    @Test func keyOfTheCAMayBeKeptElsewhereUntilItIsNeeded() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        try scratch.remove("ca.key")
        #expect(try scratch.ensure().origin == .reused)
        #expect(
            throws: CertificateError.keyMissing(
                certificate: "\(scratch.site)/ca.pem", key: "\(scratch.site)/ca.key")
        ) { try scratch.ensure(now: noon + 380 * day) }
    }

    @Test func filesThatDoNotFitAreNamed() throws {
        let scratch = try Scratch()
        let other = try Scratch()
        _ = try scratch.ensure()
        _ = try other.ensure()
        let (chain, key) = ("\(scratch.site)/server.pem", "\(scratch.site)/server.key")

        let good = try scratch.read("server.key")
        try scratch.write(other.read("server.key"), to: "server.key")
        #expect(throws: CertificateError.mismatched(certificate: chain, key: key)) { try scratch.ensure() }

        try scratch.write(other.read("server.pem"), to: "server.pem")
        #expect(throws: CertificateError.foreign(certificate: chain, authority: "\(scratch.site)/ca.pem")) {
            try scratch.ensure()
        }

        try scratch.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "server.pem")
        #expect(throws: CertificateError.malformed(file: chain, expected: "a certificate")) { try scratch.ensure() }
        try scratch.write("nothing", to: "server.pem")
        #expect(throws: CertificateError.malformed(file: chain, expected: "a certificate")) { try scratch.ensure() }

        try scratch.remove("server.pem")
        try scratch.write(String(good.dropFirst(80)), to: "server.key")
        #expect(throws: CertificateError.malformed(file: key, expected: "a private key without passphrase")) {
            try scratch.ensure()
        }
    }

    @Test func keyOfAnotherCAIsNotTakenForTheCAs() throws {
        let scratch = try Scratch()
        let other = try Scratch()
        _ = try scratch.ensure()
        _ = try other.ensure()
        try scratch.write(other.read("ca.key"), to: "ca.key")
        #expect(
            throws: CertificateError.mismatched(
                certificate: "\(scratch.site)/ca.pem", key: "\(scratch.site)/ca.key")
        ) { try scratch.ensure(["b.vn"]) }
    }

    @Test func keyThatOthersMayReadIsRefusedWithTheRemedy() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(scratch.site)/server.key")
        #expect {
            try scratch.ensure()
        } throws: {
            "\($0)"
                == "\(scratch.site)/server.key may be read by others (mode 644); run: chmod 600 \(scratch.site)/server.key"
        }
    }

    @Test func directoryThatCannotBeMadeIsOneClearLine() throws {
        let scratch = try Scratch()
        try Data().write(to: URL(fileURLWithPath: "\(scratch.path)/file"))
        #expect {
            try SiteCertificate.ensure(directory: "\(scratch.path)/file/below", names: ["a.vn"], now: noon)
        } throws: { "\($0)" == "\(scratch.path)/file/below cannot be written: Not a directory" }
    }

    @Test(arguments: ["họp.vn", "", "a b", ".vn", "a.", "*.vn", "a\0b"])
    func namesThatNoCertificateCanBeForAreRefused(name: String) throws {
        let scratch = try Scratch()
        #expect(throws: CertificateError.badName(name)) { try scratch.ensure([name]) }
        #expect(throws: CertificateError.noNames) { try scratch.ensure([]) }
    }

    @Test func certificateThatTheSiteBroughtIsExamined() throws {
        let scratch = try Scratch()
        let made = try scratch.ensure()
        let given = try SiteCertificate.examine(chain: made.chain, key: made.key, now: noon)
        #expect(given.origin == .given && given.authority == nil && given.notAfter == made.notAfter)
        #expect(throws: CertificateError.mismatched(certificate: made.chain, key: "\(scratch.site)/ca.key")) {
            try SiteCertificate.examine(chain: made.chain, key: "\(scratch.site)/ca.key", now: noon)
        }
        #expect(throws: CertificateError.expired(certificate: made.chain, on: "2027-12-26")) {
            try SiteCertificate.examine(chain: made.chain, key: made.key, now: noon + 398 * day)
        }
        #expect(throws: CertificateError.notYetValid(certificate: made.chain, until: "2026-11-23")) {
            try SiteCertificate.examine(chain: made.chain, key: made.key, now: noon - 2 * day)
        }
        #expect(throws: CertificateError.unreadable(file: "/nowhere.pem", why: "No such file or directory")) {
            try SiteCertificate.examine(chain: "/nowhere.pem", key: made.key, now: noon)
        }
    }

    @Test func randomFilesNeverTrap() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        let good = try ["server.pem", "server.key", "ca.pem"].map { ($0, try scratch.read($0)) }
        var state: UInt64 = 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        for _ in 0..<300 {
            let (name, text) = good[next(good.count)]
            var octets = Array(text.utf8)
            for _ in 0..<(1 + next(4)) { octets[next(octets.count)] = UInt8(next(256)) }
            try Data(octets).write(to: URL(fileURLWithPath: "\(scratch.site)/\(name)"))
            try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(scratch.site)/\(name)")
            _ = try? scratch.ensure()
            try scratch.write(text, to: name)
            for (name, text) in good { try scratch.write(text, to: name) }
        }
        #expect(try scratch.ensure().origin == .reused)
    }
}

/// What the rest of the world's TLS, and so every endpoint that links OpenSSL, says of them.
@Suite(.enabled(if: openssl != nil, "needs the openssl program"))
struct OpenSSLTests {
    @Test(arguments: [
        ("-verify_hostname", "hop.example.vn"), ("-verify_ip", "127.0.0.1"), ("-verify_ip", "2001:db8::5"),
    ])
    func opensslVerifiesTheChainForEachName(option: String, name: String) throws {
        let scratch = try Scratch()
        let paths = try scratch.ensure(["hop.example.vn", "127.0.0.1", "2001:db8::5"])
        let time = String(Int(noon.timeIntervalSince1970))
        let common = [
            "verify", "-x509_strict", "-attime", time, "-purpose", "sslserver", "-CAfile", "\(scratch.site)/ca.pem",
        ]
        let result = try run(common + [option, name, paths.chain])
        #expect(result.status == 0, "\(result.output)")
        #expect(try run(common + ["-verify_hostname", "other.vn", paths.chain]).status != 0)
        #expect(try run(common + ["-verify_ip", "127.0.0.2", paths.chain]).status != 0)
        let asClient = ["verify", "-x509_strict", "-attime", time, "-purpose", "sslclient", "-CAfile"]
        #expect(try run(asClient + ["\(scratch.site)/ca.pem", paths.chain]).status == 0)
    }

    @Test func renewedCAStillStandsBehindTheServer() throws {
        let scratch = try Scratch()
        _ = try scratch.ensure()
        let late = noon + 7280 * day
        let paths = try scratch.ensure(now: late)
        let result = try run([
            "verify", "-x509_strict", "-attime", String(Int(late.timeIntervalSince1970)), "-CAfile",
            "\(scratch.site)/ca.pem", paths.chain,
        ])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func opensslSpeaksTLSWithThem() throws {
        let scratch = try Scratch()
        let paths = try scratch.ensure(["localhost"], now: Date())
        let server = Process()
        server.executableURL = URL(fileURLWithPath: openssl ?? "/nowhere")
        // Port 0: the system chooses, and s_server says which.
        server.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-cert", paths.chain, "-cert_chain", paths.chain, "-key", paths.key,
            "-naccept", "1",
        ]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        server.standardInput = Pipe()
        try server.run()
        defer { server.terminate() }
        var said = ""
        while !said.contains("ACCEPT") || !said.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "s_server ended: \(said)")
            said += String(decoding: more, as: UTF8.self)
        }
        let address = try #require(
            said.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }?.split(separator: " ").last)
        let client = try run([
            "s_client", "-connect", String(address), "-CAfile", "\(scratch.site)/ca.pem", "-verify_hostname",
            "localhost",
            "-verify_return_error", "-brief",
        ])
        #expect(client.output.contains("Verification: OK"), "\(client.output)")
    }

    @Test(arguments: [["ecparam", "-name", "prime256v1", "-genkey"], ["genrsa", "2048"]])
    func keysThatOpenSSLMakesAreTaken(arguments: [String]) throws {
        let scratch = try Scratch()
        let key = "\(scratch.path)/own.key"
        let chain = "\(scratch.path)/own.pem"
        try #require(try run(arguments + (arguments[0] == "genrsa" ? [] : ["-out", key])).status == 0)
        if arguments[0] == "genrsa" { _ = try run(["genrsa", "-out", key, "2048"]) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        let made = try run(["req", "-x509", "-new", "-key", key, "-subj", "/CN=own.vn", "-days", "30", "-out", chain])
        try #require(made.status == 0, "\(made.output)")
        #expect(try SiteCertificate.examine(chain: chain, key: key).origin == .given)
    }
}
