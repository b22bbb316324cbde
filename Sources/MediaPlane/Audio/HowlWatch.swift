import Glibc

/// Finds a loudspeaker that feeds its own microphone: one pitch, which grows until something clips.
///
/// A sine obeys x(n) + x(n−2) = 2·cos ω · x(n−1). What is left of a frame once that is taken away is next to nothing for one
/// pitch, and much for voices and for noise. Looked at in 8 kHz, for at 48 kHz every voice is smooth.
struct HowlWatch {
    private static let decimation = 6
    private static let rate: Float = 8_000
    /// Of the frame's energy.
    private static let mostResidue: Float = 0.02
    /// From one frame to the next, of the pitch.
    private static let mostDrift: Float = 0.04
    private static let softest: Float = -40
    /// Frames of one pitch (0.5 s) after which it is judged; the first few belong to its beginning.
    private static let framesToTell = 25
    private static let framesToSettle = 5
    /// dB by which a howl has grown by then.
    private static let growth: Float = 6
    /// A pitch as loud as this (dBov) has nothing left to grow, for half a second longer.
    private static let saturated: Float = -7
    private static let framesToEnd = 50

    private(set) var isRaised = false
    private var hertz: Float = 0
    private var run = 0
    private var startLevel: Float = 0
    private var framesWithout = 0

    /// Takes a frame of 48 kHz and its level in dBov. Returns true where a howl begins, false where it is over.
    mutating func take(_ frame: UnsafePointer<Int16>, level: Float) -> Bool? {
        let pitch = level > Self.softest ? Self.pitch(frame) : nil
        if let pitch, run > 0, abs(pitch - hertz) <= hertz * Self.mostDrift {
            run += 1
        } else {
            run = pitch == nil ? 0 : 1
        }
        hertz = pitch ?? hertz
        if run <= Self.framesToSettle { startLevel = level }
        framesWithout = run > Self.framesToSettle ? 0 : framesWithout + 1
        if isRaised {
            guard framesWithout >= Self.framesToEnd else { return nil }
            isRaised = false
            return false
        }
        let hasGrown = run >= Self.framesToTell && level - startLevel >= Self.growth
        let isSaturated = run >= 2 * Self.framesToTell && level >= Self.saturated
        guard hasGrown || isSaturated else { return nil }
        isRaised = true
        return true
    }

    /// Nobody is heard: what there was is over.
    mutating func rest() -> Bool? {
        run = 0
        framesWithout += 1
        guard isRaised, framesWithout >= Self.framesToEnd else { return nil }
        isRaised = false
        return false
    }

    /// In Hz.
    var pitch: Double { Double(hertz) }

    /// The one pitch of a frame, in Hz; nil where it has more than that.
    private static func pitch(_ frame: UnsafePointer<Int16>) -> Float? {
        var (older, old): (Float, Float) = (0, 0)
        var (cross, energy, outer): (Float, Float, Float) = (0, 0, 0)
        let count = MixFrame.samples / decimation
        for index in 0..<count {
            var sum: Int32 = 0
            for offset in 0..<decimation { sum &+= Int32(frame[index * decimation + offset]) }
            let new = Float(sum)
            if index >= 2 {
                cross += old * (new + older)
                energy += old * old
                outer += (new + older) * (new + older)
            }
            (older, old) = (old, new)
        }
        guard energy > 0 else { return nil }
        let cosine = cross / energy / 2
        // Σ(x(n) + x(n−2) − 2c·x(n−1))², at the c that makes it least.
        let residue = (outer - cross * cross / energy) / energy
        guard residue < mostResidue, abs(cosine) < 0.999 else { return nil }
        return acosf(cosine) / (2 * .pi) * rate
    }
}
