import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A room across two bridges: real daemons, between which its points are divided, and real endpoints on both.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct TrunkTests {
    private static let tones = [440, 1_000, 2_100]
    private static let films = [
        "testsrc2=size=352x288:rate=25", "mandelbrot=size=352x288:rate=25", "testsrc=size=352x288:rate=25",
    ]
    private static let room =
        "{id: giaoban, title: Giao ban tuần, linger: 2s, chair: phuloc, points: [phuloc, soyte, aluoi], "
        + "recording: {order: standing, orderedBy: Chánh Văn phòng, document: 12/QĐ-VP}}"

    /// Both bridges, of which the first leads the room.
    private struct Pair {
        var home: TestSite
        var branch: TestSite
        var homeSetUp: @Sendable (inout RunningDaemon.Setup) -> Void
    }

    private static func with(room: String = room, _ body: (Pair) async throws -> Void) async throws {
        let ports = [try FreePorts.run(of: 5), try FreePorts.run(of: 5)]
        let secret = FileManager.default.temporaryDirectory.appendingPathComponent("cw-trunk-\(UUID().uuidString)").path
        try Data("bi-mat-cua-hai-cau-truyen-hinh\n".utf8).write(to: URL(fileURLWithPath: secret))
        defer { try? FileManager.default.removeItem(atPath: secret) }
        func setUp(_ index: Int) -> @Sendable (inout RunningDaemon.Setup) -> Void {
            let names = ["mot", "hai"]
            let (own, other) = (names[index], names[1 - index])
            let (port, far) = (ports[index], ports[1 - index])
            return {
                $0.ports = port
                $0.rooms = [room]
                $0.silenceLimit = "8s"
                $0.sections = """
                    trunks:
                      name: \(own)
                      secretFile: \(secret)
                      bridges: [{name: \(other), address: 'sip:127.0.0.1:\(far);transport=tls'}]
                      homes: [{room: giaoban, bridge: mot}]
                    """
            }
        }
        try await TestSite.with(setUp(0)) { home in
            try await TestSite.with(setUp(1)) { branch in
                try await body(Pair(home: home, branch: branch, homeSetUp: setUp(0)))
            }
        }
    }

    /// The first point calls the home, the others the branch.
    private static func sitting(
        _ pair: Pair, film: Bool = false
    ) async throws -> LedSitting {
        var endpoints: [Baresip] = []
        for index in 0..<3 {
            let site = index == 0 ? pair.home : pair.branch
            let endpoint = try await site.endpoint(index, tone: tones[index], film: film ? films[index] : nil)
            try await endpoint.dial(site.daemon.address())
            endpoints.append(endpoint)
        }
        try await eventually("the three to be heard at the home", within: .seconds(40)) {
            let meeting = try await pair.home.daemon.meetings().first
            return meeting?.participants.count { ($0.audio?.packetsReceived ?? 0) > 50 } == 3
        }
        let meeting = try #require(try await pair.home.daemon.meetings().first)
        return LedSitting(daemon: pair.home.daemon, meeting: meeting.id, endpoints: endpoints, tones: tones)
    }

    @Test func allHearEachOtherAndTheHomeLeadsAndRecordsAll() async throws {
        try await Self.with { pair in
            let sitting = try await Self.sitting(pair)
            for listener in 0..<3 {
                try await sitting.expect(listener, hears: Set(0..<3).subtracting([listener]), "hears the others")
            }
            let control = try await sitting.control()
            #expect(control.roll.map(\.point) == ["phuloc", "soyte", "aluoi"], "in the order of protocol")
            #expect(control.roll.allSatisfy { $0.place == "hall" && $0.hasSound })
            #expect(try await pair.branch.daemon.meetings().isEmpty, "one meeting, at its home")

            // The chair mutes a point of the branch: nobody hears it, there neither.
            try await sitting.order("mute", "soyte")
            try await sitting.expect(0, hears: [2], "hears the other of the branch alone")
            try await sitting.expect(2, hears: [0], "hears nothing of its neighbour that is muted")
            try await sitting.order("unmute", "soyte")
            try await sitting.expect(2, hears: [0, 1], "hears both again")
            // A key of the branch's, in its sound.
            try await sitting.endpoints[1].press("*5")
            try await sitting.until("the hand of Sở Y tế") { $0.queue.map(\.point) == ["soyte"] }
            // To a side room, in which nobody else is.
            try await sitting.order("aside", "aluoi", "riêng")
            try await sitting.expect(2, hears: [], "hears nobody")
            try await sitting.expect(1, hears: [0], "hears nothing of the side room")
            try await sitting.order("recall", "aluoi")
            try await sitting.expect(0, hears: [1, 2], "hears both again")

            try await sitting.order("remove", "aluoi", "--reason", "sai phòng")
            try await sitting.endpoints[2].waitUntilHungUp()
            try await sitting.order("end")
            for endpoint in sitting.endpoints.dropLast() { try await endpoint.waitUntilHungUp() }
            let recording = try await pair.home.daemon.waitUntilSealed(sitting.meeting)
            #expect(recording.summary.state == "sealed")
            #expect(Set(recording.participants.map(\.point)) == ["phuloc", "soyte", "aluoi"])
            let package = try #require(
                FileManager.default.enumerator(atPath: pair.home.daemon.archive + "/packages")?
                    .compactMap { $0 as? String }.first { $0.hasSuffix("data/master.mkv") })
            var found: Set<Int> = []
            for track in 0..<3 {
                let sound = try await Sound(decoding: pair.home.daemon.archive + "/packages/" + package, track: track)
                let second = sound.slice(2, 1)
                for (index, tone) in Self.tones.enumerated() where second.level(of: Double(tone)) > -20 {
                    found.insert(index)
                }
            }
            #expect(found == [0, 1, 2], "a track for each")
        }
    }

    @Test func allSeeEachOther() async throws {
        try await Self.with { pair in
            let sitting = try await Self.sitting(pair, film: true)
            let gallery = try await FilmGallery(Self.films)
            for (listener, speaker) in [(0, 1), (1, 0), (0, 2), (2, 0)] {
                try await sitting.order("spotlight", Self.ids[speaker])
                try await eventually("\(Self.ids[listener]) to see \(Self.ids[speaker])", within: .seconds(20)) {
                    let view = try await gallery.view(of: sitting.endpoints[listener])
                    return view.film == speaker && view.likenesses[speaker] > FilmGallery.whole
                }
            }
        }
    }

    private static let ids = ["phuloc", "soyte", "aluoi"]

    @Test func whomTheHomeDoesNotLetInIsRefusedWhereItCalls() async throws {
        let room = "{id: giaoban, title: Giao ban tuần, points: [phuloc, soyte]}"
        try await Self.with(room: room) { pair in
            let stranger = try await pair.branch.endpoint(2, tone: 440)
            let refusal = await #expect(throws: Baresip.CallRefused.self) {
                try await stranger.dial(pair.branch.daemon.address())
            }
            #expect(refusal?.reason.contains("403") == true, "\(refusal?.reason ?? "entered")")
        }
    }

    /// Whoever sits elsewhere stays there and hears its neighbours, and is in the meeting again when its home is back.
    @Test func pointsOfABranchOutliveTheirHome() async throws {
        try await Self.with { pair in
            let sitting = try await Self.sitting(pair)
            try await sitting.expect(2, hears: [0, 1], "hears both")
            pair.home.daemon.process.signal(SIGKILL)
            _ = try await pair.home.daemon.process.wait(within: .seconds(5))
            try await sitting.expect(2, hears: [1], "hears its neighbour alone")
            try await pair.home.restart(pair.homeSetUp)
            let id = sitting.meeting
            try await eventually("both in the meeting again", within: .seconds(20)) {
                let meeting = try await pair.home.daemon.meetings().first { $0.id == id }
                let points = meeting?.participants.filter { ($0.audio?.packetsReceived ?? 0) > 20 }.map(\.point) ?? []
                return Set(points).isSuperset(of: ["soyte", "aluoi"])
            }
            let calls = try pair.home.daemon.events(of: id)
            #expect(calls.count { $0["event"] == "joined" && $0["reconnection"] == "true" } >= 2)
        }
    }
}
