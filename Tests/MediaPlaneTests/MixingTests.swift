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

    @Test func theEightLoudestAreHeardAndNoMore() async throws {
        let room = try TestRoom()
        let tones = (0..<10).map { 400.0 + 300 * Double($0) }
        var sources: [ToneSource] = []
        for (index, tone) in tones.enumerated() {
            _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil))
            // The first two are 12 dB quieter than all others.
            sources.append(try ToneSource(tone, .opus, amplitude: index < 2 ? 500 : 2_000))
        }
        let listener = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil))
        try room.pace(frames: 120) { _ in
            for (seat, source) in zip(room.seats, sources) {
                seat.audio!.send(try source.frame(), advancing: 960, to: seat.reservation.audio.port)
            }
        }
        let levels = try listener.audio!.levels(of: tones)
        for level in levels[..<2] { #expect(level < -55) }
        // Sent at -24.3 dBFS.
        for level in levels[2...] { #expect(abs(level - -24.3) < 1.5) }
    }

    @Test func aPeerThatReportsLossIsSentRedundancy() async throws {
        let room = try TestRoom()
        for _ in 0..<3 { _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil)) }
        let source = try ToneSource(440, .opus)
        let lossy = room.seats[1]
        try room.pace(frames: 80) { frame in
            room.seats[0].audio!.send(try source.frame(), advancing: 960, to: room.seats[0].reservation.audio.port)
            guard frame == 30, let heard = lossy.audio?.received.last?.info.ssrc else { return }
            lossy.audio!.sendRTCP(to: lossy.reservation.audio.port + 1) {
                $0.receiverReport(ssrc: lossy.audio!.ssrc)
                $0.addReportBlock(
                    RTCPReportBlock(
                        ssrc: heard, fractionLost: 26, cumulativeLost: 3, extendedHighestSequence: 30, jitter: 0,
                        lastSenderReport: 0, delaySinceLastSenderReport: 0))
            }
        }
        // RFC 6716 §3.1: configurations from 16 on are CELT alone, which carries none.
        func celt(_ seat: TestRoom.Seat) -> [Bool] {
            seat.audio!.received.compactMap { $0.payload.first }.map { $0 >= 0x80 }
        }
        #expect(celt(lossy).prefix(20).allSatisfy { $0 })
        #expect(celt(lossy).suffix(20).allSatisfy { !$0 })
        #expect(celt(room.seats[2]).allSatisfy { $0 })
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
