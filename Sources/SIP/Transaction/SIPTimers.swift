/// The base values of the transactions' timers (RFC 3261 §17.1.1.1, table 4). The RFC's by default.
public struct SIPTimers: Sendable, Hashable {
    /// The estimate of a round trip.
    public var t1 = Duration.milliseconds(500)
    /// The longest interval between retransmissions.
    public var t2 = Duration.seconds(4)
    /// How long a message may stay in the network.
    public var t4 = Duration.seconds(5)
    /// How soon a 100 goes out when the user of an INVITE transaction says nothing (§17.2.1).
    public var trying = Duration.milliseconds(200)
    public init() {}

    /// Timers B, F, H, J, L and M.
    public var giveUp: Duration { t1 * 64 }
    /// Timer D over an unreliable transport.
    public var absorb: Duration { max(.seconds(32), t1 * 64) }
}

/// A point in time as state machines are given it; they never read a clock.
public typealias SIPInstant = ContinuousClock.Instant
