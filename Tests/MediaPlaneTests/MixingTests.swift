import RTP
import SRTP
import Testing

@testable import MediaPlane

/// Who hears what, over real sockets.
@Suite(.serialized) struct MixingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var codecs: [MediaCodec]
        var suite: SRTPSuite?
        var testDescription: String {
            codecs.map(\.encodingName).joined(separator: "+") + " " + (suite?.sdesName ?? "in the clear")
        }
    }

    static let cases =
        [Case(codecs: [.opus, .opus, .opus], suite: nil)]
        + SRTPSuite.allCases.map { Case(codecs: [.opus, .opus, .opus], suite: $0) }
        + [
            Case(codecs: [.opus, .g722, .pcmu], suite: .aeadAES128GCM),
            Case(codecs: [.pcma, .pcma, .opus], suite: .aes128CMSHA1_80),
        ]

    @Test(arguments: cases)
    func everyoneHearsTheOthersAtTheirLevelAndNeverItself(_ example: Case) async throws {
        let tones = [440.0, 1_000, 1_700]
        let room = try TestRoom()
        var sources: [ToneSource] = []
        for (tone, codec) in zip(tones, example.codecs) {
            _ = try await room.join(
                audio: TestEndpoint(codec, payloadType: codec == .pcmu ? 0 : 96, suite: example.suite))
            sources.append(try ToneSource(tone, codec))
        }
        let ticksBefore = await room.plane.workerStatistics()[0].ticks
        try room.pace(frames: 150) { _ in
            for (seat, source) in zip(room.seats, sources) {
                seat.audio!.send(
                    try source.frame(), advancing: seat.audio!.codec.rtpClockRate / 50,
                    to: seat.reservation.audio.port)
            }
        }
        let ticks = Int(await room.plane.workerStatistics()[0].ticks - ticksBefore)
        room.poll()
        for (index, seat) in room.seats.enumerated() {
            let levels = try seat.audio!.levels(of: tones)
            for (other, level) in levels.enumerated() {
                if other == index {
                    #expect(level < -50, "endpoint \(index) hears itself at \(level) dBFS")
                } else {
                    // Sent at -12.04 dBFS.
                    #expect(abs(level - -12.04) < 1.5, "endpoint \(index) hears \(tones[other]) Hz at \(level) dBFS")
                }
            }
            #expect(seat.audio!.unreadable == 0)
            let sequence = seat.audio!.received.map(\.info.sequenceNumber)
            #expect(zip(sequence, sequence.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
            // The legs joined before the first count, and their packets are taken in after the second.
            let most = Int(ticksBefore) + ticks + 25
            #expect((ticks - 1...most).contains(sequence.count), "\(sequence.count) packets in \(ticks) ticks")
        }
    }

    @Test func listenersShareOneEncodedPayload() async throws {
        let room = try TestRoom()
        for _ in 0..<5 { _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)) }
        let source = try ToneSource(440, .opus)
        try room.pace(frames: 60) { _ in
            room.seats[0].audio!.send(try source.frame(), advancing: 960, to: room.seats[0].reservation.audio.port)
        }
        let first = room.seats[1].audio!.received.suffix(40).map(\.payload)
        for seat in room.seats[2...] {
            let payloads = Set(seat.audio!.received.map(\.payload))
            #expect(first.count { payloads.contains($0) } >= 38)
        }
    }

    @Test func aLegThatIsHeldIsNotHeard() async throws {
        let room = try TestRoom()
        for _ in 0..<2 { _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil)) }
        var held = room.seats[0].audio!.parameters
        held.receives = false
        try await room.plane.startLeg(room.seats[0].reservation.id, LegParameters(audio: held, video: nil))
        let source = try ToneSource(440, .opus)
        try room.pace(frames: 75) { _ in
            room.seats[0].audio!.send(try source.frame(), advancing: 960, to: room.seats[0].reservation.audio.port)
        }
        #expect(try room.seats[1].audio!.levels(of: [440])[0] < -70)
    }

    @Test func digitsAreReportedOnceAndNotMixed() async throws {
        let room = try TestRoom()
        for _ in 0..<2 { _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: .aeadAES128GCM)) }
        let sender = room.seats[0]
        room.pace(frames: 10) { frame in
            let event: [UInt8] = [
                5, frame < 7 ? 0x0A : 0x8A, UInt8(frame * 160 >> 8), UInt8(truncatingIfNeeded: frame * 160),
            ]
            sender.audio!.send(event, to: sender.reservation.audio.port, type: 101)
        }
        room.plane.stop()
        var digits: [Character] = []
        for await event in room.plane.events { if case .digit(_, let digit) = event { digits.append(digit) } }
        #expect(digits == ["5"])
    }
}
