/// Between what an estimate moves, in bit/s.
public struct RateLimits: Sendable, Equatable {
    public var least: UInt64
    public var start: UInt64
    public var most: UInt64

    /// Values out of order are put in order: nothing is below the least.
    public init(least: UInt64 = 30_000, start: UInt64 = 300_000, most: UInt64 = 5_000_000) {
        self.least = min(max(least, 1000), 10_000_000_000)
        self.most = min(max(most, self.least), 10_000_000_000)
        self.start = min(max(start, self.least), self.most)
    }
}
