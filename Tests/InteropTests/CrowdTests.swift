import Foundation
import InteropSupport
import PortalAPI
import Testing

/// Very many points at once, and the real daemon.
@Suite(.serialized)
struct CrowdTests {
    private static let points = (0..<200).map { RunningDaemon.Point("diem\($0)", "Điểm \($0)") }

    /// Each signs in and is let in; none sends or gets media, for what is looked at is who is known to be there.
    private static func dial(_ site: TestSite) async throws -> [SIPCaller] {
        let line = try ToneLine(speaking: [440])
        defer { line.end() }
        let offer = Witness.description(
            line, at: site.daemon.host, media: Witness.audio(line.port, direction: "inactive"))
        let (port, host) = (site.daemon.sipPort, site.daemon.host)
        return try await withThrowingTaskGroup(of: [SIPCaller].self) { group in
            for part in 0..<4 {
                group.addTask {
                    try points[(part * 50)..<(part * 50 + 50)].map { point in
                        try SIPCaller(point, room: "lon", port: port, at: host, offer: offer)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    @Test func twoHundredPointsComeWithinTenSecondsAndNoEventIsLost() async throws {
        try await TestSite.with({
            $0.points = Self.points
            $0.rooms = ["{id: lon, title: Hội nghị toàn tỉnh, linger: 1s}"]
            $0.clearListeners = [.udp]
            $0.silenceLimit = "60s"
        }) { site in
            let began = ContinuousClock.now
            let callers = try await Self.dial(site)
            let took = ContinuousClock.now - began
            #expect(callers.count == 200 && took < .seconds(10), "it took \(took)")

            let meeting = try #require(try await site.daemon.meetings().first)
            #expect(meeting.participants.count == 200)
            let control = try await site.daemon.control(of: meeting.id)
            #expect(Set(control.roll.filter { $0.place == "hall" }.map(\.point)) == Set(Self.points.map(\.id)))

            for caller in callers { try caller.hangUp() }
            try await eventually("the meeting to end") { try await site.daemon.meetings().isEmpty }
            let recording = try await site.daemon.waitUntilSealed(meeting.id)
            #expect(recording.summary.state == "sealed")
            let events = try site.daemon.events(of: meeting.id)
            func points(_ name: String) -> [String] {
                events.filter { $0["event"] == name }.compactMap { $0["point"] }.sorted()
            }
            let all = Self.points.map(\.id).sorted()
            #expect(points("joined") == all && points("left") == all, "each once")
        }
    }
}
