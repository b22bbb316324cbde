import Codecs
import Glibc
import Layout
import RTP
import Testing

@testable import MediaPlane

/// Pictures composed of many while the meeting runs.
@Suite(.serialized) struct LiveLayoutTests {
    private static let colours = [
        YUVColor(red: 200, green: 30, blue: 30), YUVColor(red: 30, green: 180, blue: 40),
        YUVColor(red: 30, green: 40, blue: 210), YUVColor(red: 210, green: 200, blue: 30),
    ]

    /// Points with cameras, each of a colour.
    private final class Meeting {
        let room: TestRoom
        private(set) var points: [WatchingPoint] = []
        private var cameras: [ColourCamera] = []
        private var frame = 0

        init(_ codecs: [MediaCodec], estimates: [Int: UInt64] = [:], slidesOf presenter: Int? = nil) async throws {
            room = try TestRoom()
            for (index, codec) in codecs.enumerated() {
                let point = try await WatchingPoint(
                    in: room, number: index, codec, estimate: estimates[index] ?? 6_000_000,
                    hasSlides: index == presenter)
                points.append(point)
                cameras.append(
                    try ColourCamera(
                        point.video, to: point.port, left: LiveLayoutTests.colours[index % 4],
                        right: LiveLayoutTests.colours[index % 4], width: 320, height: 180, bitsPerSecond: 250_000))
            }
        }

        func show(slides: ColourCamera) { cameras.append(slides) }

        func live(frames: Int) throws {
            try room.pace(frames: frames) { _ in
                frame += 1
                if frame.isMultiple(of: 2) { for camera in cameras { try camera.shoot() } }
                // The first is the speaker.
                for (index, point) in points.enumerated() { try point.live(frame, speaks: index == 0 || frame < 10) }
            }
        }

        /// Until a point sees what it should, for half a minute at most.
        func live(until isRight: () -> Bool) throws {
            for _ in 0..<60 where !isRight() { try live(frames: 25) }
            #expect(isRight())
        }

        func size(at point: Int) -> Int? { points[point].watcher.shown.last?.width }

        /// The colour that a point sees in the upper middle of a place, given for 1280 × 720.
        func colour(at point: Int, in place: PictureRectangle) -> YUVColor {
            points[point].watcher.withPicture {
                $0.mean(
                    atX: (Double(place.x) + Double(place.width) / 2) / 1_280,
                    y: (Double(place.y) + Double(place.height) * 0.3) / 720, reach: 2)
            } ?? .black
        }
    }

    private static func places(_ count: Int, _ arrangement: TileArrangement = .grid, hasContent: Bool = false)
        -> TileArrangement.Places
    {
        arrangement.places(
            of: count, hasContent: hasContent, on: PictureRectangle(x: 0, y: 0, width: 1_280, height: 720))
    }

    @Test func aGalleryIsMadeOnceForAllInTheOrderOfProtocol() async throws {
        let meeting = try await Meeting([.vp8, .vp8, .vp8, .vp8])
        let plane = meeting.room.plane
        try meeting.live { meeting.points.allSatisfy { $0.watcher.shown.last?.width == 320 } }
        #expect(plane.studioStatistics.encoders == 0)
        var captions = RoomCaptions()
        captions.order = [2, 0, 3, 1].map { meeting.points[$0].leg }
        for (index, name) in ["Xã Phú Lộc", "Sở Y tế", "Huế", "Thừa Thiên"].enumerated() {
            captions.names[meeting.points[index].leg] = name
        }
        try plane.setCaptions(captions, in: meeting.room.room)
        try plane.setLayout(.gallery(.precedence), in: meeting.room.room)
        let places = Self.places(4).tiles
        let inOrder = [2, 0, 3, 1].map { Self.colours[$0] }
        func isRight(_ point: Int) -> Bool {
            meeting.size(at: point) == 1_280
                && zip(places, inOrder).allSatisfy { meeting.colour(at: point, in: $0).distance(to: $1) < 24 }
        }
        try meeting.live { (0..<4).allSatisfy(isRight) }
        try meeting.live { plane.studioStatistics.encoders == 1 }
        #expect(plane.studioStatistics.decoders == 4)
        for point in meeting.points { #expect(point.watcher.broken == 0) }

        // A name is a plate in the tile's lower left corner; without names there is none.
        func plate() -> [UInt8] {
            meeting.points[1].watcher.withPicture { view in
                (places[0].y + places[0].height - 40..<places[0].y + places[0].height - 12).flatMap { row in
                    (places[0].x + 12..<places[0].x + 60).map { view.y[row * view.lumaStride + $0] }
                }
            } ?? []
        }
        try meeting.live(frames: 50)
        let named = plate()
        captions.names[meeting.points[2].leg] = "Ủy ban nhân dân thành phố"
        captions.recordingMark = "● Đang ghi"
        try plane.setCaptions(captions, in: meeting.room.room)
        try meeting.live(frames: 50)
        let differing = zip(named, plate()).count { abs(Int($0) - Int($1)) > 40 }
        #expect(differing > 30, "the new name looks like the old one")
        #expect(Self.hasMark(meeting, at: 1), "no recording mark")

        // Back to pictures as they come: the studio rests.
        try plane.setLayout(.forwarded, in: meeting.room.room)
        try meeting.live { (0..<4).allSatisfy { meeting.size(at: $0) == 320 } }
        try meeting.live { plane.studioStatistics.encoders == 0 && plane.studioStatistics.decoders == 0 }
        for point in meeting.points { #expect(point.watcher.broken == 0) }
    }

    @Test func theSpeakerIsShownWhoSpokeBefore() async throws {
        let meeting = try await Meeting([.vp8, .vp8, .vp8])
        var captions = RoomCaptions()
        captions.message = "Nghỉ giải lao"
        try meeting.room.plane.setCaptions(captions, in: meeting.room.room)
        let all = PictureRectangle(x: 0, y: 0, width: 1_280, height: 720)
        func sees(_ point: Int, _ shown: Int) -> Bool {
            meeting.size(at: point) == 1_280
                && meeting.colour(at: point, in: all).distance(to: Self.colours[shown]) < 24
        }
        try meeting.live { sees(1, 0) && sees(2, 0) && (sees(0, 1) || sees(0, 2)) }
        // Where one is in the spotlight, it is that one who is shown another.
        try meeting.room.plane.setSpotlight(meeting.points[2].leg, in: meeting.room.room)
        try meeting.live { sees(0, 2) && sees(1, 2) && sees(2, 0) }
    }

    @Test func onePointMayHaveALayoutOfItsOwn() async throws {
        let meeting = try await Meeting([.vp8, .vp8, .vp8])
        try meeting.room.plane.setLayout(.speakerAndStrip(.precedence), for: meeting.points[2].leg)
        let places = Self.places(3, .firstLarge).tiles
        try meeting.live {
            meeting.size(at: 2) == 1_280
                && (0..<3).allSatisfy { meeting.colour(at: 2, in: places[$0]).distance(to: Self.colours[$0]) < 24 }
        }
        #expect(meeting.points[1].watcher.shown.allSatisfy { $0.width == 320 })
        // The chair's own choice of points, and back to what the room has.
        try meeting.room.plane.setLayout(
            .chosen([meeting.points[1].leg, meeting.points[0].leg]), for: meeting.points[2].leg)
        let two = Self.places(2).tiles
        try meeting.live {
            meeting.colour(at: 2, in: two[0]).distance(to: Self.colours[1]) < 24
                && meeting.colour(at: 2, in: two[1]).distance(to: Self.colours[0]) < 24
        }
        try meeting.room.plane.setLayout(nil, for: meeting.points[2].leg)
        try meeting.live { meeting.size(at: 2) == 320 }
        #expect(meeting.points[2].watcher.broken == 0)
    }

    @Test func whatIsPresentedIsLargeWithTheSpeakerBesideIt() async throws {
        let meeting = try await Meeting([.vp8, .vp8, .vp8], slidesOf: 1)
        let presenter = meeting.points[1]
        let white = YUVColor(red: 230, green: 230, blue: 230)
        meeting.show(
            slides: try ColourCamera(
                try #require(presenter.slides), to: presenter.port, left: white, right: white, width: 640, height: 360,
                bitsPerSecond: 400_000))
        try meeting.room.plane.setLayout(.contentAndSpeaker, in: meeting.room.room)
        let places = Self.places(1, hasContent: true)
        let content = try #require(places.content)
        try meeting.live {
            meeting.size(at: 2) == 1_280 && meeting.colour(at: 2, in: content).distance(to: white) < 24
                && meeting.colour(at: 2, in: places.tiles[0]).distance(to: Self.colours[0]) < 24
        }
        #expect(meeting.points[2].watcher.broken == 0)
    }

    /// Who agreed on another codec than the cameras have sees them all the same, composed.
    @Test func aNarrowLineHasASmallerOneAndAnotherCodecItsOwn() async throws {
        let meeting = try await Meeting([.vp8, .vp8, .vp8, .h264], estimates: [2: 320_000])
        try meeting.room.plane.setLayout(.gallery(.activity), in: meeting.room.room)
        func shows(_ point: Int, _ colour: YUVColor) -> Bool {
            Self.places(4).tiles.contains { meeting.colour(at: point, in: $0).distance(to: colour) < 28 }
        }
        try meeting.live {
            meeting.size(at: 1) == 1_280 && meeting.size(at: 2) == 320 && meeting.size(at: 3) == 1_280
                && [1, 2, 3].allSatisfy { point in Self.colours.allSatisfy { shows(point, $0) } }
        }
        try meeting.live { meeting.room.plane.studioStatistics.encoders == 3 }
        for point in meeting.points[1...] { #expect(point.watcher.broken == 0) }
    }

    @Test func aMessageIsOnEverybodysPictureAsLongAsItStands() async throws {
        let meeting = try await Meeting([.vp8, .vp8])
        try meeting.live { meeting.size(at: 1) == 320 }
        var captions = RoomCaptions()
        captions.message = "Biểu quyết: 12 tán thành, 1 không tán thành"
        try meeting.room.plane.setCaptions(captions, in: meeting.room.room)
        try meeting.live { meeting.size(at: 1) == 1_280 }
        try meeting.live(frames: 50)
        // White letters on a dark band above the one colour of the speaker.
        let luma = meeting.points[1].watcher.withPicture { view in
            (12..<60).flatMap { row in (500..<780).map { view.y[row * view.lumaStride + $0] } }
        }
        #expect(try #require(luma).count { $0 > 190 } > 300)
        // Beneath it is the speaker, who is the first and sees the other.
        let whole = PictureRectangle(x: 0, y: 300, width: 1_280, height: 300)
        func sees(_ point: Int, _ colour: Int) -> Bool {
            meeting.colour(at: point, in: whole).distance(to: Self.colours[colour]) < 28
        }
        try meeting.live { sees(1, 0) && sees(0, 1) }
        captions.message = ""
        try meeting.room.plane.setCaptions(captions, in: meeting.room.room)
        try meeting.live { meeting.size(at: 1) == 320 }
        #expect(meeting.points[1].watcher.broken == 0)
    }

    @Test func theMarkOfARecordingIsOnPicturesThatWereForwarded() async throws {
        let meeting = try await Meeting([.vp8, .vp8, .vp8])
        try meeting.live { (0..<3).allSatisfy { meeting.size(at: $0) == 320 } }
        var captions = RoomCaptions()
        captions.marked = [meeting.points[1].leg]
        captions.recordingMark = "GHI"
        try meeting.room.plane.setCaptions(captions, in: meeting.room.room)
        try meeting.live { meeting.size(at: 1) == 1_280 && Self.hasMark(meeting, at: 1) }
        #expect(meeting.points[2].watcher.shown.allSatisfy { $0.width == 320 }, "a page has a mark of its own")
        captions.recordingMark = ""
        try meeting.room.plane.setCaptions(captions, in: meeting.room.room)
        try meeting.live { meeting.size(at: 1) == 320 }
        #expect(meeting.points[1].watcher.broken == 0)
    }

    /// Red in the upper right corner.
    private static func hasMark(_ meeting: Meeting, at point: Int) -> Bool {
        let red = meeting.points[point].watcher.withPicture { view in
            (0..<30).reduce(0) { sum, row in
                sum + (590..<635).count { view.v[row * view.chromaStride + $0] > 190 }
            }
        }
        return red ?? 0 > 200
    }

    /// One film for all, coded once, so that the test itself costs little.
    private final class SharedFilm {
        private let encoder: VPXEncoder
        private let picture: I420Picture
        private var packetizer = VP8Packetizer(longestPayload: 1_100, firstPictureID: 1)
        private var number = 0

        init(width: Int, height: Int, bitsPerSecond: Int) throws {
            encoder = try VPXEncoder(
                .vp8,
                .init(
                    width: width, height: height, rate: .bitrate(bitsPerSecond), effort: .realtime(speed: 14),
                    keyframeInterval: 75))
            picture = try I420Picture(width: width, height: height)
        }

        func shoot(for points: [WatchingPoint]) throws {
            number += 1
            // Things that move, before what does not.
            if number == 1 { picture.fill(picture.bounds, with: YUVColor(y: 60, u: 120, v: 130)) }
            for index in 0..<12 {
                let (width, row) = (40 + index * 4, index * picture.height / 12)
                picture.fill(
                    PictureRectangle(x: 0, y: row, width: picture.width, height: 24),
                    with: YUVColor(y: UInt8(50 + index * 4), u: 120, v: 130))
                picture.fill(
                    PictureRectangle(
                        x: (number * (2 + index % 5) + index * 37) % (picture.width - width), y: row, width: width,
                        height: 24), with: YUVColor(y: UInt8(70 + index * 14), u: UInt8(70 + index * 9), v: 160))
            }
            try encoder.encode(
                picture.view, timestampMicroseconds: Int64(number) * 40_000, durationMicroseconds: 40_000
            ) { coded in
                packetizer.packetize(coded.bytes) { payload, isLast in
                    for point in points {
                        point.video.send(
                            Array(payload), marker: isLast, advancing: isLast ? 3_600 : 0, to: point.port)
                    }
                }
            }
        }
    }

    @Test(arguments: [4, 9, 25]) func aGalleryCostsLessThanACore(_ count: Int) async throws {
        let room = try TestRoom()
        var points: [WatchingPoint] = []
        for number in 0..<count {
            // Nobody but the first has to keep up with what it is shown.
            points.append(try await WatchingPoint(in: room, number: number, estimate: number == 0 ? 6_000_000 : 50_000))
        }
        let film = try SharedFilm(width: 640, height: 360, bitsPerSecond: 500_000)
        try room.plane.setLayout(.gallery(.activity), for: points[0].leg)
        func live(frames: Int) throws {
            try room.pace(frames: frames) { frame in
                if frame.isMultiple(of: 2) { try film.shoot(for: points) }
                if frame.isMultiple(of: 10) { for point in points { try point.live(frame, speaks: frame < 10) } }
            }
        }
        try live(frames: 250)
        let before = room.plane.studioStatistics
        let began = monotonicNanoseconds()
        try live(frames: 250)
        let after = room.plane.studioStatistics
        let seconds = Double(monotonicNanoseconds() - began) / 1e9
        let cpu = (after.cpuTime - before.cpuTime) / .milliseconds(1) / seconds
        print(
            "a gallery of \(count) at 1280 × 720 from cameras of 640 × 360: \(Int(cpu)) ms of CPU a second,",
            "\(Int(Double(after.pictures - before.pictures) / seconds * 10)) pictures in 10 s, \(after.decoders) decoders, \(after.encoders) encoders"
        )
        #expect(after.decoders == count)
        #expect(after.encoders >= 1)
        #expect(cpu < 1_000)
        #expect(after.pictures - before.pictures > 10)
    }
}
