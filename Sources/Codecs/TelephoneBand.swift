internal import Glibc

/// From 8 kHz, at which telephones sound, to the mixer's 48 kHz. See `TelephoneBand` for how.
///
/// `@unchecked Sendable`: the value owns its memory alone and cannot be copied.
public struct TelephoneUpsampler: ~Copyable, @unchecked Sendable {
    /// Samples out for one in.
    public static let factor = 6

    private typealias Band = TelephoneBand
    /// The samples before, and those of a block.
    private let narrow: UnsafeMutablePointer<Float>
    private let middle: UnsafeMutablePointer<Float>
    private let wide: UnsafeMutablePointer<Float>

    public init() {
        narrow = Band.make(Band.halfTaps + Band.block)
        middle = Band.make(Band.thirdTaps + 2 * Band.block)
        wide = Band.make(Band.factors * 2 * Band.block)
    }

    deinit { for memory in [narrow, middle, wide] { memory.deallocate() } }

    /// Converts all of `input` that there is room for: `factor` samples out for each.
    /// - Returns: samples written.
    public mutating func process(
        _ input: UnsafeBufferPointer<Int16>, into output: UnsafeMutableBufferPointer<Int16>
    ) -> Int {
        guard let source = input.baseAddress, let target = output.baseAddress else { return 0 }
        let count = min(input.count, output.count / Self.factor)
        var done = 0
        while done < count {
            let length = min(Band.block, count - done)
            process(source + done, length, into: target + done * Self.factor)
            done += length
        }
        return count * Self.factor
    }

    private mutating func process(
        _ input: UnsafePointer<Int16>, _ count: Int, into output: UnsafeMutablePointer<Int16>
    ) {
        let fresh = narrow + Band.halfTaps
        for index in 0..<count { fresh[index] = Float(input[index]) }
        // Every other sample at 16 kHz is one that came; those between are made of their neighbours.
        let doubled = middle + Band.thirdTaps
        Band.filter(fresh, Band.tables.half, taps: Band.halfTaps, scale: 2, count: count, into: wide)
        for index in 0..<count {
            doubled[2 * index] = wide[index]
            doubled[2 * index + 1] = fresh[index - Band.halfDelay]
        }
        let stride = 2 * Band.block
        for phase in 0..<Band.factors {
            Band.filter(
                doubled, Band.tables.third + phase * Band.thirdTaps, taps: Band.thirdTaps, scale: Float(Band.factors),
                count: 2 * count, into: wide + phase * stride)
        }
        for index in 0..<2 * count {
            for phase in 0..<Band.factors {
                output[Band.factors * index + phase] = Band.sample(wide[phase * stride + index])
            }
        }
        narrow.update(from: narrow + count, count: Band.halfTaps)
        middle.update(from: middle + 2 * count, count: Band.thirdTaps)
    }
}

/// From the mixer's 48 kHz to 8 kHz. See `TelephoneBand` for how.
///
/// `@unchecked Sendable`: the value owns its memory alone and cannot be copied.
public struct TelephoneDownsampler: ~Copyable, @unchecked Sendable {
    /// Samples in for one out.
    public static let factor = 6

    private typealias Band = TelephoneBand
    /// Every third sample at 48 kHz, three times, and every other at 16 kHz, twice; of each those before, and those of a block.
    private let wide: UnsafeMutablePointer<Float>
    private let even: UnsafeMutablePointer<Float>
    private let odd: UnsafeMutablePointer<Float>
    private let sums: UnsafeMutablePointer<Float>
    private static let stride = Band.thirdTaps + 2 * Band.block

    public init() {
        wide = Band.make(Band.factors * Self.stride)
        even = Band.make(Band.halfTaps + Band.block)
        odd = Band.make(Band.halfTaps + Band.block)
        sums = Band.make(2 * Band.block)
    }

    deinit { for memory in [wide, even, odd, sums] { memory.deallocate() } }

    /// Converts whole groups of `factor` samples, as many as there are and as there is room for.
    /// - Returns: samples written.
    public mutating func process(
        _ input: UnsafeBufferPointer<Int16>, into output: UnsafeMutableBufferPointer<Int16>
    ) -> Int {
        guard let source = input.baseAddress, let target = output.baseAddress else { return 0 }
        let count = min(input.count / Self.factor, output.count)
        var done = 0
        while done < count {
            let length = min(Band.block, count - done)
            process(source + done * Self.factor, length, into: target + done)
            done += length
        }
        return count
    }

    private mutating func process(
        _ input: UnsafePointer<Int16>, _ count: Int, into output: UnsafeMutablePointer<Int16>
    ) {
        for phase in 0..<Band.factors {
            let fresh = wide + phase * Self.stride + Band.thirdTaps
            for index in 0..<2 * count { fresh[index] = Float(input[Band.factors * index + phase]) }
        }
        // The first phase of the filter meets the newest of three samples.
        for phase in 0..<Band.factors {
            Band.filter(
                wide + (Band.factors - 1 - phase) * Self.stride + Band.thirdTaps,
                Band.tables.third + phase * Band.thirdTaps, taps: Band.thirdTaps, scale: 1, count: 2 * count,
                into: sums, adds: phase > 0)
        }
        for index in 0..<count {
            even[Band.halfTaps + index] = sums[2 * index]
            odd[Band.halfTaps + index] = sums[2 * index + 1]
        }
        Band.filter(odd + Band.halfTaps, Band.tables.half, taps: Band.halfTaps, scale: 1, count: count, into: sums)
        let centre = even + Band.halfTaps - Band.halfDelay
        for index in 0..<count { output[index] = Band.sample(sums[index] + 0.5 * centre[index]) }
        for phase in 0..<Band.factors {
            let lane = wide + phase * Self.stride
            lane.update(from: lane + 2 * count, count: Band.thirdTaps)
        }
        even.update(from: even + count, count: Band.halfTaps)
        odd.update(from: odd + count, count: Band.halfTaps)
    }
}

/// What both directions share: a half-band filter between 8 and 16 kHz, flat to 3.4 kHz and 70 dB down from 4.6 kHz, and a
/// short filter between 16 and 48 kHz, where there is much room between the sound and its images (Crochiere and Rabiner,
/// *Multirate Digital Signal Processing*, §5). Together that is a fifth of the multiplications of one filter for both, in
/// loops over samples that the compiler vectorises, with coefficients that are made once for all. It lags by 2 ms.
private enum TelephoneBand {
    /// Samples at 8 kHz that are worked on at once: 20 ms.
    static let block = 160
    static let factors = 3
    /// Of the half-band filter of 59 taps, those that are neither 0 nor the one in the middle.
    static let halfTaps = 30
    /// The one in the middle meets the sample of so long ago.
    static let halfDelay = 14
    /// Of each of the three phases of the other, of 24 taps.
    static let thirdTaps = 8

    /// Coefficients, for ever.
    struct Tables: @unchecked Sendable {
        /// Sum 0.5: the middle has the other half.
        let half: UnsafeMutablePointer<Float>
        /// One phase after the other, each of sum 1/3.
        let third: UnsafeMutablePointer<Float>
    }

    static let tables: Tables = {
        let half = make(halfTaps)
        let third = make(factors * thirdTaps)
        let length = 2 * halfTaps - 1
        for tap in 0..<halfTaps { half[tap] = Float(sinc(2 * tap, of: length, bandwidth: 0.5)) }
        normalise(half, halfTaps, to: 0.5)
        for phase in 0..<factors {
            let taps = third + phase * thirdTaps
            for tap in 0..<thirdTaps {
                taps[tap] = Float(
                    sinc(factors * tap + phase, of: factors * thirdTaps, bandwidth: 1 / Double(factors)))
            }
            normalise(taps, thirdTaps, to: 1 / Float(factors))
        }
        return Tables(half: half, third: third)
    }()

    /// A tap of a low-pass filter up to `bandwidth` of the band, under a Kaiser window of 70 dB.
    private static func sinc(_ tap: Int, of length: Int, bandwidth: Double) -> Double {
        let shape = 6.755
        let middle = Double(length - 1) / 2
        let time = Double(tap) - middle
        let place = time / (middle + 1)
        let window = bessel(shape * (1 - place * place).squareRoot()) / bessel(shape)
        return window * (time == 0 ? bandwidth : sin(.pi * bandwidth * time) / (.pi * time))
    }

    /// The modified Bessel function of the first kind and order 0.
    private static func bessel(_ x: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        for step in 1...40 {
            term *= (x / (2 * Double(step))) * (x / (2 * Double(step)))
            sum += term
        }
        return sum
    }

    private static func normalise(_ taps: UnsafeMutablePointer<Float>, _ count: Int, to wanted: Float) {
        var sum: Float = 0
        for tap in 0..<count { sum += taps[tap] }
        for tap in 0..<count { taps[tap] *= wanted / sum }
    }

    private static let lanes = 16

    /// Zeros, with room behind them for a whole vector.
    static func make(_ count: Int) -> UnsafeMutablePointer<Float> {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: count + lanes)
        memory.initialize(repeating: 0, count: count + lanes)
        return memory
    }

    /// Each sample of `output` is the sum of `taps` samples up to the one of `input` at its place, each times its
    /// coefficient. `output` is written to the next whole vector.
    static func filter(
        _ input: UnsafePointer<Float>, _ coefficients: UnsafePointer<Float>, taps: Int, scale: Float, count: Int,
        into output: UnsafeMutablePointer<Float>, adds: Bool = false
    ) {
        let target = UnsafeMutableRawPointer(output)
        var start = 0
        while start < count {
            let offset = start * MemoryLayout<Float>.size
            var sum = adds ? target.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self) : .zero
            let newest = UnsafeRawPointer(input + start)
            for tap in 0..<taps {
                let samples = newest.loadUnaligned(
                    fromByteOffset: -tap * MemoryLayout<Float>.size, as: SIMD16<Float>.self)
                sum += samples * (coefficients[tap] * scale)
            }
            target.storeBytes(of: sum, toByteOffset: offset, as: SIMD16<Float>.self)
            start += lanes
        }
    }

    /// The nearest sample of 16 bits. Adding 1.5 · 2²³ leaves the whole number in the last bits of the mantissa.
    @inline(__always)
    static func sample(_ value: Float) -> Int16 {
        let bounded = max(-32_768, min(32_767, value))
        return Int16(truncatingIfNeeded: (bounded + 12_582_912).bitPattern)
    }
}
