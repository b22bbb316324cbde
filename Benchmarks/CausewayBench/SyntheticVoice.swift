import Codecs
import Glibc

/// Something like speech, encoded ahead: a pulse train through three resonances, in syllables; or the noise of a quiet
/// office. The same for the same seed.
struct SyntheticVoice {
    static let frameSamples = 960

    /// Opus packets of 20 ms.
    let frames: [[UInt8]]
    /// Before they were encoded, full scale 1.
    let samples: [Float]
    /// Mean square of the samples, full scale 1.
    let power: Double

    enum Kind {
        /// With the pitch in Hz and an amplitude, full scale 1.
        case speech(pitch: Double, amplitude: Double)
        case quiet
    }

    init(_ kind: Kind, seconds: Int, seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let samples: [Double] =
            switch kind {
            case .speech(let pitch, let amplitude): Self.speech(pitch, amplitude, seconds * 48_000, &random)
            case .quiet: (0..<seconds * 48_000).map { _ in (random.unit() - 0.5) * 0.0003 }
            }
        self.samples = samples.map { Float($0) }
        power = samples.reduce(0) { $0 + $1 * $1 } / Double(samples.count)
        var encoder = try OpusEncoder(channels: 1, application: .voice, bitrate: 32_000, complexity: 5)
        var frames: [[UInt8]] = []
        var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumFrameBytes)
        for start in stride(from: 0, to: samples.count, by: Self.frameSamples) {
            let frame = samples[start..<start + Self.frameSamples].map { Int16(max(-1, min(1, $0)) * 32_767) }
            let length = try frame.withUnsafeBufferPointer { input in
                try packet.withUnsafeMutableBytes { try encoder.encode(input, into: $0) }
            }
            frames.append(Array(packet[..<length]))
        }
        self.frames = frames
    }

    /// What comes out when the packets are decoded, twice over: the second time the decoder has settled.
    func decoded() throws -> [Float] {
        var decoder = try OpusDecoder(channels: 1)
        var out: [Float] = []
        var frame = [Int16](repeating: 0, count: OpusDecoder.maximumPacketSamples)
        for packet in frames + frames {
            let made = try packet.withUnsafeBytes { bytes in
                try frame.withUnsafeMutableBufferPointer { try decoder.decode(bytes, into: $0) }
            }
            out += frame[..<made].map { Float($0) / 32_768 }
        }
        return out
    }

    private static func speech(
        _ pitch: Double, _ amplitude: Double, _ count: Int, _ random: inout SplitMix
    ) -> [Double] {
        var resonators = [Resonator(600, 90), Resonator(1_200, 110), Resonator(2_500, 160)]
        var phase = 0.0
        var samples: [Double] = []
        samples.reserveCapacity(count)
        for index in 0..<count {
            let time = Double(index) / 48_000
            phase += pitch * (1 + 0.1 * sin(2 * .pi * 0.7 * time)) / 48_000
            var excitation = (random.unit() - 0.5) * 0.05
            if phase >= 1 {
                phase -= 1
                excitation += 1
            }
            // Four syllables a second; each second the vowel changes.
            let syllable = max(0, sin(2 * .pi * 2 * time)) + max(0, -sin(2 * .pi * 2 * time)) * 0.8
            if index.isMultiple(of: 48_000) {
                resonators[0].retune(400 + 500 * random.unit(), 90)
                resonators[1].retune(1_000 + 1_000 * random.unit(), 110)
            }
            var sum = 0.0
            for position in resonators.indices { sum += resonators[position].next(excitation) }
            samples.append(sum * (0.15 + syllable))
        }
        let peak = samples.reduce(0) { max($0, abs($1)) }
        return samples.map { $0 * amplitude / peak }
    }
}

/// A resonance: centre and bandwidth in Hz, at 48 kHz.
private struct Resonator {
    private var a1 = 0.0
    private var a2 = 0.0
    private var y1 = 0.0
    private var y2 = 0.0

    init(_ centre: Double, _ width: Double) { retune(centre, width) }

    mutating func retune(_ centre: Double, _ width: Double) {
        let radius = exp(-.pi * width / 48_000)
        a1 = 2 * radius * cos(2 * .pi * centre / 48_000)
        a2 = -radius * radius
    }

    mutating func next(_ input: Double) -> Double {
        let output = input + a1 * y1 + a2 * y2
        y2 = y1
        y1 = output
        return output
    }
}

/// A generator whose numbers are the same in every run (Steele, Lea and Flood, 2014).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// From 0 up to 1.
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
