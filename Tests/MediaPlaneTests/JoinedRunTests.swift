import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Datagrams that the kernel hands over joined (UDP_GRO), as it does with bursts of a sender's.
@Suite(.serialized) struct JoinedRunTests {
    private static let keyframe: [UInt8] = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0]

    private func pair(_ suite: SRTPSuite?) async throws -> (TestRoom, from: TestRoom.Seat, to: TestRoom.Seat) {
        let room = try TestRoom()
        let sender = try await room.join(video: TestEndpoint(.vp8, payloadType: 100, suite: suite))
        let viewer = try await room.join(video: TestEndpoint(.vp8, payloadType: 101, suite: suite))
        return (room, sender, viewer)
    }

    /// Payloads that say their number; the last is shorter than the others.
    private func payloads(_ count: Int, _ frame: Int) -> [[UInt8]] {
        (0..<count).map { part in
            let body = [UInt8](repeating: UInt8(part), count: part == count - 1 ? 300 : 1_000)
            return (part == 0 ? Self.keyframe : [0, UInt8(frame)]) + body.dropFirst(part == 0 ? 9 : 0)
        }
    }

    @Test(arguments: [nil, SRTPSuite.aeadAES128GCM, .aes128CMSHA1_80])
    func aRunIsForwardedPacketByPacket(_ suite: SRTPSuite?) async throws {
        let (room, from, to) = try await pair(suite)
        let camera = try #require(from.video)
        var sent: [[UInt8]] = []
        room.pace(frames: 30) { frame in
            let parts = payloads(40, frame)
            let packets = parts.enumerated().map { part, payload in
                camera.packet(payload, marker: part == 39, advancing: part == 39 ? 3_600 : 0)
            }
            #expect(camera.sendRun(packets, to: from.reservation.video!.port))
            sent += parts
        }
        let received = try #require(to.video).received
        // The first frames come before the viewer is shown anybody.
        #expect(received.count >= 25 * 40 && received.count.isMultiple(of: 40))
        #expect(received.map(\.payload) == sent.suffix(received.count))
        for (before, after) in zip(received, received.dropFirst()) {
            #expect(after.info.sequenceNumber == before.info.sequenceNumber &+ 1)
        }
        let statistics = await room.plane.statistics(of: room.room)
        #expect(statistics.first?.video.packetsReceived == 30 * 40)
        #expect(statistics.first?.video.malformed == 0 && statistics.first?.video.unauthenticated == 0)
    }

    @Test func aForgedPacketInARunIsDroppedAlone() async throws {
        let (room, from, _) = try await pair(.aeadAES128GCM)
        let camera = try #require(from.video)
        room.pace(frames: 10) { frame in
            var packets = payloads(8, frame).map { camera.packet($0, advancing: 450) }
            packets[3][40] ^= 1
            #expect(camera.sendRun(packets, to: from.reservation.video!.port))
        }
        // Bytes of no protocol, in runs of the smallest datagrams there can be.
        #expect(camera.sendRun(Array(repeating: [0xFF], count: 60), to: from.reservation.video!.port))
        room.pace(frames: 5) { _ in }
        let statistics = await room.plane.statistics(of: room.room)
        #expect(statistics.first?.video.packetsReceived == 70)
        #expect(statistics.first?.video.unauthenticated == 10)
        #expect(statistics.first?.video.malformed == 60)
    }
}
