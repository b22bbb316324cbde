import Foundation
import InteropSupport
import PortalAPI
import Testing

/// The real daemon begins again in the middle of a meeting, and real endpoints are back in it.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct RestartTests {
    private static let tones = [440, 1_000, 2_100]

    /// Two endpoints that registered, and one that only called, all in one meeting, which its chair's commands led.
    @Test(arguments: [SIGKILL, SIGTERM]) func pointsAreBackInTheSameMeetingWithinFiveSeconds(end: Int32) async throws {
        let ports = try FreePorts.run(of: 5)
        let setUp: @Sendable (inout RunningDaemon.Setup) -> Void = {
            $0.ports = ports
            $0.allowsClearMedia = true
        }
        try await TestSite.with(setUp) { site in
            var endpoints: [Baresip] = []
            for index in 0..<3 {
                endpoints.append(
                    try await site.endpoint(index, tone: Self.tones[index]) {
                        $0.transport = .udp
                        $0.security = .clear
                        $0.registrationInterval = index < 2 ? 300 : 0
                        $0.domain = "127.0.0.1:\(site.daemon.sipPort)"
                    })
            }
            try await eventually("two registrations") {
                try await site.daemon.status().bridge.pointsRegistered == 2
            }
            for endpoint in endpoints { try await endpoint.dial(site.daemon.address(over: .udp)) }
            let before = try await site.daemon.waitForMedia(of: 3, packets: 150)
            let id = before.id
            func order(_ words: String...) async throws {
                let answer = try await site.daemon.causeway(["meetings"] + words)
                #expect(answer.status == 0, "\(answer.output)")
            }
            try await order("lock", id)
            try await order("mute", id, "soyte")
            let kept = site.daemon.archive + "/running/\(id).json"
            // What was ordered last is kept within a moment.
            try await eventually("the meeting to be kept") {
                let text = try String(contentsOfFile: kept, encoding: .utf8)
                return text.contains("\"isLocked\":true") && text.contains("\"muted\"")
            }
            site.daemon.process.signal(end)
            let ended = Date()
            let status = try await site.daemon.process.wait(within: .seconds(12))
            #expect(status == (end == SIGTERM ? 0 : -SIGKILL))
            let package = try #require(
                FileManager.default.enumerator(atPath: site.daemon.archive + "/packages")?
                    .compactMap { $0 as? String }.first { $0.hasSuffix("data/master.mkv") })
            let master = site.daemon.archive + "/packages/" + package
            let first = try await Sound(decoding: master, track: 0)
            #expect(first.duration > 2)

            try await site.restart(setUp)
            let began = ContinuousClock.now
            try await eventually("three points in the same meeting", within: .seconds(15)) {
                let meeting = try await site.daemon.meetings().first
                return meeting?.id == id && meeting?.participants.count { ($0.audio?.packetsReceived ?? 0) > 10 } == 3
            }
            let took = ContinuousClock.now - began
            #expect(took < .seconds(5), "\(took)")
            let control = try await site.daemon.control(of: id)
            #expect(control.isLocked && control.recording == "running")
            #expect(control.roll.first { $0.point == "soyte" }?.microphone == "muted")
            #expect(control.roll.first { $0.point == "phuloc" }?.microphone == "open")
            _ = try await site.daemon.waitForMedia(of: 3, packets: 250)
            // Who is muted is heard no more; the others hear each other.
            let heard = try await Sound(decoding: endpoints[2].heard()).slice(-2.5, 2)
            #expect(abs(heard.level(of: 440) - -12.04) < 4, "\(heard.level(of: 440)) dBFS")
            #expect(heard.level(of: 1_000) < -40, "\(heard.level(of: 1_000)) dBFS")

            try await order("end", id)
            let recording = try await site.daemon.waitUntilSealed(id)
            #expect(recording.summary.state == "sealed")
            let events = try site.daemon.events(of: id)
            #expect(events.count { $0["event"] == "left" && $0["reason"] == "restart" } == 3)
            #expect(events.count { $0["event"] == "resumed" } == 1)
            #expect(events.count { $0["event"] == "joined" && $0["reconnection"] == "true" } == 3)
            #expect(events.count { $0["event"] == "called" && $0["by"] == "restart" } == 3)
            #expect(Set(events.compactMap { $0["event"] == "joined" ? $0["participant"] : nil }).count == 6)
            #expect(recording.participants.allSatisfy { $0.reconnects == 1 })
            // One master, with both halves and the time between them.
            let data = (master as NSString).deletingLastPathComponent
            #expect(!FileManager.default.fileExists(atPath: data + "/master-2.mkv"))
            let length = Double(try #require(recording.summary.durationMilliseconds)) / 1_000
            #expect(length > ended.timeIntervalSince(before.openedAt) + 4, "\(length)")
            let film = try await Sound(decoding: data + "/access.webm")
            #expect(abs(film.duration - length) < 1, "\(film.duration) of \(length) s")
            for half in [film.slice(1, 1), film.slice(-2, 1)] {
                #expect(half.level(of: 440) > -30, "\(half.level(of: 440)) dBFS")
            }
            #expect(try await site.daemon.causeway(["recordings", "verify", id]).status == 0)
            #expect(!FileManager.default.fileExists(atPath: kept))
        }
    }

    /// Its connection went with the daemon: it is called as soon as it registers again.
    @Test func aPointThatRegistersLaterIsCalledThen() async throws {
        let ports = try FreePorts.run(of: 5)
        let setUp: @Sendable (inout RunningDaemon.Setup) -> Void = { $0.ports = ports }
        try await TestSite.with(setUp) { site in
            func endpoint() async throws -> Baresip {
                try await site.endpoint(0, tone: 440) {
                    $0.registrationInterval = 300
                    $0.domain = "127.0.0.1:\(site.daemon.tlsPort)"
                }
            }
            let first = try await endpoint()
            try await first.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1)
            site.daemon.process.signal(SIGKILL)
            _ = try await site.daemon.process.wait(within: .seconds(5))
            await first.stop()
            try await site.restart(setUp)
            try await eventually("the first attempt to fail") {
                try site.daemon.events(of: meeting.id).contains { $0["event"] == "not-reached" }
            }
            _ = try await endpoint()
            let back = try await site.daemon.waitForMedia(of: 1)
            #expect(back.id == meeting.id)
        }
    }

    @Test func drainedTheBridgeBeginsNoMeetingAndTheCommandEndsWithTheLast() async throws {
        try await TestSite.with({ $0.rooms.append("{id: kin, title: Họp khác}") }) { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address())
            let meeting = try await site.daemon.waitForMedia(of: 1)
            let program = try RunningDaemon.binaries() + "/causeway"
            let drain = try ChildProcess(
                program, ["drain", "--socket", site.daemon.socketPath], log: site.folder + "/drain.log")
            try await eventually("what is left") { drain.logText.contains("1 meeting left, 1 point in it") }
            let drained = try #require(try await site.daemon.status().bridge.drain)
            #expect(drained.by == "local administrator")
            #expect(try await site.daemon.causeway(["status"]).output.contains("no meeting is begun, since"))

            // Into the meeting points still come, elsewhere they are told to try again.
            let other = try await site.endpoint(1, tone: 1_000)
            let refusal = await #expect(throws: Baresip.CallRefused.self) {
                try await other.dial(site.daemon.address(of: "kin"))
            }
            #expect(refusal?.reason.contains("503") == true, "\(refusal?.reason ?? "entered")")
            try await other.dial(site.daemon.address())
            _ = try await site.daemon.waitForMedia(of: 2)
            #expect(drain.logText.contains("2 points in it"))

            let back = try await site.daemon.causeway(["drain", "--cancel"])
            #expect(back.status == 0)
            #expect(try await drain.wait(within: .seconds(5)) == 4, "who waits is told")
            let third = try await site.endpoint(2, tone: 2_100)
            try await third.dial(site.daemon.address(of: "kin"))
            try await eventually("two meetings") { try await site.daemon.meetings().count == 2 }

            let again = try ChildProcess(
                program, ["drain", "--socket", site.daemon.socketPath], log: site.folder + "/again.log")
            try await eventually("two are left") { again.logText.contains("2 meetings left, 3 points in them") }
            for live in try await site.daemon.meetings() {
                #expect(try await site.daemon.causeway(["meetings", "end", live.id]).status == 0)
            }
            #expect(try await again.wait(within: .seconds(5)) == 0)
            #expect(again.logText.contains("no meeting is left"))
            let journal = try await Tool.run(
                "curl", ["-sS", "--unix-socket", site.daemon.socketPath, "http://localhost/api/v1/journal"])
            for deed in ["\"drain\"", "\"cancel drain\""] { #expect(journal.contains(deed), "\(journal)") }
            #expect(journal.contains("1 meetings, 1 points"))
            _ = meeting
        }
    }
}
