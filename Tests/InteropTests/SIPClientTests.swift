import Foundation
import InteropSupport
import PortalAPI
import Testing

/// SIPp, and whatever strangers send.
@Suite(.serialized) struct SIPClientTests {
    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../shared/corpora/rfc4475").standardizedFileURL.path

    private func sipp(
        _ scenario: String, _ site: TestSite, calls: Int = 5, uri: String = "giaoban@",
        from address: String = "127.0.0.1", _ more: [String] = []
    ) async throws {
        let path = site.folder + "/scenario.xml"
        try scenario.write(toFile: path, atomically: true, encoding: .utf8)
        let port = try FreePorts.run(of: 1)
        try await Tool.run(
            "timeout",
            [
                "40", "sipp", "127.0.0.1:\(site.daemon.sipPort)", "-sf", path, "-i", address, "-p", "\(port)", "-m",
                "\(calls)", "-r",
                "5", "-nostdin", "-s", "giaoban", "-au", "soyte", "-ap", "mat-khau", "-auth_uri",
                "\(uri)127.0.0.1:\(site.daemon.sipPort)",
            ] + more, within: .seconds(60))
    }

    @Test(.enabled(if: Tool.areInstalled("sipp"), "SIPp is not installed"))
    func sippAsksForOptionsAndIsChallengedAndAnswered() async throws {
        try await TestSite.with { site in try await sipp(Self.options, site) }
    }

    @Test(.enabled(if: Tool.areInstalled("sipp"), "SIPp is not installed"))
    func sippCallsAndHangsUp() async throws {
        try await TestSite.with({ $0.allowsClearMedia = true }) { site in
            try await sipp(Self.call, site, calls: 3, ["-l", "1"])
            try await eventually("the room to empty") {
                try await site.daemon.meetings().allSatisfy { $0.participants.isEmpty }
            }
        }
    }

    @Test(.enabled(if: Tool.areInstalled("sipp"), "SIPp is not installed"))
    func sippRegistersAndTakesItsRegistrationBack() async throws {
        try await TestSite.with { site in
            func registered() async throws -> Int {
                let answer = try await site.daemon.causeway(["status", "--json"])
                return try PortalJSON.decode(SystemStatus.self, from: Data(answer.output.utf8)).bridge.pointsRegistered
            }
            try await sipp(Self.register(expires: 600), site, calls: 1, uri: "")
            #expect(try await registered() == 1)
            try await sipp(Self.register(expires: 0), site, calls: 1, uri: "")
            #expect(try await registered() == 0)
        }
    }

    /// The first line of what comes back to one datagram, or nothing.
    private func answer(to text: String, _ site: TestSite) throws -> String {
        let answer = try Datagram.exchange(text.replacingOccurrences(of: "\n", with: "\r\n"), with: site.daemon.sipPort)
        return String((answer ?? "").prefix { $0 != "\r\n" })
    }

    @Test func whatIsMalformedIsAnsweredWithTheReasonOrDropped() async throws {
        try await TestSite.with { site in
            func request(_ method: String, cseq: String, more: String = "") -> String {
                """
                \(method) sip:giaoban@127.0.0.1 SIP/2.0
                Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK\(UInt32.random(in: 0 ... .max))
                From: <sip:soyte@127.0.0.1>;tag=a
                To: <sip:giaoban@127.0.0.1>
                Call-ID: \(UInt32.random(in: 0 ... .max))
                CSeq: \(cseq)
                Max-Forwards: 70
                \(more)Content-Length: 0


                """
            }
            let malformed = try answer(to: request("OPTIONS", cseq: "1 INVITE"), site)
            #expect(malformed.hasPrefix("SIP/2.0 400 ") && malformed.contains("CSeq"), "\(malformed)")
            let unknown = try answer(to: request("CANCEL", cseq: "1 CANCEL"), site)
            #expect(unknown.hasPrefix("SIP/2.0 481 "), "\(unknown)")
            let extended = try answer(to: request("OPTIONS", cseq: "1 OPTIONS", more: "Require: nonesuch\n"), site)
            #expect(extended.hasPrefix("SIP/2.0 420 "), "\(extended)")
            // An ACK is never answered, nor is what is no SIP.
            #expect(try answer(to: request("ACK", cseq: "1 INVITE"), site) == "")
            #expect(try answer(to: "hello\n\n", site) == "")
            #expect(try answer(to: request("OPTIONS", cseq: "1 OPTIONS"), site).hasPrefix("SIP/2.0 401 "))
        }
    }

    @Test(.enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
    func callsGivenUpAtOnceLeaveNobodyInTheRoom() async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440) { $0.transport = .udp }
            for _ in 0..<8 {
                // CANCEL or BYE, as far as the call has come.
                try await endpoint.command("dial", site.daemon.address(over: .udp))
                try await endpoint.hangUp()
                try await endpoint.waitUntilHungUp()
            }
            try await eventually("the room to empty") {
                try await site.daemon.meetings().allSatisfy { $0.participants.isEmpty }
            }
            try await endpoint.dial(site.daemon.address(over: .udp))
            _ = try await site.daemon.waitForMedia(of: 1)
        }
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: corpus), "the RFC 4475 corpus is not beside the checkout"))
    func theTortureMessagesLeaveTheDaemonAnswering() async throws {
        try await TestSite.with { site in
            var endpoint: Baresip?
            if Tool.areInstalled("baresip", "sox") {
                // A point that proved itself before stays served, whatever comes from its own address.
                endpoint = try await site.endpoint(0, tone: 440) {
                    $0.registrationInterval = 300
                    $0.domain = "127.0.0.1:\(site.daemon.tlsPort)"
                }
                try await eventually("the registration") {
                    try await site.daemon.status().bridge.pointsRegistered == 1
                }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.corpus).filter { $0.hasSuffix(".dat") }
                .sorted()
            #expect(files.count >= 49)
            for file in files {
                let path = Self.corpus + "/" + file
                // bash's own sockets: one datagram, and one connection that says it and goes.
                try await Tool.run("bash", ["-c", "cat '\(path)' > /dev/udp/127.0.0.1/\(site.daemon.sipPort)"])
                _ = try? await Tool.run("bash", ["-c", "cat '\(path)' > /dev/tcp/127.0.0.1/\(site.daemon.sipPort)"])
            }
            for size in [0, 1, 3, 1_000, 60_000] {
                try await Tool.run(
                    "bash", ["-c", "head -c \(size) /dev/urandom > /dev/udp/127.0.0.1/\(site.daemon.sipPort)"])
            }
            #expect(try await site.daemon.causeway(["status"]).status == 0)
            #expect(site.daemon.process.isRunning)
            #expect(site.daemon.log.contains("127.0.0.1 sends what is not SIP: shut out"))
            if Tool.areInstalled("sipp") { try await sipp(Self.options, site, from: "127.0.0.2") }
            guard let endpoint else { return }
            try await endpoint.dial(site.daemon.address(over: .tls))
            _ = try await site.daemon.waitForMedia(of: 1)
        }
    }

    private static func head(
        _ method: String, _ number: Int, to: String = "[service]@",
        via: String = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        inDialog: Bool = false, contact: String = "<sip:soyte@[local_ip]:[local_port]>", more: String = "",
        body: String = ""
    ) -> String {
        """
        \(method) sip:\(method == "REGISTER" ? "" : to)[remote_ip]:[remote_port] SIP/2.0
        \(via)
        From: <sip:soyte@[local_ip]:[local_port]>;tag=[call_number]
        To: <sip:\(to)[remote_ip]:[remote_port]>\(inDialog ? "[peer_tag_param]" : "")
        Call-ID: [call_id]
        CSeq: \(number) \(method)
        Contact: \(contact)
        Max-Forwards: 70
        User-Agent: SIPp
        \(more.isEmpty ? "" : more + "\n")Content-Length: [len]

        \(body)
        """
    }

    private static let sdp = """
        v=0
        o=- 1 1 IN IP4 [local_ip]
        s=-
        c=IN IP4 [media_ip]
        t=0 0
        m=audio [media_port] RTP/AVP 8
        a=rtpmap:8 PCMA/8000
        """

    private static func send(_ text: String, retransmit: Bool = true) -> String {
        "<send\(retransmit ? " retrans=\"500\"" : "")><![CDATA[\n\(text)\n]]></send>"
    }

    static func register(expires: Int) -> String {
        let contact = expires == 0 ? "*" : "<sip:soyte@[local_ip]:[local_port]>"
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <scenario name="register">
            \(send(head("REGISTER", 1, to: "soyte@", contact: contact, more: "Expires: \(expires)")))
            <recv response="401" auth="true"/>
            \(send(head("REGISTER", 2, to: "soyte@", contact: contact, more: "Expires: \(expires)\n[authentication]")))
            <recv response="200"/>
            </scenario>
            """
    }

    static let options = """
        <?xml version="1.0" encoding="UTF-8"?>
        <scenario name="options">
        \(send(head("OPTIONS", 1)))
        <recv response="401" auth="true"/>
        \(send(head("OPTIONS", 2, more: "[authentication]")))
        <recv response="200"/>
        </scenario>
        """

    static let call = """
        <?xml version="1.0" encoding="UTF-8"?>
        <scenario name="call">
        \(send(head("INVITE", 1, more: "Content-Type: application/sdp", body: sdp)))
        <recv response="100" optional="true"/>
        <recv response="401" auth="true"/>
        \(send(head("ACK", 1, via: "[last_Via:]", inDialog: true), retransmit: false))
        \(send(head("INVITE", 2, more: "[authentication]\nContent-Type: application/sdp", body: sdp)))
        <recv response="100" optional="true"/>
        <recv response="180" optional="true"/>
        <recv response="200" rrs="true"/>
        \(send(head("ACK", 2, inDialog: true), retransmit: false))
        <pause milliseconds="500"/>
        \(send(head("BYE", 3, inDialog: true)))
        <recv response="200"/>
        </scenario>
        """
}
