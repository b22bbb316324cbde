#if canImport(Glibc)
    import Glibc
#endif

/// The arithmetic of the mixer over frames of 16-bit samples, in loops that the compiler vectorises.
enum MixArithmetic {
    /// Adds `frame` into `sum`; both have `count` samples.
    static func add(_ frame: UnsafePointer<Int16>, to sum: UnsafeMutablePointer<Int32>, count: Int) {
        for i in 0..<count { sum[i] &+= Int32(frame[i]) }
    }

    /// The largest magnitude in a frame.
    static func peak(_ frame: UnsafePointer<Int16>, count: Int) -> Int32 {
        var peak: Int32 = 0
        for i in 0..<count { peak = max(peak, abs(Int32(frame[i]))) }
        return peak
    }

    /// RMS level in dBov of a sum, less `own` where given.
    static func level(_ sum: UnsafePointer<Int32>, less own: UnsafePointer<Int16>?, count: Int) -> Float {
        var energy: Float = 0
        for i in 0..<count {
            let sample = Float(sum[i] &- Int32(own?[i] ?? 0))
            energy += sample * sample
        }
        guard energy > 0, count > 0 else { return -127 }
        return max(-127, 10 * log10f(energy / Float(count) / (32_768 * 32_768)))
    }

    /// RMS level in dBov, at least -127.
    static func level(_ frame: UnsafePointer<Int16>, count: Int) -> Float {
        var energy: Int64 = 0
        for i in 0..<count {
            let sample = Int32(frame[i])
            energy &+= Int64(sample &* sample)
        }
        guard energy > 0, count > 0 else { return -127 }
        let meanSquare = Float(energy) / Float(count)
        return max(-127, 10 * log10f(meanSquare / (32_768 * 32_768)))
    }
}

/// Keeps a mix within 16 bits: falls at once when the sum is too loud, and recovers within half a second.
struct MixLimiter {
    private static let ceiling: Float = 30_000
    private static let recoveryPerFrame: Float = 0.04
    private var gain: Float = 1

    /// Writes `sum` less `own` (nil for none) into `out`, limited; all have `count` samples.
    mutating func write(
        _ sum: UnsafePointer<Int32>, less own: UnsafePointer<Int16>?, into out: UnsafeMutablePointer<Int16>, count: Int
    ) {
        var peak: Int32 = 0
        if let own {
            for i in 0..<count { peak = max(peak, abs(sum[i] &- Int32(own[i]))) }
        } else {
            for i in 0..<count { peak = max(peak, abs(sum[i])) }
        }
        let allowed = peak == 0 ? 1 : min(1, Self.ceiling / Float(peak))
        let target = min(allowed, gain + Self.recoveryPerFrame)
        if gain == 1 && target == 1 {
            for i in 0..<count { out[i] = Int16(truncatingIfNeeded: sum[i] &- Int32(own?[i] ?? 0)) }
            return
        }
        // The gain glides over the frame's first samples, and never above what its peak allows.
        let start = min(gain, allowed)
        let step = (target - start) / Float(max(count, 1))
        var now = start
        for i in 0..<count {
            let sample = Float(sum[i] &- Int32(own?[i] ?? 0)) * now
            out[i] = Int16(max(-32_768, min(32_767, sample)))
            now += step
        }
        gain = target
    }
}

extension MixArithmetic {
    /// Multiplies a frame by a gain that glides from one value to another, within 16 bits.
    static func scale(_ frame: UnsafeMutablePointer<Int16>, _ gains: (Float, Float), count: Int) {
        let step = (gains.1 - gains.0) / Float(max(count, 1))
        for i in 0..<count {
            let sample = Float(frame[i]) * (gains.0 + step * Float(i))
            frame[i] = Int16(max(-32_768, min(32_767, sample)))
        }
    }

    /// Puts a clip over what is heard otherwise, less `own`, whose gain glides.
    static func lay(
        _ clip: UnsafePointer<Int16>, over sum: UnsafePointer<Int32>, less own: UnsafePointer<Int16>?,
        _ gains: (Float, Float), into out: UnsafeMutablePointer<Int32>, count: Int
    ) {
        let step = (gains.1 - gains.0) / Float(max(count, 1))
        for i in 0..<count {
            let heard = Float(sum[i] &- Int32(own?[i] ?? 0)) * (gains.0 + step * Float(i))
            out[i] = Int32(heard) &+ Int32(clip[i])
        }
    }

    /// The same over one frame.
    static func lay(
        _ clip: UnsafePointer<Int16>, over frame: UnsafePointer<Int16>, _ gains: (Float, Float),
        into out: UnsafeMutablePointer<Int32>, count: Int
    ) {
        let step = (gains.1 - gains.0) / Float(max(count, 1))
        for i in 0..<count {
            out[i] = Int32(Float(frame[i]) * (gains.0 + step * Float(i))) &+ Int32(clip[i])
        }
    }
}
