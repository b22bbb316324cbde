/// Packets in, the state of the line out: what both the estimate for a receiver of ours and the one of a sender to us hear
/// (draft-ietf-rmcat-gcc-02 §5).
struct DelaySignal: Sendable {
    private var groups = PacketGroups()
    private var filter = TrendlineFilter()
    private var detector = OveruseDetector()
    private var queue = QueueDelay()
    /// Arrivals before it tell of a queue that a probe made.
    private var deafUntil: Int64?

    /// The trend is heard late where packets are few and the queue is long: its length then speaks for itself.
    var usage: LineUsage {
        guard deafUntil == nil else { return .normal }
        return queue.isRising ? .overuse : detector.usage
    }
    var queueNanoseconds: Double { deafUntil == nil ? queue.nanoseconds : 0 }

    /// A packet that was sent and has arrived, by the clocks of the two ends. False when a clock jumped.
    @discardableResult
    mutating func add(sent: Int64, arrival: Int64, octets: Int) -> Bool {
        if let deafUntil {
            guard sent >= deafUntil || deafUntil &- sent > 10_000_000_000 else { return true }
            self.deafUntil = nil
            forgetTrend()
        }
        let outcome = groups.add(sent: sent, arrival: arrival)
        switch outcome {
        case .reset:
            queue.reset()
            forgetTrend()
            return false
        case .step(let step):
            filter.add(step)
            detector.update(
                trend: filter.trend, sendMilliseconds: Double(step.sendNanoseconds) / 1_000_000, arrival: step.arrival)
        case .none: break
        }
        queue.add(sent: sent, arrival: arrival, octets: octets)
        return true
    }

    /// A probe fills the queue: what is sent before `sent` says nothing about the rate otherwise.
    mutating func ignore(sentBefore sent: Int64) { deafUntil = max(deafUntil ?? sent, sent) }

    /// The way is another one.
    mutating func reset() {
        groups.reset()
        queue.reset()
        forgetTrend()
    }

    /// A feedback ends; `rate` is what the line is thought to carry, in bit/s.
    mutating func settle(rate: Double) { queue.settle(rate: rate) }

    /// The rate changed so much that the delays before say nothing about those to come.
    mutating func forgetTrend() {
        filter = TrendlineFilter()
        detector = OveruseDetector()
        groups.reset()
    }
}
