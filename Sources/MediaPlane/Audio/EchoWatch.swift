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
        let (nearMean, nearDeviation) = moments(near, back: 0)
        guard nearDeviation >= Self.leastDeviation else { return nil }
        var best: (lag: Int, correlation: Float, attenuation: Float)?
        for lag in 0...Self.mostLag {
            let (farMean, farDeviation) = moments(far, back: lag)
            guard farDeviation >= Self.leastDeviation else { continue }
            var sum: Float = 0
            for step in 1...Self.window {
                sum += (near[place(step)] - nearMean) * (far[place(step + lag)] - farMean)
            }
            let correlation = sum / Float(Self.window) / (nearDeviation * farDeviation)
            if correlation > best?.correlation ?? Self.leastCorrelation {
                best = (lag, correlation, farMean - nearMean)
            }
        }
        return best
    }

    /// Mean and standard deviation of the window that ended so many steps ago.
    private func moments(_ values: InlineArray<128, Float>, back: Int) -> (Float, Float) {
        var (sum, squares): (Float, Float) = (0, 0)
        for step in 1...Self.window {
            let value = values[place(step + back)]
            sum += value
            squares += value * value
        }
        let mean = sum / Float(Self.window)
        return (mean, max(0, squares / Float(Self.window) - mean * mean).squareRoot())
    }

    /// Where the value lies that came so many steps ago; 1 is the newest.
    private func place(_ step: Int) -> Int { (next - step + 2 * Self.capacity) % Self.capacity }
}
