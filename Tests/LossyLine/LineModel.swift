/// One way of a line, without sockets or clock: a datagram and the time go in, when it comes out or that it does not comes
/// out. The same seed loses the same RTP packets, whatever RTCP goes between them.
public struct LineModel: Sendable {
    /// What IPv4 and UDP add to a datagram, in octets.
    static let overhead = 28

    public var conditions: LineConditions {
        didSet { if conditions.rate != oldValue.rate { idleAt = 0 } }
    }
    public private(set) var counters = LineCounters()
    private var media: LossProcess
    private var control: LossProcess
    /// When the bottleneck has sent all that waits before it.
    private var idleAt: UInt64 = 0

    public init(_ conditions: LineConditions, seed: UInt64) {
        self.conditions = conditions
        media = LossProcess(seed: seed)
        control = LossProcess(seed: seed ^ 0xC0_47_01)
    }

    /// - Returns: when the datagram arrives, in nanoseconds of the clock of `now`; nil for never.
    public mutating func pass(octets: Int, isControl: Bool = false, atNanoseconds now: UInt64) -> UInt64? {
        let isLost = isControl ? control.loses(conditions.loss) : media.loses(conditions.loss)
        guard !isLost else {
            counters.lost += 1
            return nil
        }
        var arrival = now
        if let rate = conditions.rate {
            let start = max(now, idleAt)
            let end = start + UInt64(Double((octets + Self.overhead) * 8) / rate.bitsPerSecond * 1e9)
            guard end - now <= rate.queue.nanoseconds else {
                counters.overflowed += 1
                return nil
            }
            idleAt = end
            arrival = end
        }
        counters.passed += 1
        counters.octetsPassed += octets
        return arrival + conditions.delay.nanoseconds
    }
}

/// Decides about one datagram after another.
private struct LossProcess: Sendable {
    private var state: UInt64
    private var isInBurst = false

    init(seed: UInt64) { state = seed }

    mutating func loses(_ loss: LineConditions.Loss) -> Bool {
        switch loss {
        case .none: return false
        case .all: return true
        case .random(let share): return next() < share
        case .bursts(let share, let length):
            let length = max(1, length)
            // So that of all datagrams the share is in bursts.
            let begins = share >= 1 ? 1 : share / (length * (1 - share))
            isInBurst = isInBurst ? next() >= 1 / length : next() < begins
            return isInBurst
        }
    }

    /// 0..<1 (SplitMix64).
    private mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }
}

extension Duration {
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
