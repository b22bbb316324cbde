import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Real H.264 between points that agreed to different profiles and packetization modes.
@Suite(.serialized) struct H264ForwardingTests {
    private final class Point {
        let seat: TestRoom.Seat
        let camera: H264Camera
        private let tone: ToneSource

        init(_ seat: TestRoom.Seat, name: Int, _ format: PictureFormat) throws {
            self.seat = seat
            tone = try ToneSource(440, .opus)
            camera = try H264Camera(
                seat.video!, to: seat.reservation.video!.port, name: name,
                packing: format == format.single ? .single : .fragmented,
                isHigh: format.fragmented == .h264High)
        }

        func speak() throws {
            seat.audio!.send(try tone.frame(), advancing: 960, to: seat.reservation.audio.port)
        }
    }

    /// Points that know one format each, and send it.
    private func points(_ formats: [PictureFormat], in room: TestRoom) async throws -> [Point] {
        var points: [Point] = []
        for (name, format) in formats.enumerated() {
            let video = try TestEndpoint(.h264, payloadType: UInt8(100 + name), suite: .aeadAES128GCM)
            video.picture = format
            let seat = try await room.join(
                audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM), video: video)
            points.append(try Point(seat, name: name, format))
        }
        return points
    }

    /// All film, and speak in turn.
    private func hold(_ room: TestRoom, _ points: [Point], turn: Int = 125) throws {
        try room.pace(frames: turn * points.count) { frame in
            if frame.isMultiple(of: 2) { for point in points { try point.camera.send() } }
            try points[frame / turn].speak()
        }
    }

    /// Whom a point saw, given whom it may see: real pictures all, of everybody allowed, and of nobody else.
    private func expect(
        _ viewer: Int, of points: [Point], sees allowed: Set<Int>, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let endpoint = points[viewer].seat.video!
        let (pictures, broken, profiles) = try endpoint.watched()
        #expect(broken == 0, sourceLocation: sourceLocation)
        for (index, point) in points.enumerated() {
            let seen = pictures.contains { point.camera.filmed.contains($0) }
            #expect(seen == allowed.contains(index), "\(viewer) of \(index)", sourceLocation: sourceLocation)
        }
        let strange = pictures.count { print in !allowed.contains { points[$0].camera.filmed.contains(print) } }
        #expect(strange == 0, "pictures that nobody filmed", sourceLocation: sourceLocation)
        #expect(profiles.isSubset(of: allowed.flatMap { points[$0].camera.profiles }), sourceLocation: sourceLocation)
        #expect(
            endpoint.received.allSatisfy { $0.info.payloadType == endpoint.payloadType },
            sourceLocation: sourceLocation)
        #expect(endpoint.unreadable == 0, sourceLocation: sourceLocation)
    }

    @Test func eachIsShownOnlyWhatItsProfileHas() async throws {
        let room = try TestRoom()
        let points = try await points([.h264Baseline, .h264High, .h264Baseline, .h264High], in: room)
        try hold(room, points)
        #expect(points[0].camera.profiles == [66] && points[1].camera.profiles == [100])
        try expect(0, of: points, sees: [2])
        try expect(1, of: points, sees: [0, 2, 3])
        try expect(2, of: points, sees: [0])
        try expect(3, of: points, sees: [0, 1, 2])
    }

    @Test func aReceiverInTheSingleUnitModeGetsNoFragments() async throws {
        let room = try TestRoom()
        let points = try await points([.h264BaselineSingle, .h264Baseline, .h264BaselineSingle], in: room)
        try hold(room, points)
        try expect(0, of: points, sees: [2])
        try expect(1, of: points, sees: [0, 2])
        try expect(2, of: points, sees: [0])
        for index in [0, 2] {
            let fragments = points[index].seat.video!.received.count {
                $0.payload.withUnsafeBytes { H264Payload.needsNonInterleavedMode($0) }
            }
            #expect(fragments == 0)
        }
    }

    /// baresip 1.0 agrees to the single NAL unit mode, and fragments all the same.
    @Test func whoFragmentsThoughItAgreedNotToUnderstandsFragments() async throws {
        let room = try TestRoom()
        var points: [Point] = []
        for name in 0..<3 {
            let video = try TestEndpoint(.h264, payloadType: UInt8(100 + name), suite: nil)
            video.picture = .h264BaselineSingle
            let seat = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil), video: video)
            points.append(try Point(seat, name: name, name < 2 ? .h264Baseline : .h264BaselineSingle))
        }
        try hold(room, points)
        #expect(try points[0].seat.video!.watched().pictures.contains { points[1].camera.filmed.contains($0) })
        #expect(try points[1].seat.video!.watched().pictures.contains { points[0].camera.filmed.contains($0) })
        // One that keeps to what it agreed to is spared them, from the first that shows.
        let fragments = points[2].seat.video!.received.count {
            $0.payload.withUnsafeBytes { $0.first.map { $0 & 0x1F == H264UnitType.fragment } ?? false }
        }
        #expect(fragments == 0)
    }

    @Test func whatIsWithheldIsSaid() async throws {
        let room = try TestRoom()
        let points = try await points([.h264Baseline, .h264High], in: room)
        try room.pace(frames: 60) { frame in
            if frame.isMultiple(of: 2) { for point in points { try point.camera.send() } }
            try points[1].speak()
        }
        #expect(points[0].seat.video!.received.isEmpty)
        let statistics = await room.plane.statistics(of: room.room)
        #expect(statistics.first { $0.leg == points[0].seat.reservation.id }?.video.isWithheld == true)
        #expect(statistics.first { $0.leg == points[1].seat.reservation.id }?.video.isWithheld == false)
    }

    /// A point that agreed to several payload types gets each source in the one that fits.
    @Test func eachSourceComesInThePayloadTypeThatFits() async throws {
        let room = try TestRoom()
        let points = try await points([.h264Baseline, .h264High], in: room)
        let painted = try await room.join(
            audio: TestEndpoint(.opus, payloadType: 96, suite: nil),
            video: TestEndpoint(.vp8, payloadType: 120, suite: nil))
        let pictures = PaintedPictures(painted.video!, to: painted.reservation.video!.port, name: 9)
        let tone = try ToneSource(440, .opus)
        let video = try TestEndpoint(.vp8, payloadType: 97, suite: nil)
        video.others = [
            PayloadMapping(payloadType: 98, codec: .h264, picture: .h264Baseline),
            PayloadMapping(payloadType: 99, codec: .h264, picture: .h264High),
        ]
        _ = try await room.join(video: video)
        try room.pace(frames: 375) { frame in
            if frame.isMultiple(of: 2) {
                for point in points { try point.camera.send() }
                pictures.send()
            }
            switch frame / 125 {
            case 0: try points[0].speak()
            case 1: try points[1].speak()
            default: painted.audio!.send(try tone.frame(), advancing: 960, to: painted.reservation.audio.port)
            }
        }
        var order: [UInt8] = []
        for packet in video.received where order.last != packet.info.payloadType {
            order.append(packet.info.payloadType)
        }
        #expect(order.suffix(3) == [98, 99, 97])
        for (before, after) in zip(video.received, video.received.dropFirst()) {
            #expect(after.info.sequenceNumber == before.info.sequenceNumber &+ 1)
            #expect(after.info.ssrc == before.info.ssrc)
        }
    }

    @Test func slidesOfH264ReachBothStreams() async throws {
        let room = try TestRoom()
        func endpoint(_ type: UInt8) throws -> TestEndpoint {
            try TestEndpoint(.h264, payloadType: type, suite: .aeadAES128GCM)
        }
        let presenter = try await room.join(video: endpoint(100), slides: endpoint(101))
        let viewer = try await room.join(video: endpoint(102), slides: endpoint(103))
        let old = try await room.join(video: endpoint(104))
        let port = try #require(presenter.reservation.slides).address.port
        let slides = try H264Camera(presenter.slides!, to: port, name: 1, packing: .fragmented)
        let camera = try H264Camera(
            viewer.video!, to: viewer.reservation.video!.port, name: 2, packing: .fragmented)
        try room.pace(frames: 250) { frame in
            guard frame.isMultiple(of: 2) else { return }
            try camera.send()
            if (50..<100).contains(frame) { try slides.send() }
        }
        let (apart, broken, _) = try viewer.slides!.watched()
        #expect(apart.count >= 20 && broken == 0 && apart.allSatisfy(slides.filmed.contains))
        let (mixed, damaged, _) = try old.video!.watched()
        #expect(damaged == 0 && mixed.contains(where: slides.filmed.contains))
        let (first, last) = (try #require(mixed.first), try #require(mixed.last))
        #expect(camera.filmed.contains(first) && camera.filmed.contains(last))
        let both = slides.filmed.union(camera.filmed)
        #expect(mixed.allSatisfy(both.contains))
        #expect(try presenter.video!.watched().pictures.allSatisfy(camera.filmed.contains))
    }
}
