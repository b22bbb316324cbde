import Foundation
import InteropSupport
import Testing

/// Points that the bridge calls, moves and tells of each other, with real endpoints.
@Suite(.serialized, .enabled(if: Tool.areInstalled("baresip", "sox", "ffmpeg"), "baresip, sox or ffmpeg is missing"))
struct CallingTests {
    private static let points = TestSite.points.map(\.id)
    private static let rooms: @Sendable (inout RunningDaemon.Setup) -> Void = {
        $0.rooms.append("{id: phonghop, title: Phòng họp riêng, linger: 2s}")
    }

    /// Endpoints that register themselves, and answer by themselves.
    private func registered(_ site: TestSite, _ count: Int, tones: [Int]) async throws -> [Baresip] {
        var endpoints: [Baresip] = []
        for index in 0..<count {
            endpoints.append(
                try await site.endpoint(index, tone: tones[index]) {
                    $0.registrationInterval = 300
                    $0.domain = "127.0.0.1:\(site.daemon.tlsPort)"
                })
        }
        try await eventually("\(count) registrations") {
            try await site.daemon.status().bridge.pointsRegistered == count
        }
        return endpoints
    }

    @Test func theOfficeCallsAllPointsAndTheyHearEachOther() async throws {
        try await TestSite.with(Self.rooms) { site in
            let tones = [440, 1_000]
            let endpoints = try await registered(site, 2, tones: tones)
            let called = try await site.daemon.causeway(["meetings", "call", "giaoban"] + Self.points.prefix(2))
            #expect(called.status == 0, "\(called.output)")
            _ = try await site.daemon.waitForMedia(of: 2, packets: 250)
            let id = try #require(try await site.daemon.meetings().first?.id)
            _ = try await site.daemon.causeway(["meetings", "end", id])
            for endpoint in endpoints { try await endpoint.waitUntilHungUp() }
            for (index, endpoint) in endpoints.enumerated() {
                let heard = try await Sound(decoding: endpoint.heard()).slice(-2.5, 2)
                let other = heard.level(of: Double(tones[1 - index]))
                #expect(abs(other - -12.04) < 3, "\(endpoint.name) hears the other at \(other) dBFS")
                #expect(heard.level(of: Double(tones[index])) < -45)
            }
        }
    }

    @Test func aPointThatIsNotThereIsWrittenDownAsNotReached() async throws {
        try await TestSite.with(Self.rooms) { site in
            _ = try await registered(site, 1, tones: [440])
            let called = try await site.daemon.causeway(["meetings", "call", "giaoban"] + Self.points.prefix(2))
            #expect(called.status == 0, "\(called.output)")
            let meeting = try await site.daemon.waitForMedia(of: 1)
            _ = try await site.daemon.causeway(["meetings", "end", meeting.id])
            _ = try await site.daemon.waitUntilSealed(meeting.id)
            let events = try site.daemon.events(of: meeting.id)
            let missing = events.first { $0["event"] == "not-reached" }
            #expect(missing?["point"] == Self.points[1] && missing?["reason"] == "not registered")
            #expect(events.count { $0["event"] == "called" } == 2)
        }
    }

    /// baresip takes REFER: it calls the other room by itself.
    @Test func aPointIsSentToAnotherRoom() async throws {
        try await TestSite.with(Self.rooms) { site in
            let endpoint = try await site.endpoint(0, tone: 440)
            try await endpoint.dial(site.daemon.address(over: .tls))
            let meeting = try await site.daemon.waitForMedia(of: 1)
            let moved = try await site.daemon.causeway(["meetings", "move", meeting.id, Self.points[0], "phonghop"])
            #expect(moved.status == 0, "\(moved.output)")
            try await eventually("the point in the other room") {
                try await site.daemon.meetings().contains { meeting in
                    meeting.room == "phonghop"
                        && meeting.participants.contains { ($0.audio?.packetsReceived ?? 0) > 50 }
                }
            }
            try await eventually("nobody in the first room") {
                try await site.daemon.meetings().first { $0.room == "giaoban" }?.participants.isEmpty ?? true
            }
        }
    }

    /// Who asks for itself to be put into another room is called there.
    @Test func aPointAsksForAnotherRoomByTransfer() async throws {
        try await TestSite.with(Self.rooms) { site in
            let endpoint = try await registered(site, 1, tones: [440])[0]
            try await endpoint.dial(site.daemon.address(over: .tls))
            _ = try await site.daemon.waitForMedia(of: 1)
            try await endpoint.command("transfer", "sip:phonghop@causeway.test")
            try await eventually("the point in the other room") {
                try await site.daemon.meetings().contains { meeting in
                    meeting.room == "phonghop"
                        && meeting.participants.contains { ($0.audio?.packetsReceived ?? 0) > 50 }
                }
            }
        }
    }
}
