/// The slope of the delay over the last packet groups: above zero while a queue grows (draft-ietf-rmcat-gcc-02 §5.3, with a
/// line fitted through the smoothed delays in place of the draft's Kalman filter, as libwebrtc has it since 2016).
struct TrendlineFilter: Sendable {
    static let window = 20
    /// Of the delay before in the one after.
    static let smoothing = 0.9
    /// By which a slope, of milliseconds a millisecond, is made comparable with a threshold in milliseconds.
    static let gain = 4.0
    static let mostSteps = 60

    /// Milliseconds since the first step, and the smoothed delay then in milliseconds.
    private var times = InlineArray<20, Double>(repeating: 0)
    private var delays = InlineArray<20, Double>(repeating: 0)
    private var steps = 0
    private var firstArrival: Int64 = 0
    private var accumulated = 0.0
    private var smoothed = 0.0
    /// Milliseconds; what the detector compares.
    private(set) var trend = 0.0

    mutating func add(_ step: PacketGroups.Step) {
        if steps == 0 { firstArrival = step.arrival }
        accumulated += Double(step.arrivalNanoseconds &- step.sendNanoseconds) / 1_000_000
        smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * accumulated
        let slot = steps % Self.window
        times[slot] = Double(step.arrival &- firstArrival) / 1_000_000
        delays[slot] = smoothed
        steps += 1
        guard steps >= Self.window else { return }
        trend = slope() * Double(min(steps, Self.mostSteps)) * Self.gain
    }

    /// Least squares.
    private func slope() -> Double {
        var meanTime = 0.0
        var meanDelay = 0.0
        for index in 0..<Self.window {
            meanTime += times[index]
            meanDelay += delays[index]
        }
        meanTime /= Double(Self.window)
        meanDelay /= Double(Self.window)
        var numerator = 0.0
        var denominator = 0.0
        for index in 0..<Self.window {
            let time = times[index] - meanTime
            numerator += time * (delays[index] - meanDelay)
            denominator += time * time
        }
        return denominator > 0 ? numerator / denominator : 0
    }
}
