import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Legs that have no sockets for pictures until somebody asks for them.
@Suite(.serialized) struct LateVideoTests {
    @Test(arguments: [1, 2]) func whoHasACameraLaterSeesAndIsSeenFromThenOn(workers: Int) async throws {
        let room = try TestRoom(workers: workers, legsBeforeFanOut: workers == 1 ? 150 : 1)
        let camera = try TestEndpoint(.vp8, payloadType: 100, suite: .aeadAES128GCM)
        let seat = try await room.join(video: camera)
        let pictures = PaintedPictures(camera, to: seat.reservation.video!.port, name: 10)
        let late = try room.plane.reserveLeg(in: room.room, withVideo: false)
        #expect(late.video == nil)
        let voice = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
        try await room.plane.startLeg(late.id, LegParameters(audio: voice.parameters, video: nil))
        let its = try TestEndpoint(.vp8, payloadType: 101, suite: .aeadAES128GCM)
        let both = LegParameters(audio: voice.parameters, video: its.parameters)
        await #expect(throws: MediaPlaneError.videoNotReserved(late.id)) {
            try await room.plane.startLeg(late.id, both)
        }
        room.pace(frames: 10) { _ in pictures.send() }
        let address = try room.plane.reserveVideo(for: late.id)
        // Once a leg.
        _ = try room.plane.reserveVideo(for: late.id)
        try await room.plane.startLeg(late.id, both)
        let itsPictures = PaintedPictures(its, to: address.port, name: 11)
        room.pace(frames: 60) { _ in
            its.poll()
            pictures.send()
            itsPictures.send()
        }
        #expect(its.shown == [10])
        #expect(camera.shown == [11])
        let last = try #require(await room.plane.removeLeg(late.id))
        #expect(last.video.packetsReceived >= 60)
    }

    @Test func aLegThatNeverHadACameraGoesAsItCame() async throws {
        let room = try TestRoom()
        let leg = try room.plane.reserveLeg(in: room.room, withVideo: false)
        let voice = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
        try await room.plane.startLeg(leg.id, LegParameters(audio: voice.parameters, video: nil))
        room.pace(frames: 20) { _ in voice.send([0xF8, 0xFF, 0xFE], advancing: 960, to: leg.audio.port) }
        let last = try #require(await room.plane.removeLeg(leg.id))
        #expect(last.audio.packetsReceived == 20)
        #expect(throws: MediaPlaneError.unknownLeg(leg.id)) { try room.plane.reserveVideo(for: leg.id) }
    }
}
