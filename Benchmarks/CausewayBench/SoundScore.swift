import Glibc

/// Holds what a listener heard against the clean voices of those who talked: the segmental signal-to-noise ratio, in
/// decibels, over frames of 20 ms in which somebody talks; a frame counts as -10 at least and 35 at most.
struct SoundScore {
    private static let frame = 960
    /// For the search of a voice's delay: it is found roughly at a sixth of the rate, and then to the sample.
    private static let step = 8

    /// The voices, as long as each other, over and over again.
    let voices: [[Float]]

    /// The score of `heard`, in which each voice may lie at any delay; nil if it is shorter than the voices are.
    func score(of heard: [Float]) -> Double? {
        guard let length = voices.first?.count, heard.count >= length else { return nil }
        let heard = Array(heard.suffix(length))
        var clean = [Float](repeating: 0, count: length)
        for voice in voices {
            let delay = Self.delay(of: voice, in: heard)
            for index in 0..<length { clean[index] += voice[(index + delay) % length] }
        }
        let gain = Self.product(heard, clean) / max(Self.product(clean, clean), 1e-9)
        var sum = 0.0
        var count = 0
        for start in stride(from: 0, to: length - Self.frame, by: Self.frame) {
            var signal: Float = 0
            var noise: Float = 0
            for index in start..<start + Self.frame {
                let wanted = clean[index] * gain
                signal += wanted * wanted
                noise += (heard[index] - wanted) * (heard[index] - wanted)
            }
            guard signal / Float(Self.frame) > 1e-6 else { continue }
            sum += max(-10, min(35, 10 * Double(log10(signal / max(noise, 1e-12)))))
            count += 1
        }
        return count > 0 ? sum / Double(count) : nil
    }

    private static func product(_ a: [Float], _ b: [Float]) -> Float {
        var sum: Float = 0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }

    /// Where `voice` begins in itself at the beginning of `heard`.
    private static func delay(of voice: [Float], in heard: [Float]) -> Int {
        let coarse = best(among: 0..<voice.count / step, decimated(voice), decimated(heard)) * step
        let near = (coarse - 2 * step..<coarse + 2 * step).map { ($0 + voice.count) % voice.count }
        return best(among: near, voice, heard)
    }

    private static func best(among delays: some Sequence<Int>, _ voice: [Float], _ heard: [Float]) -> Int {
        // Twice over, so that no index has to be wrapped.
        let twice = voice + voice
        var best = (delay: 0, product: -Float.infinity)
        twice.withUnsafeBufferPointer { twice in
            heard.withUnsafeBufferPointer { heard in
                for delay in delays {
                    var lanes = SIMD16<Float>.zero
                    var index = 0
                    while index + 16 <= heard.count {
                        let a = UnsafeRawPointer(twice.baseAddress! + delay + index).loadUnaligned(
                            as: SIMD16<Float>.self)
                        let b = UnsafeRawPointer(heard.baseAddress! + index).loadUnaligned(as: SIMD16<Float>.self)
                        lanes += a * b
                        index += 16
                    }
                    if lanes.sum() > best.product { best = (delay, lanes.sum()) }
                }
            }
        }
        return best.delay
    }

    private static func decimated(_ samples: [Float]) -> [Float] {
        stride(from: 0, to: samples.count - step + 1, by: step).map { start in
            samples[start..<start + step].reduce(0, +) / Float(step)
        }
    }
}
