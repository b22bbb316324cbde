import Foundation
import InteropSupport
import Testing

/// SIPp, and whatever strangers send.
@Suite(.serialized) struct SIPClientTests {
    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../shared/corpora/rfc4475").standardizedFileURL.path

    private func sipp(_ scenario: String, _ site: TestSite, calls: Int = 5, _ more: [String] = []) async throws {
        let path = site.folder + "/scenario.xml"
        try scenario.write(toFile: path, atomically: true, encoding: .utf8)
        let port = try FreePorts.run(of: 1)
        try await Tool.run(
            "timeout",
            [
                "40", "sipp", "127.0.0.1:\(site.daemon.sipPort)", "-sf", path, "-i", "127.0.0.1", "-p", "\(port)", "-m",
                "\(calls)", "-r",
                "5", "-nostdin", "-s", "giaoban", "-au", "soyte", "-ap", "mat-khau", "-auth_uri",
                "giaoban@127.0.0.1:\(site.daemon.sipPort)",
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

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: corpus), "the RFC 4475 corpus is not beside the checkout"))
    func theTortureMessagesLeaveTheDaemonAnswering() async throws {
        try await TestSite.with { site in
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
            if Tool.areInstalled("sipp") { try await sipp(Self.options, site) }
        }
    }

    private static func head(
        _ method: String, _ number: Int,
        via: String = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        inDialog: Bool = false, more: String = "", body: String = ""
    ) -> String {
        """
        \(method) sip:[service]@[remote_ip]:[remote_port] SIP/2.0
        \(via)
        From: <sip:soyte@[local_ip]:[local_port]>;tag=[call_number]
        To: <sip:[service]@[remote_ip]:[remote_port]>\(inDialog ? "[peer_tag_param]" : "")
        Call-ID: [call_id]
        CSeq: \(number) \(method)
        Contact: <sip:soyte@[local_ip]:[local_port]>
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
