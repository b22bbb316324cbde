import Codecs
import Foundation
import Testing

@Suite struct TelephonyTests {
    private static let every = (Int(Int16.min)...Int(Int16.max)).map(Int16.init(truncatingIfNeeded:))

    private func encode(_ law: G711, _ samples: [Int16]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: samples.count)
        samples.withUnsafeBufferPointer { input in bytes.withUnsafeMutableBytes { _ = law.encode(input, into: $0) } }
        return bytes
    }

    private func decode(_ law: G711, _ bytes: [UInt8]) -> [Int16] {
        var samples = [Int16](repeating: 0, count: bytes.count)
        bytes.withUnsafeBytes { input in samples.withUnsafeMutableBufferPointer { _ = law.decode(input, into: $0) } }
        return samples
    }

    @Test(arguments: [G711.muLaw, .aLaw]) func everyByteComesBackAsItself(law: G711) {
        let bytes = (0...255).map { UInt8($0) }
        var again = encode(law, decode(law, bytes))
        // µ-law has two zeros; the negative one is encoded as the positive.
        if law == .muLaw { again[0x7F] = 0x7F }
        #expect(again == bytes)
    }

    @Test(arguments: [G711.muLaw, .aLaw]) func errorStaysWithinHalfAStep(law: G711) {
        let heard = decode(law, encode(law, Self.every))
        for (sample, again) in zip(Self.every, heard) where abs(Int(sample)) < 32_000 {
            #expect(abs(Int(sample) - Int(again)) <= max(16, abs(Int(sample)) / 16))
        }
        #expect(decode(law, [law.silence]).allSatisfy { abs($0) <= 8 })
    }

    @Test(.enabled(if: ExternalTool.hasFFmpeg), arguments: [(G711.muLaw, "mulaw"), (.aLaw, "alaw")])
    func bytesDecodeAsFFmpegDecodesThem(law: G711, format: String) throws {
        let bytes = (0...255).map { UInt8($0) }
        let reference = try ExternalTool.ffmpeg(
            ["-f", format, "-ar", "8000", "-ac", "1", "-i", "IN", "-f", "s16le", "OUT"], input: Data(bytes))
        let samples = reference.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
        #expect(decode(law, bytes) == samples)
    }

    @Test func g722KeepsAWidebandTone() throws {
        let sent = tone(3_000, sampleRate: 16_000, seconds: 1)
        var encoder = try G722Encoder()
        var decoder = try G722Decoder()
        var bytes = [UInt8](repeating: 0, count: sent.count / 2)
        var heard = [Int16](repeating: 0, count: sent.count)
        let length = try sent.withUnsafeBufferPointer { input in
            try bytes.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
        }
        #expect(length == sent.count / 2)
        let count = try bytes.withUnsafeBytes { input in
            try heard.withUnsafeMutableBufferPointer { try decoder.decode(input, into: $0) }
        }
        #expect(count == sent.count)
        #expect(signalToNoise(sent, heard, maximumDelay: 40) > 15)
        #expect(abs(amplitude(of: 3_000, in: heard[8_000...], sampleRate: 16_000) - 12_000) < 1_200)
    }

    @Test(.enabled(if: ExternalTool.hasFFmpeg)) func g722OfFFmpegIsUnderstood() throws {
        let sent = tone(1_000, sampleRate: 16_000, seconds: 1)
        let bytes = try ExternalTool.ffmpeg(
            ["-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "IN", "-c:a", "g722", "-f", "g722", "OUT"],
            input: sent.withUnsafeBytes { Data($0) })
        var decoder = try G722Decoder()
        var heard = [Int16](repeating: 0, count: bytes.count * 2)
        _ = try bytes.withUnsafeBytes { input in
            try heard.withUnsafeMutableBufferPointer { try decoder.decode(input, into: $0) }
        }
        #expect(abs(amplitude(of: 1_000, in: heard[4_000...], sampleRate: 16_000) - 12_000) < 1_200)
    }

    @Test func g722RefusesBuffersThatDoNotFit() throws {
        var encoder = try G722Encoder()
        var decoder = try G722Decoder()
        var small = [UInt8](repeating: 0, count: 3)
        var few = [Int16](repeating: 0, count: 3)
        #expect(throws: CodecError.self) {
            try [Int16](repeating: 0, count: 160).withUnsafeBufferPointer { input in
                try small.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
        }
        #expect(throws: CodecError.self) {
            try [UInt8](repeating: 0, count: 160).withUnsafeBytes { input in
                try few.withUnsafeMutableBufferPointer { try decoder.decode(input, into: $0) }
            }
        }
    }

    @Test(arguments: [(8_000, 48_000), (16_000, 48_000), (48_000, 16_000), (48_000, 8_000), (44_100, 48_000)])
    func resamplingKeepsPitchLevelAndLength(from: Int, to: Int) throws {
        let sent = tone(1_000, sampleRate: from, seconds: 1)
        var resampler = try Resampler(from: from, to: to)
        resampler.skipLatency()
        var heard: [Int16] = []
        let step = from / 50
        for start in stride(from: 0, to: sent.count, by: step) {
            let chunk = sent[start..<min(sent.count, start + step)]
            var output = [Int16](repeating: 0, count: resampler.outputCapacity(for: chunk.count))
            let (consumed, produced) = chunk.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { resampler.process(input, into: $0) }
            }
            #expect(consumed == chunk.count)
            heard += output[..<produced]
        }
        #expect(abs(heard.count - to) <= resampler.outputLatency + 1)
        let middle = heard[(heard.count / 4)..<(heard.count * 3 / 4)]
        #expect(abs(amplitude(of: 1_000, in: middle, sampleRate: to) - 12_000) < 600)
        // Without the lag the tone is where it was.
        let expected = tone(1_000, sampleRate: to, seconds: 1)
        #expect(signalToNoise(expected, heard, maximumDelay: 0) > 30)
    }

    private static let rows = [697.0, 770, 852, 941]
    private static let columns = [1_209.0, 1_336, 1_477, 1_633]
    private static let keys = ["123A", "456B", "789C", "*0#D"].map(Array.init)

    /// What a telephone sends for a key: 80 ms of two tones, and a pause as long.
    private func pressed(_ key: Character, at level: Double = 0.2) -> [Int16] {
        for (row, keys) in Self.keys.enumerated() {
            guard let column = keys.firstIndex(of: key) else { continue }
            return (0..<1_280).map { index in
                guard index < 640 else { return 0 }
                let time = Double(index) / 8_000
                let sum = sin(2 * .pi * Self.rows[row] * time) + sin(2 * .pi * Self.columns[column] * time)
                return Int16(sum * level * 32_767)
            }
        }
        return []
    }

    private func heard(in samples: [Int16]) throws -> String {
        var detector = try KeyToneDetector()
        var keys = ""
        for start in stride(from: 0, to: samples.count, by: 160) {
            samples[start..<min(start + 160, samples.count)].withUnsafeBufferPointer { detector.push($0) }
            while let key = detector.takeKey() { keys.append(key) }
        }
        return keys
    }

    @Test(arguments: [G711.muLaw, .aLaw]) func everyKeyIsHeardOnceThroughTheCodec(law: G711) throws {
        let keys = "0123456789*#ABCD5577"
        for level in [0.02, 0.2, 0.45] {
            let sent = keys.flatMap { pressed($0, at: level) }
            #expect(try heard(in: decode(law, encode(law, sent))) == keys, "at \(level)")
        }
    }

    @Test func whatIsNoKeyIsNotHeard() throws {
        #expect(try heard(in: tone(697, sampleRate: 8_000, seconds: 2)) == "")
        var generator = SeededGenerator(seed: 4)
        let noise = (0..<80_000).map { _ in Int16.random(in: -12_000...12_000, using: &generator) }
        #expect(try heard(in: noise) == "")
        #expect(try heard(in: [Int16](repeating: 0, count: 8_000)) == "")
        #expect(try heard(in: []) == "")
    }
}
