/// What a line does to the datagrams that go over it one way.
public struct LineConditions: Sendable, Equatable {
    public enum Loss: Sendable, Equatable {
        case none
        /// Each datagram by itself, with this probability.
        case random(Double)
        /// Runs of them (Gilbert–Elliott): this share of all, in runs of this many on average.
        case bursts(Double, length: Double)
        /// Nothing gets through.
        case all
    }

    /// A bottleneck: what it carries, and how long a datagram waits before it at most.
    public struct Rate: Sendable, Equatable {
        public var bitsPerSecond: Double
        public var queue: Duration

        public init(bitsPerSecond: Double, queue: Duration = .milliseconds(200)) {
            self.bitsPerSecond = max(1, bitsPerSecond)
            self.queue = queue
        }
    }

    public var loss: Loss
    public var rate: Rate?
    /// Beyond what waits before the bottleneck.
    public var delay: Duration

    public init(loss: Loss = .none, rate: Rate? = nil, delay: Duration = .zero) {
        self.loss = loss
        self.rate = rate
        self.delay = delay
    }

    public static let clear = LineConditions()
}

/// What became of the datagrams that came to a line, one way.
public struct LineCounters: Sendable, Equatable {
    public var passed = 0
    public var lost = 0
    /// Dropped by the bottleneck's queue.
    public var overflowed = 0
    public var octetsPassed = 0

    public init() {}
}
