/// How long packets stayed in the bridge: from the wake-up in which a worker read them until what came of them was sent.
public struct LatencyHistogram: Sendable, Equatable {
    /// The upper ends of all buckets but the last, in seconds.
    public static let bounds = [
        0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
    ]
    private static let nanoseconds = SIMD16<UInt64>(
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, .max, .max, .max, .max, .max)

    /// Without memory of its own: a worker counts here in each wake-up.
    private var buckets = SIMD16<UInt64>.zero
    private var total: UInt64 = 0

    public init() {}

    /// Packets in each bucket alone; one more than there are bounds.
    public var counts: [UInt64] { (0...Self.bounds.count).map { buckets[$0] } }
    public var seconds: Double { Double(total) / 1e9 }

    @inline(__always)
    mutating func add(_ nanoseconds: UInt64, packets: UInt64) {
        var bucket = 0
        while bucket < 11, Self.nanoseconds[bucket] < nanoseconds { bucket += 1 }
        buckets[bucket] &+= packets
        total &+= nanoseconds &* packets
    }

    public static func + (one: Self, other: Self) -> Self {
        var sum = one
        sum.buckets &+= other.buckets
        sum.total &+= other.total
        return sum
    }
}
