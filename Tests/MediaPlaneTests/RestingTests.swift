import Codecs
import Glibc
import RTP
import Testing

@testable import MediaPlane

/// Legs that are not decoded while they say nothing, against a decoder that hears every packet.
@Suite struct RestingTests {
    enum Source: CaseIterable, Sendable {
        case hybrid, silk, celt, stereo, muLaw
        var codec: MediaCodec { self == .muLaw ? .pcmu : .opus }
    }

    /// Encodes 20 ms after 20 ms of what a point's microphone takes.
    private final class Microphone {
        private var opus: OpusEncoder?
        private let channels: Int

        init(_ source: Source) throws {
            channels = source == .stereo ? 2 : 1
            switch source {
            case .hybrid: opus = try OpusEncoder(channels: 1, application: .voice, bitrate: 32_000)
            case .silk: opus = try OpusEncoder(channels: 1, application: .voice, bitrate: 14_000)
            case .stereo: opus = try OpusEncoder(channels: 2, application: .voice, bitrate: 40_000)
            case .celt: opus = try OpusEncoder(channels: 1, application: .lowDelay, bitrate: 64_000)
            case .muLaw: opus = nil
            }
        }

        func encode(_ frame: [Double]) throws -> [UInt8] {
            let samples = frame.map { Int16(max(-1, min(1, $0)) * 32_767) }
            var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
            guard opus != nil else {
                // Every sixth: what is above 4 kHz here is too little to matter.
                let narrow = stride(from: 0, to: samples.count, by: 6).map { samples[$0] }
                return bytes.withUnsafeMutableBytes { output in
                    let length = narrow.withUnsafeBufferPointer { G711.muLaw.encode($0, into: output) }
                    return Array(output[..<length])
                }
            }
            let interleaved = channels == 1 ? samples : samples.flatMap { [$0, $0] }
            let length = try interleaved.withUnsafeBufferPointer { input in
                try bytes.withUnsafeMutableBytes { try opus?.encode(input, into: $0) ?? 0 }
            }
            return Array(bytes[..<length])
        }
    }

    /// What the mixer would make of packets: frames that are in the mix (nil for those that are not), and how many were
    /// decoded.
    private struct Heard {
        var frames: [[Int16]?] = []
        var decoded = 0
        /// What a decoder makes that gets every packet.
        var reference: [[Int16]] = []

        init(_ source: Source, _ packets: [[UInt8]]) throws {
            var input = AudioInput()
            try input.prepare(for: [PayloadMapping(payloadType: 96, codec: source.codec)])
            var activity = SpeechActivity()
            var decoder = try AudioDecoder(source.codec)
            var room = [Int16](repeating: 0, count: 5_760)
            var narrow = [Int16](repeating: 0, count: 1_920)
            let rate = source.codec.rtpClockRate / 50
            for (number, packet) in packets.enumerated() {
                var datagram = [UInt8](repeating: 0, count: 12) + packet
                datagram.withUnsafeMutableBytes {
                    RTPHeaderWriter.write(
                        $0.baseAddress!, payloadType: 96, marker: false,
                        sequenceNumber: UInt16(truncatingIfNeeded: number), timestamp: UInt32(number) * rate, ssrc: 7)
                }
                let now = 1_000_000_000 + UInt64(number) * 20_000_000
                try datagram.withUnsafeBytes {
                    input.push(try RTPPacketInfo(parsing: $0), codec: source.codec, $0, at: now)
                }
                switch input.pull(at: now, mayWake: true) {
                case .nothing:
                    activity.silence()
                    frames.append(nil)
                case .rested:
                    activity.rest()
                    frames.append(nil)
                case .frame:
                    decoded += 1
                    activity.update(level: MixArithmetic.level(input.frame, count: MixFrame.samples))
                    input.judge(isAudible: activity.isAudible, othersWait: false)
                    let frame = Array(UnsafeBufferPointer(start: input.frame, count: MixFrame.samples))
                    frames.append(activity.isAudible ? frame : nil)
                }
                let made = packet.withUnsafeBytes { payload in
                    room.withUnsafeMutableBufferPointer { room in
                        narrow.withUnsafeMutableBufferPointer {
                            decoder.decode(payload, into: room, narrow: $0.baseAddress!)
                        }
                    }
                }
                reference.append(Array(room[..<made]))
            }
        }

        /// Frames by which what is heard lags the reference: those of the jitter buffer.
        func delay(over range: Range<Int>) -> Int {
            func distance(_ delay: Int) -> Double {
                range.reduce(0) { sum, frame in
                    guard let heard = frames[frame + delay] else { return sum }
                    return sum + zip(heard, reference[frame]).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
                }
            }
            return (0...5).min { distance($0) < distance($1) } ?? 0
        }
    }

    /// A voice of harmonics with three syllables a second, at an RMS level in dBFS, over a room's faint noise.
    private func voice(frames: Int, level: Double, from start: Int, seed: UInt64) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        let period = (0..<384).map { index in
            (1...12).reduce(0) { $0 + sin(2 * .pi * Double(index * $1) / 384) / Double($1) }
        }
        // A syllable is a third of a second.
        let syllable = (0..<16_000).map { 0.2 + pow(sin(Double.pi * Double($0) / 16_000), 2) }
        let tone = (0..<48_000).map { period[$0 % 384] * syllable[$0 % 16_000] }
        let power = tone.reduce(0) { $0 + $1 * $1 } / 48_000
        let gain = pow(10, level / 20) / power.squareRoot()
        return (0..<frames).map { frame in
            (0..<960).map { index in
                let noise = Double.random(in: -0.00015...0.00015, using: &generator)
                return noise + (frame >= start ? gain * tone[((frame - start) * 960 + index) % 48_000] : 0)
            }
        }
    }

    private func level(_ frame: some Collection<Int16>) -> Double {
        let power = frame.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, frame.count))
        return 10 * log10(max(power, 1e-6) / (32_768 * 32_768))
    }

    @Test(arguments: Source.allCases, 100...101)
    func anOnsetLosesAtMostOneFrame(source: Source, start: Int) throws {
        let microphone = try Microphone(source)
        let packets = try voice(frames: start + 50, level: -20, from: start, seed: 4).map { try microphone.encode($0) }
        let heard = try Heard(source, packets)
        let onset = try #require(heard.reference.firstIndex { level($0) > -45 })
        let first = try #require(heard.frames.firstIndex { $0 != nil })
        let delay = heard.delay(over: start + 10..<start + 30)
        #expect(first - delay <= onset + 1, "the onset is frame \(onset), what is heard begins with \(first - delay)")
        // What follows is the reference, within a decoder's memory of what it missed.
        for frame in start + 10..<start + 45 {
            let expected = level(heard.reference[frame - delay])
            #expect(abs(level(try #require(heard.frames[frame])) - expected) < 1)
        }
    }

    @Test(arguments: Source.allCases) func aVoiceAtMinus45IsHeardAtItsLevel(source: Source) throws {
        let microphone = try Microphone(source)
        let packets = try voice(frames: 400, level: -45, from: 100, seed: 5).map { try microphone.encode($0) }
        let heard = try Heard(source, packets)
        let expected = level(heard.reference[110..<390].joined())
        let delay = heard.delay(over: 110..<200)
        let mixed = level(
            heard.frames[110 + delay..<390 + delay].flatMap { $0 ?? [Int16](repeating: 0, count: 960) })
        #expect(abs(expected - -45) < 3)
        #expect(abs(mixed - expected) < 0.5, "\(mixed) dBFS of \(expected)")
    }

    @Test(arguments: Source.allCases) func aQuietRoomIsHardlyDecoded(source: Source) throws {
        let microphone = try Microphone(source)
        let packets = try voice(frames: 1_000, level: -20, from: 1_000, seed: 6).map { try microphone.encode($0) }
        let heard = try Heard(source, packets)
        #expect(heard.frames.allSatisfy { $0 == nil })
        // CELT does not tell, so all of it is decoded; of others, what their detectors learn from, and a probe now and then.
        #expect(source == .celt || heard.decoded < 80, "\(heard.decoded) of 1,000")
    }

    @Test func aPeerWhoseFlagsLieIsDecodedOnceItIsFoundOut() throws {
        let microphone = try Microphone(.silk)
        // A packet's first bit says that it holds no speech, whatever it holds.
        let packets = try voice(frames: 1_500, level: -20, from: 0, seed: 7).map { frame -> [UInt8] in
            var packet = try microphone.encode(frame)
            if packet.count > 2 { packet[1] &= 0x7F }
            return packet
        }
        let heard = try Heard(.silk, packets)
        #expect(heard.frames[100...].filter { $0 == nil }.count < 10)
    }

    @Test func legsTakeTurnsWhereMoreSpeakThanMayBeDecoded() throws {
        let microphone = try Microphone(.silk)
        let packets = try voice(frames: 200, level: -20, from: 0, seed: 8).map { try microphone.encode($0) }
        var input = AudioInput()
        try input.prepare(for: [PayloadMapping(payloadType: 96, codec: .opus)])
        var decoded: [Int] = []
        for (number, packet) in packets.enumerated() {
            let now = 1_000_000_000 + UInt64(number) * 20_000_000
            var datagram = [UInt8](repeating: 0, count: 12) + packet
            datagram.withUnsafeMutableBytes {
                RTPHeaderWriter.write(
                    $0.baseAddress!, payloadType: 96, marker: false,
                    sequenceNumber: UInt16(truncatingIfNeeded: number), timestamp: UInt32(number) * 960, ssrc: 7)
            }
            try datagram.withUnsafeBytes {
                input.push(try RTPPacketInfo(parsing: $0), codec: .opus, $0, at: now)
            }
            if case .frame = input.pull(at: now, mayWake: number >= 20) {
                decoded.append(number)
                input.judge(isAudible: true, othersWait: false)
                if number == 60 { input.forceRest() }
            }
        }
        #expect(decoded.first.map { (20...22).contains($0) } == true)
        #expect(!decoded.contains { (61..<110).contains($0) })
        #expect(decoded.contains(112) && decoded.contains(199))
    }
}
