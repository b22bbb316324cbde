import Codecs
import Testing

@Suite struct TelephoneBandTests {
    /// Converts in pieces of these lengths, again and again.
    private func up(_ samples: [Int16], in pieces: [Int] = [160]) -> [Int16] {
        var upsampler = TelephoneUpsampler()
        var (made, start, piece) = ([Int16](), 0, 0)
        while start < samples.count {
            let length = min(pieces[piece % pieces.count], samples.count - start)
            var output = [Int16](repeating: 0, count: length * TelephoneUpsampler.factor)
            let count = samples[start..<start + length].withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { upsampler.process(input, into: $0) }
            }
            made += output[..<count]
            (start, piece) = (start + length, piece + 1)
        }
        return made
    }

    private func down(_ samples: [Int16], in pieces: [Int] = [960]) -> [Int16] {
        var downsampler = TelephoneDownsampler()
        var (made, start, piece) = ([Int16](), 0, 0)
        while start < samples.count {
            let length = min(pieces[piece % pieces.count], samples.count - start)
            var output = [Int16](repeating: 0, count: length)
            let count = samples[start..<start + length].withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { downsampler.process(input, into: $0) }
            }
            made += output[..<count]
            (start, piece) = (start + length, piece + 1)
        }
        return made
    }

    @Test(arguments: [300.0, 1_000, 2_400, 3_400])
    func whatATelephoneCarriesComesThroughBothWays(frequency: Double) {
        let wide = up(tone(frequency, sampleRate: 8_000, seconds: 1))
        let settled = wide.dropFirst(4_800).prefix(38_400)
        let heard = amplitude(of: frequency, in: settled, sampleRate: 48_000)
        #expect(abs(heard - 12_000) < 12_000 * 0.03, "\(heard)")
        // Images lie about the multiples of 8 kHz.
        for image in [8_000 - frequency, 8_000 + frequency, 16_000 - frequency, 24_000 - frequency] {
            #expect(amplitude(of: image, in: settled, sampleRate: 48_000) < 12, "at \(image) Hz")
        }
        let narrow = down(tone(frequency, sampleRate: 48_000, seconds: 1)).dropFirst(800).prefix(6_400)
        let sent = amplitude(of: frequency, in: narrow, sampleRate: 8_000)
        #expect(abs(sent - 12_000) < 12_000 * 0.03, "\(sent)")
        // Beside the tone there is next to nothing: 57 dB less.
        let all = rootMeanSquare(settled)
        #expect(max(0, all * all - heard * heard / 2).squareRoot() < 12)
    }

    @Test(arguments: [4_700.0, 6_000, 9_000, 12_500, 16_300, 20_000])
    func whatNoTelephoneCarriesDoesNotFoldIntoItsBand(frequency: Double) {
        let narrow = down(tone(frequency, sampleRate: 48_000, seconds: 1)).dropFirst(800)
        #expect(rootMeanSquare(narrow) < 12, "\(rootMeanSquare(narrow))")
    }

    @Test func piecesOfAnyLengthMakeTheSameSound() {
        var generator = SeededGenerator(seed: 7)
        let samples = (0..<8_000).map { _ in Int16.random(in: -20_000...20_000, using: &generator) }
        #expect(up(samples, in: [1, 7, 160, 3, 960, 159]) == up(samples))
        let wide = up(samples)
        #expect(down(wide, in: [6, 960, 42, 18, 5_760]) == down(wide))
    }

    @Test func theLoudestSoundDoesNotWrapRound() {
        let square = (0..<8_000).map { $0 / 20 % 2 == 0 ? Int16.max : .min }
        // In the middle of each half wave the sign is that of the wave, 2 ms later.
        let wide = up(square)
        for wave in 2..<100 {
            let middle = (wave * 20 + 10) * 6 + 96
            #expect(wave % 2 == 0 ? wide[middle] > 20_000 : wide[middle] < -20_000)
        }
    }

    @Test func writesNoMoreThanThereIsRoomFor() {
        var upsampler = TelephoneUpsampler()
        var downsampler = TelephoneDownsampler()
        let input = [Int16](repeating: 1_000, count: 100)
        var output = [Int16](repeating: 0, count: 65)
        let made = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { upsampler.process(input, into: $0) }
        }
        #expect(made == 60)
        let narrowed = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { downsampler.process(input, into: .init(rebasing: $0[..<3])) }
        }
        #expect(narrowed == 3)
    }
}
