import Foundation

/// Sound read from a file: mono, -1…1.
public struct Sound: Sendable {
    public let sampleRate: Double
    public let samples: [Float]

    public init(sampleRate: Double, samples: [Float]) {
        self.sampleRate = sampleRate
        self.samples = samples
    }

    /// Decodes any file that ffmpeg reads, mixed down to mono at 48 kHz. `track` picks one of several audio streams.
    public init(decoding path: String, track: Int = 0) async throws {
        let raw = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString).f32")
        defer { try? FileManager.default.removeItem(at: raw) }
        try await Tool.run(
            "ffmpeg",
            [
                "-loglevel", "error", "-y", "-i", path, "-map", "0:a:\(track)", "-ac", "1", "-ar", "48000", "-f",
                "f32le",
                raw.path,
            ])
        let data = try Data(contentsOf: raw)
        sampleRate = 48_000
        samples = data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
    }

    public var duration: Double { Double(samples.count) / sampleRate }

    /// From `start` for `length` seconds, as far as there is sound; negative starts count from the end.
    public func slice(_ start: Double, _ length: Double) -> Sound {
        let from = start < 0 ? duration + start : start
        let first = min(samples.count, max(0, Int(from * sampleRate)))
        let last = min(samples.count, max(first, Int((from + length) * sampleRate)))
        return Sound(sampleRate: sampleRate, samples: Array(samples[first..<last]))
    }

    /// Level of a sine of this frequency in dBFS (full scale sine: 0): the mean power that windowed Goertzel filters of a
    /// tenth of a second find. Over the whole length one slip of an endpoint's clock would turn the sine against itself.
    public func level(of frequency: Double) -> Double {
        let count = Int(sampleRate / 10)
        guard samples.count >= count else { return -160 }
        let starts = stride(from: 0, through: samples.count - count, by: count / 2)
        var power = 0.0
        var windows = 0.0
        for start in starts {
            let amplitude = amplitude(of: frequency, in: samples[start..<(start + count)])
            power += amplitude * amplitude
            windows += 1
        }
        return 10 * log10(max(1e-16, power / windows))
    }

    /// The same over the whole of it, for what is shorter.
    func shortLevel(of frequency: Double) -> Double {
        let amplitude = amplitude(of: frequency, in: samples[...])
        return 10 * log10(max(1e-16, amplitude * amplitude))
    }

    private func amplitude(of frequency: Double, in samples: ArraySlice<Float>) -> Double {
        let last = Double(samples.count - 1)
        let step = 2 * Double.pi * frequency / sampleRate
        var real = 0.0
        var imaginary = 0.0
        var weight = 0.0
        for (index, sample) in samples.enumerated() {
            let window = 0.5 - 0.5 * cos(2 * .pi * Double(index) / last)
            real += Double(sample) * window * cos(step * Double(index))
            imaginary -= Double(sample) * window * sin(step * Double(index))
            weight += window
        }
        return 2 * (real * real + imaginary * imaginary).squareRoot() / weight
    }

    /// RMS in dBFS.
    public var rms: Double {
        guard !samples.isEmpty else { return -160 }
        let energy = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
        return 10 * log10(max(1e-16, energy))
    }
}
