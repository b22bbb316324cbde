/// How long packets wait on their way, against the fastest of the last ten to twenty seconds: the clocks of the two ends need
/// not agree, nor run quite alike.
struct QueueDelay: Sendable {
    static let epochNanoseconds: Int64 = 10_000_000_000
    static let longNanoseconds = 80e6
    static let riseNanoseconds = 15e6
    static let notableNanoseconds = 50e6
    /// What comes through at less than this part of what is thought to, while all of it waits, shows a line that fell.
    static let fallen = 0.6
    static let leastSpanNanoseconds: Int64 = 40_000_000

    private var epoch: Int64?
    private var least: Int64 = .max
    private var leastBefore: Int64 = .max
    /// Of the packets seen last, smoothed.
    private(set) var nanoseconds: Double = 0
    /// The shortest wait since `settle`, and in the two intervals before it.
    private var shortest = Double.infinity
    private var shortestBefore = (0.0, 0.0)
    private(set) var isRising = false
    /// Since `settle`: what came after the first packet, and when.
    private var octets = 0
    private var firstArrival: Int64?
    private var lastArrival: Int64 = .min

    mutating func reset() { self = QueueDelay() }

    mutating func add(sent: Int64, arrival: Int64, octets size: Int) {
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
        shortest = min(shortest, wait)
        if firstArrival == nil { firstArrival = arrival } else { octets += size }
        lastArrival = max(lastArrival, arrival)
    }

    /// A feedback ends. The queue rises when no packet of it passed as fast as the fastest of the one before, nor that as fast
    /// as the one before it: the queue that one large picture makes is shorter again by then. It rises too when all packets
    /// wait and come far slower than at `rate`, in bit/s, which the line was thought to carry.
    mutating func settle(rate: Double) {
        guard shortest.isFinite, let first = firstArrival else { return }
        let span = lastArrival &- first
        let hasFallen =
            shortest > Self.notableNanoseconds && span >= Self.leastSpanNanoseconds
            && Double(octets) * 8e9 / Double(span) < rate * Self.fallen
        isRising =
            hasFallen
            || shortest > Self.longNanoseconds && shortest > shortestBefore.1 + Self.riseNanoseconds
                && shortestBefore.1 > shortestBefore.0 + Self.riseNanoseconds
        shortestBefore = (shortestBefore.1, shortest)
        shortest = .infinity
        octets = 0
        firstArrival = nil
        lastArrival = .min
    }
}
