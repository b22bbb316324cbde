import Codecs
import Layout
import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Cameras of others in lines of their own, for a point that arranges them itself.
@Suite(.serialized) struct PaneTests {
    private static let colours = [
        YUVColor(red: 200, green: 30, blue: 30), YUVColor(red: 30, green: 180, blue: 40),
        YUVColor(red: 30, green: 40, blue: 210),
    ]

    /// A point with panes, and three with cameras of which the first speaks.
    private final class Meeting {
        let room: TestRoom
        let seat: TestRoom.Seat
        let panes: [TestEndpoint]
        let watchers: [Watcher]
        let main: Watcher
        private(set) var others: [WatchingPoint] = []
        private var cameras: [ColourCamera] = []
        private var frame = 0

        init() async throws {
            room = try TestRoom()
            let audio = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
            let video = try TestEndpoint(.vp8, payloadType: 104, suite: .aeadAES128GCM, onTransportOf: audio)
            panes = try (0..<3).map {
                try TestEndpoint(.vp8, payloadType: UInt8(120 + $0), suite: .aeadAES128GCM, onTransportOf: audio)
            }
            seat = try await room.join(audio: audio, video: video, panes: panes)
            main = try Watcher(video)
            watchers = try panes.map { try Watcher($0) }
            for index in 0..<3 {
                let point = try await WatchingPoint(in: room, number: index)
                point.video.keepsSent = true
                others.append(point)
                cameras.append(
                    try ColourCamera(
                        point.video, to: point.port, left: PaneTests.colours[index], right: PaneTests.colours[index],
                        width: 320, height: 180, bitsPerSecond: 250_000))
            }
        }

        func live(frames: Int) throws {
            try room.pace(frames: frames) { _ in
                frame += 1
                if frame.isMultiple(of: 2) { for camera in cameras { try camera.shoot() } }
                for (index, point) in others.enumerated() { try point.live(frame, speaks: index == 0 || frame < 10) }
                main.look()
                for watcher in watchers { watcher.look() }
            }
        }

        func live(until isRight: () -> Bool) throws {
            for _ in 0..<40 where !isRight() { try live(frames: 10) }
            #expect(isRight())
        }

        func set(_ use: PaneUse, _ shown: [Int?]) throws {
            try room.plane.setPanes(use, shown.map { $0.map { others[$0].leg } }, of: seat.reservation.id)
        }
    }

    private static func shows(_ watcher: Watcher, _ index: Int) -> Bool {
        guard let last = watcher.shown.last else { return false }
        return last.width == 320 && last.left.distance(to: colours[index]) < 24
    }

    @Test func aPointWithPanesGetsTheStreamsThemselvesAndNothingComposed() async throws {
        let meeting = try await Meeting()
        let plane = meeting.room.plane
        try plane.setLayout(.gallery(.precedence), for: meeting.seat.reservation.id)
        // As long as it makes nothing of its panes, it gets what others get.
        try meeting.live { meeting.main.shown.last?.width == 1_280 }
        #expect(plane.studioStatistics.encoders > 0 && meeting.watchers.allSatisfy { $0.shown.isEmpty })

        try meeting.set(.alone, [2, 0, nil])
        try meeting.live { Self.shows(meeting.watchers[0], 2) && Self.shows(meeting.watchers[1], 0) }
        #expect(meeting.watchers[2].shown.isEmpty)
        let shownBefore = meeting.main.shown.count
        try meeting.live(frames: 50)
        #expect(meeting.main.shown.count <= shownBefore + 1, "the main picture is not looked at, and sent")
        // What came is what was sent, but for the numbers in the payload descriptor (RFC 7741 §4.2).
        for (pane, sender) in [(0, 2), (1, 0)] {
            let sent = Set(meeting.others[sender].video.sentPayloads.map { Array($0.dropFirst(8)) })
            let got = meeting.panes[pane].received.filter { $0.info.payloadType == meeting.panes[pane].payloadType }
            #expect(got.count > 20 && got.allSatisfy { sent.contains(Array($0.payload.dropFirst(8))) })
            #expect(Set(got.map(\.info.ssrc)).count == 1)
        }
        try meeting.live { plane.studioStatistics.encoders == 0 }

        // One pane shows somebody else, beside the main picture, which is the speaker's as it comes.
        try meeting.set(.beside, [2, 1, nil])
        try meeting.live { Self.shows(meeting.watchers[1], 1) && Self.shows(meeting.main, 0) }
        #expect(meeting.watchers.allSatisfy { $0.broken == 0 } && plane.studioStatistics.encoders == 0)

        // Who is elsewhere is not to be seen, nor is who left.
        let aside = try plane.openRoom(beside: meeting.room.room)
        try plane.moveLeg(meeting.others[2].leg, to: aside)
        var seen = -1
        try meeting.live {
            defer { seen = meeting.panes[0].received.count }
            return seen == meeting.panes[0].received.count
        }
        _ = await plane.removeLeg(meeting.others[1].leg)
        try meeting.live(frames: 10)
        try meeting.set(.alone, [1, 2, 0])
        try meeting.live { Self.shows(meeting.watchers[2], 0) }

        // And composed again.
        try meeting.set(.none, [0, 0, 0])
        try meeting.live { meeting.main.shown.last?.width == 1_280 }
    }
}
