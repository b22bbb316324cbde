/// What the delays say of the line.
enum LineUsage: Sendable, Equatable { case underuse, normal, overuse }

/// Compares the trend of the delay with a threshold that adapts, so that flows that fill queues do not starve this one
/// (draft-ietf-rmcat-gcc-02 §5.4).
struct OveruseDetector: Sendable {
    static let firstThreshold = 12.5
    static let thresholds = 6.0...600.0
    static let riseGain = 0.0087
    static let fallGain = 0.039
    /// A trend farther than this above the threshold is a spike that shall not move it.
    static let spike = 15.0
    static let overuseMilliseconds = 10.0
    static let longestStepMilliseconds = 100.0

    private(set) var usage = LineUsage.normal
    private(set) var threshold = Self.firstThreshold
    private var lastTrend = 0.0
    private var lastArrival: Int64?
    private var overusedMilliseconds = 0.0
    private var overusedSteps = 0

    /// - Parameter sendMilliseconds: between the ends of the last two groups.
    mutating func update(trend: Double, sendMilliseconds: Double, arrival: Int64) {
        if trend > threshold {
            // The first step counts half, for it is not known when the overuse began.
            overusedMilliseconds += overusedSteps == 0 ? sendMilliseconds / 2 : sendMilliseconds
            overusedSteps += 1
            if overusedMilliseconds > Self.overuseMilliseconds, overusedSteps > 1, trend >= lastTrend {
                overusedMilliseconds = 0
                overusedSteps = 0
                usage = .overuse
            }
        } else {
            overusedMilliseconds = 0
            overusedSteps = 0
            usage = trend < -threshold ? .underuse : .normal
        }
        lastTrend = trend
        adapt(to: abs(trend), arrival)
    }

    private mutating func adapt(to trend: Double, _ arrival: Int64) {
        defer { lastArrival = arrival }
        guard let lastArrival, trend <= threshold + Self.spike else { return }
        let gain = trend < threshold ? Self.fallGain : Self.riseGain
        let elapsed = min(max(0, Double(arrival &- lastArrival) / 1_000_000), Self.longestStepMilliseconds)
        threshold += gain * (trend - threshold) * elapsed
        threshold = min(max(threshold, Self.thresholds.lowerBound), Self.thresholds.upperBound)
    }
}
