import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Streams on which nothing is expected.
@Suite(.serialized) struct HoldTests {
    private static let keyframe: [UInt8] = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0]

    @Test func picturesThatCameOnHoldAreNotTakenForNewOnes() async throws {
        let room = try TestRoom()
        let camera = try TestEndpoint(.vp8, payloadType: 100, suite: .aeadAES128GCM)
        let seat = try await room.join(video: camera)
        let viewer = try await room.join(video: TestEndpoint(.vp8, payloadType: 101, suite: .aeadAES128GCM))
        let port = seat.reservation.video!.port
        func film(_ frames: Int) {
            room.pace(frames: frames) { _ in
                camera.send(Self.keyframe, marker: true, advancing: 1_800, to: port)
            }
        }
        func received() async throws -> UInt64 {
            try await #require(room.plane.statistics(of: room.room).first { $0.leg == seat.reservation.id })
                .video.packetsReceived
        }
        film(20)
        let before = try await received()
        #expect(before == 20)
        var held = camera.parameters
        held.receives = false
        try await room.plane.startLeg(seat.reservation.id, LegParameters(audio: nil, video: held))
        film(20)
        #expect(try await received() == before)
        try await room.plane.startLeg(seat.reservation.id, LegParameters(audio: nil, video: camera.parameters))
        film(20)
        #expect(try await received() == before + 20)
        #expect(try #require(viewer.video).received.count >= 30)
    }

    @Test func soundThatCameOnHoldIsNotTakenForNewSound() async throws {
        let room = try TestRoom()
        let voice = try TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)
        let seat = try await room.join(audio: voice)
        func speak(_ frames: Int) {
            room.pace(frames: frames) { _ in
                voice.send([0xF8, 0xFF, 0xFE], advancing: 960, to: seat.reservation.audio.port)
            }
        }
        func received() async throws -> UInt64 {
            try await #require(room.plane.statistics(of: room.room).first).audio.packetsReceived
        }
        speak(20)
        #expect(try await received() == 20)
        var held = voice.parameters
        held.receives = false
        try await room.plane.startLeg(seat.reservation.id, LegParameters(audio: held, video: nil))
        speak(20)
        try await room.plane.startLeg(seat.reservation.id, LegParameters(audio: voice.parameters, video: nil))
        speak(40)
        #expect(try await received() == 60)
    }
}
