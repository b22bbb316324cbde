import RTP
import SRTP
import Testing

@testable import MediaPlane

/// A meeting whose packets several workers send.
@Suite(.serialized) struct FanOutTests {
    private static let keyframe: [UInt8] = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0]

    private func join(_ room: TestRoom, _ count: Int, suite: SRTPSuite?) async throws {
        for _ in 0..<count {
            _ = try await room.join(
                audio: TestEndpoint(.opus, payloadType: 96, suite: suite),
                video: TestEndpoint(.vp8, payloadType: 100, suite: suite))
        }
    }

    /// The first seat speaks and is filmed: eight packets a frame.
    private func act(_ room: TestRoom, _ tone: ToneSource, frames: Int) throws {
        let seat = room.seats[0]
        try room.pace(frames: frames) { frame in
            seat.audio?.send(try tone.frame(), advancing: 960, to: seat.reservation.audio.port)
            guard frame.isMultiple(of: 2) else { return }
            for part in 0..<8 {
                let body = [UInt8](repeating: UInt8(part), count: 1_000)
                seat.video?.send(
                    (part == 0 ? Self.keyframe : [0]) + body, marker: part == 7, advancing: part == 7 ? 3_600 : 0,
                    to: seat.reservation.video!.port)
            }
        }
    }

    @Test(arguments: [nil, SRTPSuite.aeadAES128GCM, .aes128CMSHA1_80])
    func whoeverSendsEveryoneSeesAndHearsTheSame(_ suite: SRTPSuite?) async throws {
        let room = try TestRoom(workers: 3, legsBeforeFanOut: 2)
        try await join(room, 8, suite: suite)
        try act(room, ToneSource(440, .opus), frames: 150)
        let statistics = await room.plane.statistics(of: room.room)
        for (index, seat) in room.seats.enumerated().dropFirst() {
            let (audio, video) = (try #require(seat.audio), try #require(seat.video))
            #expect(video.received.count >= 65 * 8, "seat \(index) got \(video.received.count) packets of picture")
            #expect(audio.received.count >= 140, "seat \(index) got \(audio.received.count) packets of sound")
            for packets in [audio.received, video.received] {
                for (before, after) in zip(packets, packets.dropFirst()) {
                    #expect(after.info.sequenceNumber == before.info.sequenceNumber &+ 1)
                }
            }
            #expect(audio.unreadable == 0 && video.unreadable == 0)
            #expect(abs(try audio.levels(of: [440])[0] - -12.04) < 1.5)
            let counted = try #require(statistics.first { $0.leg == seat.reservation.id })
            #expect(counted.video.packetsSent >= UInt64(video.received.count))
            // Reports come from the worker on which the meeting lives.
            #expect(
                video.rtcpMessages.contains {
                    if case .senderReport(let info) = $0 { info.ssrc == video.received.last?.info.ssrc } else { false }
                })
        }
        #expect(room.seats[0].audio?.received.isEmpty == false)
    }

    @Test func legsThatLeaveOrChangeTheirKeysDisturbNobody() async throws {
        let room = try TestRoom(workers: 2, legsBeforeFanOut: 1)
        try await join(room, 6, suite: .aeadAES128GCM)
        let tone = try ToneSource(440, .opus)
        try act(room, tone, frames: 50)
        for index in [2, 4] { await room.plane.removeLeg(room.seats[index].reservation.id) }
        // New keys, as after a re-INVITE: a new endpoint in the place of the old.
        let changed = try TestEndpoint(.opus, payloadType: 96, suite: .aes128CMSHA1_80)
        try await room.plane.startLeg(
            room.seats[5].reservation.id, LegParameters(audio: changed.parameters, video: nil))
        try act(room, tone, frames: 50)
        changed.poll()
        #expect(changed.received.count >= 40 && changed.unreadable == 0)
        for index in [1, 3] {
            let video = try #require(room.seats[index].video)
            #expect(video.received.count >= 45 * 8 && video.unreadable == 0)
        }
        room.plane.closeRoom(room.room)
        #expect(await room.plane.statistics(of: room.room).isEmpty)
    }
}
