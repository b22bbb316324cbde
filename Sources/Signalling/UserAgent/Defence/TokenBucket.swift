import SIP

/// Lets so many a second through, and a burst of as many as some seconds bring.
struct TokenBucket {
    private let rate: Double
    private let capacity: Double
    private var tokens: Double
    private var filled: SIPInstant?

    init(perSecond rate: Int, burst: Duration = .seconds(1)) {
        self.rate = Double(max(1, rate))
        capacity = self.rate * max(1, Double(burst.components.seconds))
        tokens = capacity
    }

    /// Takes one, if more than that share of a full bucket stays.
    mutating func take(leaving share: Double = 0, at now: SIPInstant) -> Bool {
        if let filled, filled < now {
            let parts = (now - filled).components
            tokens = min(capacity, tokens + rate * (Double(parts.seconds) + Double(parts.attoseconds) * 1e-18))
        }
        filled = now
        guard tokens - 1 >= capacity * share else { return false }
        tokens -= 1
        return true
    }
}
