import Foundation

/// A sine of `frequency` Hz.
func tone(_ frequency: Double, sampleRate: Int, seconds: Double, amplitude: Double = 12_000) -> [Int16] {
    (0..<Int(seconds * Double(sampleRate))).map { index in
        Int16((amplitude * sin(2 * .pi * frequency * Double(index) / Double(sampleRate))).rounded())
    }
}

/// The power of one frequency (Goertzel), as the amplitude of a sine that would have it.
func amplitude(of frequency: Double, in samples: some Collection<Int16>, sampleRate: Int) -> Double {
    let coefficient = 2 * cos(2 * .pi * frequency / Double(sampleRate))
    var (before, last) = (0.0, 0.0)
    for sample in samples { (before, last) = (last, Double(sample) + coefficient * last - before) }
    let power = before * before + last * last - coefficient * before * last
    return 2 * max(0, power).squareRoot() / Double(samples.count)
}

func rootMeanSquare(_ samples: some Collection<Int16>) -> Double {
    (samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))).squareRoot()
}

/// The signal-to-noise ratio in dB of `heard` against `original`, at the delay (up to `maximumDelay`) that suits it best.
func signalToNoise(_ original: [Int16], _ heard: [Int16], maximumDelay: Int) -> Double {
    var best = -Double.infinity
    for delay in 0...maximumDelay {
        let count = min(original.count, heard.count - delay)
        guard count > 0 else { break }
        var (signal, noise) = (0.0, 1e-9)
        for index in stride(from: count / 4, to: count * 3 / 4, by: 1) {
            let (a, b) = (Double(original[index]), Double(heard[index + delay]))
            signal += a * a
            noise += (a - b) * (a - b)
        }
        best = max(best, 10 * log10(signal / noise))
    }
    return best
}
