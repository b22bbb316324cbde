import SIP

/// Lets so many a second through, and a burst of as many as a second brings.
struct TokenBucket {
    private let rate: Double
    private var tokens: Double
    private var filled: SIPInstant?

    init(perSecond rate: Int) {
        self.rate = Double(max(1, rate))
        tokens = self.rate
    }

    /// Takes one, if more than that share of a full bucket stays.
    mutating func take(leaving share: Double = 0, at now: SIPInstant) -> Bool {
        if let filled, filled < now {
            let parts = (now - filled).components
            tokens = min(rate, tokens + rate * (Double(parts.seconds) + Double(parts.attoseconds) * 1e-18))
        }
        filled = now
        guard tokens - 1 >= rate * share else { return false }
        tokens -= 1
        return true
    }
}
