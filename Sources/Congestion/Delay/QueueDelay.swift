/// How long packets wait on their way, against the fastest of the last ten to twenty seconds: the clocks of the two ends need
/// not agree, nor run quite alike.
struct QueueDelay: Sendable {
    static let epochNanoseconds: Int64 = 10_000_000_000

    private var epoch: Int64?
    private var least: Int64 = .max
    private var leastBefore: Int64 = .max
    /// Of the packets seen last, smoothed.
    private(set) var nanoseconds: Double = 0

    mutating func reset() { self = QueueDelay() }

    mutating func add(sent: Int64, arrival: Int64) {
        let transit = arrival &- sent
        if let epoch, arrival &- epoch < Self.epochNanoseconds, arrival >= epoch {
            least = min(least, transit)
        } else {
            leastBefore = least
            least = transit
            epoch = arrival
        }
        let wait = Double(transit &- min(least, leastBefore))
        nanoseconds += (wait - nanoseconds) * 0.3
    }
}
