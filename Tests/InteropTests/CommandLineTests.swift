import Foundation
import InteropSupport
import PortalAPI
import Testing

/// The command `causeway` against the real daemon: tables for people, JSON for machines, exit statuses for scripts.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct CommandLineTests {
    @Test func everyCommandHasATableAndJSON() async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1)
            func causeway(_ arguments: String...) async throws -> String {
                let answer = try await site.daemon.causeway(arguments)
                #expect(answer.status == 0, "causeway \(arguments): \(answer.output)")
                return answer.output
            }
            func decoded<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
                try PortalJSON.decode(type, from: Data(text.utf8))
            }

            let status = try await causeway("status")
            for word in [
                "tls 127.0.0.1:\(site.daemon.tlsPort)", "udp 127.0.0.1:\(site.daemon.sipPort)", "1 in progress",
                "3 configured",
            ] {
                #expect(status.contains(word), "\(status)")
            }
            let bridge = try decoded(SystemStatus.self, await causeway("status", "--json")).bridge
            #expect(bridge.liveMeetings == 1 && bridge.participants == 1 && bridge.listeners.count == 5, "\(bridge)")

            let table = try await causeway("meetings")
            for word in ["Giao ban tuần", meeting.id, "● recording", "▶", "Ủy ban nhân dân xã Phú Lộc", "opus"] {
                #expect(table.contains(word), "\(table)")
            }
            let live = try decoded([LiveMeeting].self, await causeway("meetings", "--json"))
            #expect(live.first?.speaker == "phuloc")
            #expect(live.first?.participants.first?.audio?.packetsLost == 0)

            let running = try await causeway("recordings", "list")
            #expect(running.contains(meeting.id) && running.contains("recording"), "\(running)")
            try await endpoint.hangUp()
            _ = try await site.daemon.waitUntilSealed(meeting.id)

            let page = try decoded(RecordingPage.self, await causeway("recordings", "list", "--json"))
            #expect(page.recordings.map(\.state) == ["sealed"])
            #expect(try await causeway("recordings", "list", "--text", "giao ban tuan").contains(meeting.id))
            #expect(try await causeway("recordings", "list", "--room", "khongco") == "No recording matches.\n")
            let shown = try await causeway("recordings", "show", meeting.id)
            for word in ["sealed", "master.mkv", "access.webm", "phuloc", site.daemon.archive] {
                #expect(shown.contains(word), "\(shown)")
            }
            let verified = try await causeway("recordings", "verify", meeting.id)
            #expect(verified.contains("is intact"), "\(verified)")
            #expect(
                try decoded(VerificationOutcome.self, await causeway("recordings", "verify", meeting.id, "--json"))
                    .isIntact)

            // The index gets a meeting once it is sealed.
            var found = ""
            let deadline = ContinuousClock.now + .seconds(20)
            while !found.contains(meeting.id), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
                found = try await causeway("search", "\"giao ban tuan\"", "phu loc")
            }
            #expect(found.contains("Giao ban tuần") && found.contains("Phú Lộc"), "\(found)")
            let answer = try decoded(
                SearchAnswer.self, await causeway("search", "phú lộc", "--kind", "speech", "--json"))
            #expect(answer.meetings.first?.passages.first?.beginMilliseconds != nil, "\(answer)")
            #expect(try await causeway("search", "khongco").contains("Nothing was found."))

            let target = site.folder + "/got"
            _ = try await causeway("recordings", "get", meeting.id, "--file", "all", "--output", target, "--json")
            let names = try FileManager.default.contentsOfDirectory(atPath: target)
            #expect(
                names.contains("data") && names.contains("seal") && names.contains("manifest-sha512.txt"),
                "\(names)")
            try await Tool.run(
                "sh", ["-c", "cd '\(target)' && sha512sum --quiet -c manifest-sha512.txt tagmanifest-sha512.txt"])
            // Without the daemon, by the key and the ledger alone.
            await site.daemon.stop()
            let proved = try await site.daemon.causeway(
                [
                    "verify-package", target, "--key", site.daemon.archive + "/keys/seal.pub.pem", "--ledger",
                    site.daemon.archive + "/ledger.jsonl",
                ], isOffline: true)
            #expect(proved.status == 0 && proved.output.contains("Intact"), "\(proved.output)")
        }
    }

    @Test func aScriptCanTellWhatWentWrong() async throws {
        try await TestSite.with { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1)
            #expect(try await site.daemon.causeway(["meetings", "end", "khongco"]).status == 4)
            #expect(try await site.daemon.causeway(["recordings", "show", "khongco"]).status == 4)
            #expect(try await site.daemon.causeway(["recordings", "list", "--limit", "many"]).status != 0)
            #expect(try await site.daemon.causeway(["meetings", "end", meeting.id]).status == 0)
            try await endpoint.waitUntilHungUp()
            let recording = try await site.daemon.waitUntilSealed(meeting.id)

            // One bit of the master's sound, as a disk or a hand might change it; the head is larger than this meeting.
            let master = try #require(recording.directory) + "/data/master.mkv"
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: master))
            let end = try file.seekToEnd()
            try file.seek(toOffset: end - 2_000)
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: end - 2_000)
            try file.write(contentsOf: Data([byte ^ 1]))
            try file.close()
            let verdict = try await site.daemon.causeway(["recordings", "verify", meeting.id])
            #expect(verdict.status == 1)
            #expect(verdict.output.contains("DAMAGED") && verdict.output.contains("CHANGED"), "\(verdict.output)")
            #expect(verdict.output.contains("of the recording"), "\(verdict.output)")
            #expect(try await site.daemon.recording(meeting.id).summary.isIntact == false)

            await site.daemon.stop()
            let gone = try await site.daemon.causeway(["status"])
            #expect(gone.status == 3)
            #expect(gone.output.split(separator: "\n").count == 1, "\(gone.output)")
        }
    }
}
