import Codecs
import RTP
import SRTP
import Testing

@testable import MediaPlane

/// A small picture of the camera's, made once for all whose lines carry no more.
@Suite(.serialized) struct RenditionTests {
    private static let red = YUVColor(red: 200, green: 30, blue: 30)
    private static let blue = YUVColor(red: 20, green: 40, blue: 200)
    private static let poor: UInt64 = 300_000
    private static let rich: UInt64 = 6_000_000

    private func expectResemblance(
        _ shown: Watcher.Shown?, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let shown = try #require(shown, sourceLocation: sourceLocation)
        #expect(shown.left.distance(to: Self.red) < 20, "\(shown.left)", sourceLocation: sourceLocation)
        #expect(shown.right.distance(to: Self.blue) < 20, "\(shown.right)", sourceLocation: sourceLocation)
    }

    @Test(arguments: [MediaCodec.vp8, .h264])
    func whoseLinesAreNarrowShareOneSmallPictureAndTheRestIsUntouched(_ codec: MediaCodec) async throws {
        let room = try TestRoom()
        let source = try await WatchingPoint(in: room, number: 0, codec, estimate: Self.rich)
        let rich = try await WatchingPoint(in: room, number: 1, codec, estimate: Self.rich)
        let poor = [
            try await WatchingPoint(in: room, number: 2, codec, estimate: Self.poor),
            try await WatchingPoint(in: room, number: 3, codec, estimate: Self.poor),
        ]
        let camera = try ColourCamera(source.video, to: source.port, left: Self.red, right: Self.blue)
        func live(frames: Int, _ body: (Int) -> Void = { _ in }) throws {
            try room.pace(frames: frames) { frame in
                if frame.isMultiple(of: 2) { try camera.shoot() }
                for point in [source, rich] + poor { try point.live(frame) }
                body(frame)
            }
        }

        var mostEncoders = 0
        try live(frames: 400) { _ in mostEncoders = max(mostEncoders, room.plane.studioStatistics.encoders) }
        #expect(mostEncoders == 1)
        #expect(room.plane.studioStatistics.decoders == 1)
        let cpu = room.plane.studioStatistics.cpuTime
        let before = poor.map { $0.video.received.count }
        try live(frames: 100)
        print(
            "a rendition of 640 × 360 in \(codec): \((room.plane.studioStatistics.cpuTime - cpu) / 2) of CPU a second,",
            "\(zip(poor, before).map { point, count in point.video.received[count...].reduce(0) { $0 + $1.payload.count } * 4 / 1_000 }) kbit/s"
        )
        for point in poor {
            try expectResemblance(point.watcher.shown.last)
            #expect(point.watcher.shown.last?.width == 320)
            #expect(point.watcher.shown.last?.height == 180)
            #expect(point.watcher.shown.suffix(20).allSatisfy { $0.width == 320 })
            // The picture that was under way as the line was found narrow is cut: what is left of it would delay the sound.
            #expect(point.watcher.broken <= 1)
        }
        #expect(rich.watcher.shown.count > 200)
        #expect(rich.watcher.shown.allSatisfy { $0.width == 640 })
        #expect(rich.watcher.broken == 0)
        try expectResemblance(rich.watcher.shown.last)

        // Their lines widen: first the large picture comes back, and then nothing is made any more.
        for point in poor { point.estimate = Self.rich }
        try live(frames: 500)
        for point in poor {
            #expect(point.watcher.shown.suffix(50).allSatisfy { $0.width == 640 })
            #expect(point.watcher.broken <= 1)
            try expectResemblance(point.watcher.shown.last)
        }
        #expect(room.plane.studioStatistics.encoders == 0)
        #expect(room.plane.studioStatistics.decoders == 0)
        let made = room.plane.studioStatistics.pictures
        try live(frames: 25)
        #expect(room.plane.studioStatistics.pictures == made)
    }

    @Test func whoseLineNarrowsGoesOnWithTheSmallPictureSoon() async throws {
        let room = try TestRoom()
        let source = try await WatchingPoint(in: room, number: 0, .vp8, estimate: Self.rich)
        let viewer = try await WatchingPoint(in: room, number: 1, .vp8, estimate: Self.rich)
        let camera = try ColourCamera(source.video, to: source.port, left: Self.red, right: Self.blue)
        var smallAt: Int?
        try room.pace(frames: 500) { frame in
            if frame == 300 { viewer.estimate = Self.poor }
            if frame.isMultiple(of: 2) { try camera.shoot() }
            for point in [source, viewer] { try point.live(frame) }
            if smallAt == nil, viewer.watcher.shown.last?.width == 320 { smallAt = frame }
        }
        print("the small picture \(smallAt.map { ($0 - 300) * 20 } ?? -1) ms after the line narrowed")
        #expect(try #require(smallAt) > 300)
        #expect(try #require(smallAt) < 400)
        #expect(viewer.watcher.broken == 0)
    }

    /// What is no picture at all costs nobody anything: it is given up, and the meeting goes on.
    @Test func whatCannotBeDecodedIsGivenUp() async throws {
        let room = try TestRoom()
        let source = try await WatchingPoint(in: room, number: 0, .vp8, estimate: Self.rich)
        let viewer = try await WatchingPoint(in: room, number: 1, .vp8, estimate: Self.poor)
        let pictures = PaintedPictures(source.video, to: source.port, name: 9)
        try room.pace(frames: 700) { frame in
            if frame.isMultiple(of: 2) { pictures.send() }
            for point in [source, viewer] { try point.live(frame) }
        }
        #expect(viewer.watcher.shown.isEmpty)
        #expect(room.plane.studioStatistics.decoders == 0)
        #expect(room.plane.studioStatistics.pictures == 0)
        #expect(pictures.requests < 12, "\(pictures.requests) keyframes were asked for in 14 s")
        #expect(viewer.audio.received.count > 600)
    }

    @Test func theSourceOfASmallPictureMayLeave() async throws {
        let room = try TestRoom()
        let source = try await WatchingPoint(in: room, number: 0, .vp8, estimate: Self.rich)
        let viewer = try await WatchingPoint(in: room, number: 1, .vp8, estimate: Self.poor)
        let camera = try ColourCamera(source.video, to: source.port, left: Self.red, right: Self.blue)
        for _ in 0..<30 where viewer.watcher.shown.last?.width != 320 {
            try room.pace(frames: 20) { frame in
                if frame.isMultiple(of: 2) { try camera.shoot() }
                for point in [source, viewer] { try point.live(frame) }
            }
        }
        #expect(viewer.watcher.shown.last?.width == 320)
        await room.plane.removeLeg(source.seat.reservation.id)
        try room.pace(frames: 50) { try viewer.live($0) }
        #expect(room.plane.studioStatistics.encoders == 0)
        #expect(room.plane.studioStatistics.decoders == 0)
        #expect(viewer.watcher.broken <= 1)
    }
}
