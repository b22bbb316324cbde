import Codecs
import Testing

@Suite struct OpusTests {
    /// Encodes in frames of 20 ms.
    private func packets(of samples: [Int16], channels: Int = 1, bitrate: Int = 48_000, loss: Int? = nil) throws
        -> [[UInt8]]
    {
        var encoder = try OpusEncoder(channels: channels, bitrate: bitrate)
        if let loss {
            try encoder.setForwardErrorCorrection(true)
            try encoder.setExpectedLoss(percent: loss)
        }
        var packets: [[UInt8]] = []
        for start in stride(from: 0, through: samples.count - 960 * channels, by: 960 * channels) {
            var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
            let length = try samples[start..<(start + 960 * channels)].withUnsafeBufferPointer { input in
                try packet.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
            packets.append(Array(packet[..<length]))
        }
        return packets
    }

    private func decode(_ packets: [[UInt8]], channels: Int = 1) throws -> [Int16] {
        var decoder = try OpusDecoder(channels: channels)
        var heard: [Int16] = []
        for packet in packets {
            var samples = [Int16](repeating: 0, count: OpusDecoder.maximumPacketSamples * channels)
            let count = try decoder.decode(packet, into: &samples)
            heard += samples[..<(count * channels)]
        }
        return heard
    }

    @Test(arguments: [1, 2]) func aToneComesBackAtItsPitchAndLevel(channels: Int) throws {
        let mono = tone(440, sampleRate: 48_000, seconds: 1)
        let sent = channels == 1 ? mono : mono.flatMap { [$0, $0] }
        let heard = try decode(packets(of: sent, channels: channels), channels: channels)
        #expect(heard.count == sent.count)
        let left = stride(from: heard.count / 2, to: heard.count, by: channels).map { heard[$0] }
        let level = amplitude(of: 440, in: left, sampleRate: 48_000)
        #expect(abs(level - 12_000) < 1_200)
        #expect(amplitude(of: 700, in: left, sampleRate: 48_000) < 200)
    }

    @Test func theLookaheadIsTheDelayOfTheSound() throws {
        let encoder = try OpusEncoder(application: .audio, bitrate: 96_000)
        #expect((120...480).contains(encoder.lookahead))
    }

    @Test func aLostPacketIsConcealedWithSoundLikeThatBeforeIt() throws {
        let packets = try packets(of: tone(300, sampleRate: 48_000, seconds: 1))
        var decoder = try OpusDecoder()
        var samples = [Int16](repeating: 0, count: 960)
        for packet in packets[..<20] {
            try decoder.decode(packet, into: &samples)
        }
        let count = try samples.withUnsafeMutableBufferPointer { try decoder.conceal(into: $0) }
        #expect(count == 960)
        #expect(amplitude(of: 300, in: samples, sampleRate: 48_000) > 4_000)
        #expect(throws: CodecError.self) {
            try samples[..<100].withUnsafeMutableBufferPointer { try decoder.conceal(into: $0) }
        }
    }

    @Test func theNextPacketBringsTheLostOneBack() throws {
        // Speech-like: a buzz of 180 Hz in syllables.
        let speech = (0..<48_000).map { (index: Int) -> Int16 in
            let level = (index / 4_800).isMultiple(of: 2) ? 6_000 : 1_200
            return Int16(level * (index % 267 - 133) / 133)
        }
        let packets = try packets(of: speech, bitrate: 24_000, loss: 30)
        var whole = try OpusDecoder()
        var lossy = try OpusDecoder()
        var (expected, recovered) = ([Int16](repeating: 0, count: 960), [Int16](repeating: 0, count: 960))
        let lost = 31
        for packet in packets[..<lost] {
            try whole.decode(packet, into: &expected)
            try lossy.decode(packet, into: &recovered)
        }
        try whole.decode(packets[lost], into: &expected)
        let count = try packets[lost + 1].withUnsafeBytes { bytes in
            try recovered.withUnsafeMutableBufferPointer { try lossy.recover(fromNext: bytes, into: $0) }
        }
        #expect(count == 960)
        #expect(rootMeanSquare(recovered) > rootMeanSquare(expected) / 2)
    }

    @Test func silenceCostsAlmostNothingWithDTX() throws {
        var encoder = try OpusEncoder()
        try encoder.setDiscontinuousTransmission(true)
        let silence = [Int16](repeating: 0, count: 960)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
        var lengths: [Int] = []
        for _ in 0..<50 {
            lengths.append(
                try silence.withUnsafeBufferPointer { input in
                    try packet.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
                })
        }
        #expect(lengths.suffix(20).filter { $0 <= 2 }.count >= 15)
    }

    @Test func durationsAreThoseOfTheTableOfContentsAndBounded() {
        // RFC 6716 §3.1: configuration 31 is CELT of 20 ms, 3 is SILK of 60 ms; code 0 is one frame, code 3 counts them.
        #expect([31 << 3, 0].withUnsafeBytes(OpusDecoder.duration) == 960)
        #expect([3 << 3, 0].withUnsafeBytes(OpusDecoder.duration) == 2_880)
        #expect([3 << 3 | 3, 2].withUnsafeBytes(OpusDecoder.duration) == 5_760)
        #expect([3 << 3 | 3, 3].withUnsafeBytes(OpusDecoder.duration) == nil)
        #expect([UInt8]().withUnsafeBytes(OpusDecoder.duration) == nil)
    }

    @Test func settingsOutsideTheCodecAreRefused() throws {
        #expect(throws: CodecError.self) { _ = try OpusEncoder(channels: 3) }
        #expect(throws: CodecError.self) { _ = try OpusEncoder(bitrate: 1) }
        var encoder = try OpusEncoder()
        #expect(throws: CodecError.self) { try encoder.setExpectedLoss(percent: 101) }
        #expect(throws: CodecError.self) { try encoder.setComplexity(11) }
        var packet = [UInt8](repeating: 0, count: 100)
        #expect(throws: CodecError.self) {
            _ = try [Int16](repeating: 0, count: 333).withUnsafeBufferPointer { input in
                try packet.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
        }
    }

    @Test func hostilePacketsNeverTrap() throws {
        var generator = SeededGenerator(seed: 1)
        var decoder = try OpusDecoder(channels: 2)
        var samples = [Int16](repeating: 0, count: OpusDecoder.maximumPacketSamples * 2)
        let valid = try packets(of: tone(440, sampleRate: 48_000, seconds: 0.4))
        for round in 0..<4_000 {
            let packet =
                round.isMultiple(of: 2)
                ? generator.bytes(Int.random(in: 0...300, using: &generator))
                : generator.mutated(valid[round % valid.count])
            let count = (try? decoder.decode(packet, into: &samples)) ?? 0
            #expect((0...OpusDecoder.maximumPacketSamples).contains(count))
        }
    }
}

extension OpusDecoder {
    @discardableResult
    fileprivate mutating func decode(_ packet: [UInt8], into samples: inout [Int16]) throws -> Int {
        try packet.withUnsafeBytes { bytes in
            try samples.withUnsafeMutableBufferPointer { try self.decode(bytes, into: $0) }
        }
    }
}

extension [Int] {
    /// The numbers as bytes.
    fileprivate func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try map(UInt8.init(truncatingIfNeeded:)).withUnsafeBytes(body)
    }
}
