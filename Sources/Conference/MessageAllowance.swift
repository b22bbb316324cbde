/// How fast one participant may write to its meeting: ten messages at once, and one more each second.
struct MessageAllowance: Hashable, Sendable {
    static let burst = 10
    static let interval = Duration.seconds(1)

    private var left = burst
    private var counted = Duration.zero

    /// Takes one where there is one.
    mutating func take(at now: Duration) -> Bool {
        let earned = now < counted ? 0 : Int(clamping: (now - counted) / Self.interval)
        if left >= Self.burst || earned >= Self.burst - left {
            left = Self.burst
            counted = now
        } else {
            left += earned
            counted += Self.interval * earned
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}

extension Int {
    fileprivate init(clamping value: Double) { self = value < 1e9 ? Int(value) : 1_000_000_000 }
}
