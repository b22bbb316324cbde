import RTP
import SRTP
import Testing

@testable import MediaPlane

/// All streams of a leg on one transport (RFC 9143), as browsers have them.
@Suite(.serialized) struct BundleTests {
    private final class Point {
        let seat: TestRoom.Seat
        let camera: PaintedPictures
        let slides: PaintedPictures
        private let tone: ToneSource

        init(in room: TestRoom, number: Int, suite: SRTPSuite?) async throws {
            let audio = try TestEndpoint(.opus, payloadType: 96, suite: suite)
            let video = try TestEndpoint(
                .vp8, payloadType: UInt8(104 + number), suite: suite, onTransportOf: audio)
            video.retransmissionType = 118
            seat = try await room.join(
                audio: audio, video: video,
                slides: TestEndpoint(.vp8, payloadType: UInt8(110 + number), suite: suite, onTransportOf: audio))
            let port = seat.reservation.audio.port
            camera = PaintedPictures(seat.video!, to: port, name: UInt8(10 + number))
            slides = PaintedPictures(seat.slides!, to: port, name: UInt8(50 + number))
            tone = try ToneSource(number == 0 ? 440 : 1_000, .opus)
        }

        func speak() throws {
            seat.audio!.send(try tone.frame(), advancing: 960, to: seat.reservation.audio.port)
        }
    }

    @Test(arguments: [nil, .aeadAES128GCM, .aes128CMSHA1_80] as [SRTPSuite?])
    func soundPicturesAndSlidesGoByOneTransport(suite: SRTPSuite?) async throws {
        let room = try TestRoom()
        let points = [
            try await Point(in: room, number: 0, suite: suite), try await Point(in: room, number: 1, suite: suite),
        ]
        try room.pace(frames: 200) { frame in
            if frame.isMultiple(of: 2) {
                for point in points { point.camera.send() }
                if frame > 80 { points[1].slides.send() }
            }
            for point in points { try point.speak() }
        }
        for (index, point) in points.enumerated() {
            let other = 1 - index
            #expect(point.seat.video!.shown == [UInt8(10 + other)])
            expectSoundStream(point.seat.video!)
            let levels = try point.seat.audio!.levels(of: [440, 1_000])
            #expect(levels[other] > -15 && levels[index] < -60, "\(levels)")
            #expect(point.seat.audio!.unreadable == 0)
        }
        #expect(points[0].seat.slides!.shown == [51] && points[1].seat.slides!.shown == [])
        let statistics = await room.plane.statistics(of: room.room)
        for leg in statistics {
            #expect(leg.audio.packetsReceived == 200 && leg.video.packetsReceived == 300, "\(leg)")
            #expect(leg.audio.malformed == 0 && leg.audio.unauthenticated == 0 && leg.audio.packetsLost == 0)
            #expect(leg.audio.packetsSent > 190 && leg.video.packetsSent > 200)
        }
    }

    @Test func reportsAndRequestsFindTheirStream() async throws {
        let room = try TestRoom()
        let points = [
            try await Point(in: room, number: 0, suite: .aeadAES128GCM),
            try await Point(in: room, number: 1, suite: .aeadAES128GCM),
        ]
        let viewer = points[0].seat
        let port = viewer.reservation.audio.port
        try room.pace(frames: 150) { frame in
            for point in points {
                if frame.isMultiple(of: 2) { point.camera.send() }
                try point.speak()
            }
            guard frame == 100, let last = viewer.video!.received.last?.info else { return }
            #expect(last.ssrc == viewer.reservation.videoSources.media)
            // The viewer lost a packet of the picture, and wants a new one, in one compound packet.
            viewer.video!.sendRTCP(to: port) {
                $0.receiverReport(ssrc: viewer.video!.ssrc)
                $0.genericNACK(sender: viewer.video!.ssrc, media: last.ssrc, lost: [last.sequenceNumber &- 2])
                $0.request(.pictureLossIndication, sender: viewer.video!.ssrc, media: last.ssrc)
            }
        }
        let again = viewer.video!.received.filter { $0.info.ssrc == viewer.reservation.videoSources.retransmission }
        #expect(again.count == 1 && again.first?.info.payloadType == 118)
        let asked = points[1].seat.audio!.rtcpMessages.filter {
            if case .pictureLossIndication(_, points[1].seat.video!.ssrc) = $0 { true } else { false }
        }
        // One when the viewer came, one now.
        #expect(asked.count == 2, "\(asked)")
        let reports = viewer.audio!.rtcpMessages.compactMap {
            if case .senderReport(let report) = $0 { report.ssrc } else { nil }
        }
        #expect(Set(reports) == [viewer.reservation.audioSources.media, viewer.reservation.videoSources.media])
    }
}
