/// Finds a leg that returns what it is sent: its loudness follows, some time later, the loudness of what it hears.
///
/// Envelopes in dB, one value in 40 ms, are correlated over four seconds for every delay up to a second: a few microseconds
/// a look. Whoever speaks is followed by the culprit, never the other way round, so that the delay's sign tells them apart.
struct EchoWatch {
    struct Evidence {
        var milliseconds: Int
        var correlation: Float
        var attenuation: Float
    }

    private static let capacity = 128
    private static let window = 100
    private static let mostLag = 25
    private static let millisecondsInStep = 40
    private static let quietest: Float = -60
    private static let leastCorrelation: Float = 0.85
    /// dB: what does not move tells nothing.
    private static let leastDeviation: Float = 5
    /// Looks, two a second, of the same delay after which it is told, and of none after which it is over.
    private static let looksToTell = 4
    private static let looksToEnd = 8

    private var near = InlineArray<128, Float>(repeating: Self.quietest)
    private var far = InlineArray<128, Float>(repeating: Self.quietest)
    private var next = 0
    private var half: (near: Float, far: Float)?
    private var stepsHeard = 0
    private(set) var isRaised = false
    private var lag = 0
    private var run = 0

    /// Takes the levels in dBov of what the leg says in 20 ms, and of what it is sent.
    mutating func take(near newNear: Float, far newFar: Float) {
        guard let before = half else {
            half = (newNear, newFar)
            return
        }
        half = nil
        near[next] = max(Self.quietest, max(before.near, newNear))
        far[next] = max(Self.quietest, max(before.far, newFar))
        stepsHeard = near[next] > Self.quietest ? Self.capacity : max(0, stepsHeard - 1)
        next = (next + 1) % Self.capacity
    }

    /// Looks, twice a second. Returns evidence where an echo begins or, nil inside, where it is over.
    mutating func look() -> Evidence?? {
        guard stepsHeard > 0 || isRaised else { return nil }
        let found = correlate()
        if isRaised {
            run = found == nil ? run + 1 : 0
            guard run >= Self.looksToEnd else { return nil }
            isRaised = false
            run = 0
            return .some(nil)
        }
        guard let found else {
            run = 0
            return nil
        }
        run = run > 0 && abs(found.lag - lag) <= 1 ? run + 1 : 1
        lag = found.lag
        guard run >= Self.looksToTell else { return nil }
        isRaised = true
        run = 0
        return Evidence(
            milliseconds: found.lag * Self.millisecondsInStep, correlation: found.correlation,
            attenuation: found.attenuation)
    }

    private func correlate() -> (lag: Int, correlation: Float, attenuation: Float)? {
        // In order of time, so that the sums run through them without a detour.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * Self.window + Self.mostLag) { levels in
            guard let own = levels.baseAddress else { return nil }
            let sent = own + Self.window
            let begin = next + Self.capacity - Self.window - Self.mostLag
            for step in 0..<Self.window + Self.mostLag {
                (sent + step).initialize(to: far[(begin + step) % Self.capacity])
            }
            for step in 0..<Self.window {
                (own + step).initialize(to: near[(begin + Self.mostLag + step) % Self.capacity])
            }
            return Self.correlate(own, sent)
        }
    }

    /// `sent` begins so much earlier than `own` as an echo may be late.
    private static func correlate(
        _ own: UnsafeMutablePointer<Float>, _ sent: UnsafePointer<Float>
    ) -> (lag: Int, correlation: Float, attenuation: Float)? {
        let (ownMean, ownDeviation) = moments(own)
        guard ownDeviation >= leastDeviation else { return nil }
        for step in 0..<window { own[step] -= ownMean }
        var best: (lag: Int, correlation: Float, attenuation: Float)?
        for first in 0...mostLag {
            let (sentMean, sentDeviation) = moments(sent + first)
            guard sentDeviation >= leastDeviation else { continue }
            // Four sums, for one would have to wait for itself. What has no mean may be multiplied with what has one.
            var sums = SIMD4<Float>()
            for step in stride(from: 0, to: window, by: 4) { sums += four(own + step) * four(sent + first + step) }
            let correlation = sums.sum() / Float(window) / (ownDeviation * sentDeviation)
            if correlation > best?.correlation ?? leastCorrelation {
                best = (mostLag - first, correlation, sentMean - ownMean)
            }
        }
        return best
    }

    /// Mean and standard deviation of a window.
    private static func moments(_ values: UnsafePointer<Float>) -> (Float, Float) {
        var (sums, squares) = (SIMD4<Float>(), SIMD4<Float>())
        for step in stride(from: 0, to: window, by: 4) {
            let values = four(values + step)
            sums += values
            squares += values * values
        }
        let mean = sums.sum() / Float(window)
        return (mean, max(0, squares.sum() / Float(window) - mean * mean).squareRoot())
    }

    private static func four(_ values: UnsafePointer<Float>) -> SIMD4<Float> {
        UnsafeRawPointer(values).loadUnaligned(as: SIMD4<Float>.self)
    }
}
