import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A meeting of eight points that is led: what each hears is measured, and its record compared to what was done.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct LedMeetingTests {
    private static let points = [
        RunningDaemon.Point("vanphong", "Văn phòng UBND tỉnh"), RunningDaemon.Point("soyte", "Sở Y tế"),
        RunningDaemon.Point("sotaichinh", "Sở Tài chính"), RunningDaemon.Point("phuloc", "Xã Phú Lộc"),
        RunningDaemon.Point("aluoi", "Xã A Lưới"), RunningDaemon.Point("namdong", "Xã Nam Đông"),
        RunningDaemon.Point("huongthuy", "Phường Hương Thủy"), RunningDaemon.Point("quangdien", "Xã Quảng Điền"),
    ]
    private static let tones = [440, 600, 760, 920, 1_080, 1_240, 1_400, 1_560]
    private static let ids = points.map(\.id)

    private static func registered(_ site: TestSite, _ index: Int) async throws -> Baresip {
        try await site.endpoint(of: points[index], tone: tones[index]) {
            $0.registrationInterval = 60
            $0.domain = "127.0.0.1:\(site.daemon.tlsPort)"
        }
    }

    private static func sitting(_ site: TestSite) async throws -> LedSitting {
        var endpoints: [Baresip] = []
        for index in points.indices { endpoints.append(try await registered(site, index)) }
        try await eventually("eight registrations", within: .seconds(30)) {
            try await site.daemon.status().bridge.pointsRegistered == points.count
        }
        let called = try await site.daemon.causeway(["meetings", "call", "hop"])
        #expect(called.status == 0, "\(called.output)")
        let meeting = try await site.daemon.waitForMedia(of: points.count)
        return LedSitting(daemon: site.daemon, meeting: meeting.id, endpoints: endpoints, tones: tones)
    }

    @Test func aMeetingOfEightPointsIsLedFromItsRollCallToItsEnd() async throws {
        let rooms = [
            "{id: hop, title: Họp tháng, linger: 20s, chair: vanphong, points: [\(Self.ids.joined(separator: ", "))], "
                + "microphones: muted, callBack: true}"
        ]
        try await TestSite.with({
            $0.points = Self.points
            $0.rooms = rooms
            $0.silenceLimit = "5s"
        }) { site in
            var sitting = try await Self.sitting(site)
            try await Self.rollCall(sitting)
            try await Self.microphones(sitting)
            try await Self.word(sitting)
            try await Self.sideRoom(sitting)
            try await Self.vote(sitting)
            try await Self.callBack(&sitting, of: site)
            try await Self.recording(sitting)
            try await sitting.order("close")
            for endpoint in sitting.endpoints { try await endpoint.waitUntilHungUp() }
            _ = try await site.daemon.waitUntilSealed(sitting.meeting)
            try Self.compare(try site.daemon.events(of: sitting.meeting))
        }
    }

    private static func rollCall(_ sitting: LedSitting) async throws {
        try await sitting.until("all to be on the roll with sound") { control in
            control.roll.count == points.count && control.roll.allSatisfy { $0.place == "hall" && $0.hasSound }
        }
        let control = try await sitting.control()
        #expect(control.roll.map(\.point) == ids, "in the order of protocol")
        #expect(control.roll.allSatisfy { $0.isExpected && !$0.hasPicture && $0.call == "answered" })
        #expect(control.roll.map(\.microphone) == ["open"] + Array(repeating: "muted", count: 7))
        #expect(control.chair == "vanphong" && control.recording == "off")
    }

    private static func microphones(_ sitting: LedSitting) async throws {
        try await sitting.expect(1, hears: [0], "hears the chair alone")
        try await sitting.expect(0, hears: [], "hears nobody")
        try await sitting.order("unmute", "sotaichinh")
        try await sitting.order("unmute", "phuloc")
        try await sitting.expect(1, hears: [0, 2, 3], "hears three")
        try await sitting.order("mute-all")
        try await sitting.expect(1, hears: [0], "hears the chair alone again")
    }

    private static func word(_ sitting: LedSitting) async throws {
        try await sitting.endpoints[4].press("*5")
        try await sitting.until("the hand of A Lưới") { $0.queue.map(\.point) == ["aluoi"] }
        try await sitting.endpoints[3].press("*5")
        try await sitting.until("the hand of Phú Lộc") { $0.queue.map(\.point) == ["aluoi", "phuloc"] }
        // The chair gives the word to the first by keys.
        try await sitting.endpoints[0].press("*002")
        try await sitting.until("the word of A Lưới") {
            $0.speech?.point == "aluoi" && $0.spotlight == "aluoi" && $0.queue.map(\.point) == ["phuloc"]
        }
        try await sitting.expect(7, hears: [0, 4], "hears the chair and who has the word")
        try await sitting.order("speak", "phuloc", "--for", "90s")
        try await sitting.expect(7, hears: [0, 3], "hears the next")
        try await sitting.order("end-speech")
        try await sitting.expect(7, hears: [0], "hears the chair alone")
        // Nobody but the chair's point leads by keys.
        try await sitting.endpoints[1].press("*099")
    }

    private static func sideRoom(_ sitting: LedSitting) async throws {
        for point in ["namdong", "huongthuy"] { try await sitting.order("aside", point, "riêng") }
        try await sitting.expect(5, hears: [6], "hears the other of the side room alone")
        try await sitting.expect(6, hears: [5], "hears the other of the side room alone")
        try await sitting.expect(1, hears: [0], "hears nothing of the side room")
        for point in ["namdong", "huongthuy"] { try await sitting.order("recall", point) }
        try await sitting.expect(5, hears: [0], "is back, and muted")
    }

    private static func vote(_ sitting: LedSitting) async throws {
        try await sitting.order("vote open", "Thông qua nghị quyết?")
        for (index, key) in [(1, "1"), (2, "1"), (3, "2"), (4, "3"), (1, "2")] {
            try await sitting.endpoints[index].press(key)
        }
        try await sitting.until("four ballots") { $0.vote?.cast == 4 }
        try await sitting.order("vote close")
        let result = try #require(try await sitting.control().votes.first)
        #expect((result.votesFor, result.votesAgainst, result.abstentions, result.notVoted) == (2, 1, 1, 4))
        #expect(result.ballots["soyte"] == "for" && result.ballots["aluoi"] == "abstain")
    }

    /// A point is killed while its microphone is open and its hand is up, and starts anew.
    private static func callBack(_ sitting: inout LedSitting, of site: TestSite) async throws {
        try await sitting.order("unmute", "quangdien")
        try await sitting.endpoints[7].press("*5")
        try await sitting.until("the hand of Quảng Điền") { $0.queue.map(\.point) == ["quangdien"] }
        sitting.endpoints[7].process.signal(SIGKILL)
        try await sitting.until("the point to be missed, and called") { control in
            control.roll.last.map { $0.presentSince == nil && ($0.call == "ringing" || $0.call == "waiting") } ?? false
        }
        sitting.endpoints[7] = try await registered(site, 7)
        try await sitting.until("the point to be called back") { control in
            control.roll.last.map { $0.place == "hall" && $0.microphone == "open" && $0.reconnections == 1 } ?? false
        }
        #expect(try await sitting.control().queue.map(\.point) == ["quangdien"])
        try await sitting.expect(1, hears: [0, 7], "hears who came back with its microphone open")
    }

    private static func recording(_ sitting: LedSitting) async throws {
        try await sitting.order("record start", "--reason", "biên bản")
        try await sitting.order("record pause", "--reason", "giải lao")
        let twice = try await sitting.daemon.causeway(
            ["meetings", "record", "pause", sitting.meeting, "--reason", "x"])
        #expect(twice.status != 0 && twice.output.contains("so already"), "\(twice.output)")
        try await sitting.order("record resume", "--reason", "họp tiếp")
        try await sitting.order("record stop", "--reason", "xong")
        #expect(try await sitting.control().recording == "stopped")
    }

    private static func compare(_ events: [[String: String]]) throws {
        let names = events.compactMap { $0["event"] }
        func count(_ name: String) -> Int { names.count { $0 == name } }
        #expect(count("joined") == 9 && count("dropped") == 1)
        #expect(count("unmuted") == 3 && count("muted-all") == 1)
        #expect(count("hand-raised") == 3 && count("word-given") == 2 && count("word-ended") == 2)
        #expect(count("moved-aside") == 2 && count("recalled") == 2)
        #expect(count("ballot") == 4 && count("vote-opened") == 1 && count("vote-closed") == 1)
        let led = [
            "opened", "muted-all", "word-given", "moved-aside", "recalled", "vote-opened", "vote-closed", "dropped",
            "recording-ordered", "recording-started", "recording-paused", "recording-resumed", "recording-stopped",
            "closed",
        ]
        let firsts = led.compactMap { names.firstIndex(of: $0) }
        #expect(firsts.count == led.count && firsts == firsts.sorted(), "\(names)")
        let pause = events.first { $0["event"] == "recording-paused" }
        #expect(pause?["reason"] == "giải lao" && pause?["by"] == "local administrator")
        #expect(events.first { $0["event"] == "word-given" }?["by"] == "vanphong")
        #expect(events.last { $0["event"] == "closed" }?["cause"] == "ended")
    }
}
