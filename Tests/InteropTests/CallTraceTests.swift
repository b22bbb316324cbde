import Crypto
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A real call's story, from the real daemon: its ladder, its media, and a capture in which nothing is that opens anything.
@Suite(.serialized) struct CallTraceTests {
    private static let token = "quan-tri-theo-doi"
    private static var sha256: String {
        SHA256.hash(data: Data(token.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    @Test func aCallIsToldFromItsFirstMessageOnAndItsKeysAreNot() async throws {
        try await TestSite.with({
            $0.rooms = ["{id: giaoban, title: Giao ban, linger: 1s}"]
            $0.tokens = [(role: "administrator", sha256: Self.sha256)]
        }) { site in
            let daemon = site.daemon
            let point = try KeyedPoint(TestSite.points[0], of: daemon, try .init(.sdes, checks: true))
            let meeting = try await daemon.waitForMedia(of: 1, packets: 50)
            func causeway(_ arguments: String...) async throws -> String {
                let answer = try await daemon.causeway(arguments)
                #expect(answer.status == 0, "causeway \(arguments): \(answer.output)")
                return answer.output
            }
            let calls = try PortalJSON.decode(
                [TracedCallSummary].self, from: Data(try await causeway("trace", "--json").utf8))
            let call = try #require(calls.first)
            #expect(calls.count == 1 && call.point == "phuloc" && call.meeting == meeting.id && call.endedAt == nil)
            let story = try await causeway("trace", call.callID)
            for word in [
                "INVITE sip:giaoban@", "401 Unauthorized", "(2 INVITE)  application/sdp", "200 OK", "ACK sip:", "──▶",
                meeting.id,
                "audio", "PCMA", "keys: sdes AEAD_AES_128_GCM",
            ] { #expect(story.contains(word), "\(word): \(story)") }
            try point.hangUp()
            let over = try await causeway("trace", call.id)
            #expect(over.contains("BYE sip:") && over.contains("ended ") && over.contains(meeting.id), "\(over)")

            let (blank, whole) = (site.folder + "/blank.pcapng", site.folder + "/whole.pcapng")
            _ = try await causeway("trace", "--pcapng", blank)
            let answer = String(decoding: point.call.answer, as: UTF8.self)
            let secrets = answer.matches(of: /inline:([A-Za-z0-9+\/=]+)|ice-pwd:([A-Za-z0-9+\/]+)/).map {
                Data(($0.1 ?? $0.2 ?? "").utf8)
            }
            #expect(secrets.count >= 2)
            let given = try Data(contentsOf: URL(fileURLWithPath: blank))
            for secret in secrets { #expect(given.range(of: secret) == nil) }
            #expect(String(decoding: given, as: UTF8.self).contains("inline:xxxx"))
            #expect(String(decoding: given, as: UTF8.self).firstMatch(of: /response="[0-9a-f]/) == nil)

            // With keys for who has a name, and written down.
            #expect(try await daemon.causeway(["trace", call.id, "--pcapng", whole, "--with-keys"]).status == 4)
            let file = site.folder + "/token"
            try Data(Self.token.utf8).write(to: URL(fileURLWithPath: file))
            let remote = try await daemon.causeway(
                [
                    "trace", call.id, "--pcapng", whole, "--with-keys", "--server",
                    "https://\(daemon.host):\(daemon.httpsPort)",
                    "--token-file", file, "--ca", daemon.authority,
                ], isOffline: true)
            #expect(remote.status == 0, "\(remote.output)")
            let all = try Data(contentsOf: URL(fileURLWithPath: whole))
            for secret in secrets { #expect(all.range(of: secret) != nil) }
            let audit = try await causeway("audit", "list", "--action", "trace call with keys")
            #expect(
                audit.contains("administrator") && audit.contains(call.id) && audit.contains(meeting.id), "\(audit)")
            #expect(try await causeway("audit", "verify").contains("Whole"))
            #expect(try await daemon.causeway(["trace", "no-such-call"]).status == 4)
            if Tool.areInstalled("tshark") {
                let read = try await Tool.run(
                    "tshark", ["-r", whole, "-T", "fields", "-e", "sip.CSeq.method", "-e", "sip.Call-ID"])
                #expect(read.contains("INVITE") && read.contains("BYE") && read.contains(call.callID), "\(read)")
            }
        }
    }
}
