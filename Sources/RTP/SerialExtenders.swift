/// Follows 16-bit sequence numbers through their wraps as 64-bit indices (RFC 3550 §A.1).
public struct SequenceExtender: Sendable {
    private var highest: Int64?

    public init() {}

    /// The index of a packet: the one nearest to the highest seen. The first number seen lies in cycle 1, so that
    /// packets older than it still have an index.
    @inlinable
    public mutating func extend(_ value: UInt16) -> UInt64 {
        let index = peek(value)
        advance(to: index)
        return index
    }

    /// The index that `extend` would give, without moving on.
    public func peek(_ value: UInt16) -> UInt64 {
        guard let highest else { return 1 << 16 | UInt64(value) }
        let delta = Int16(truncatingIfNeeded: Int64(value) &- highest)
        return UInt64(max(0, highest + Int64(delta)))
    }

    /// Steps from the highest seen to a number: negative when it is older, 0 before any.
    public func distance(to value: UInt16) -> Int64 {
        guard let highest else { return 0 }
        return Int64(Int16(truncatingIfNeeded: Int64(value) &- highest))
    }

    @usableFromInline
    mutating func advance(to index: UInt64) { highest = max(highest ?? 0, Int64(truncatingIfNeeded: index)) }
}

/// Follows 32-bit RTP timestamps through their wraps as 64-bit ticks.
public struct TimestampExtender: Sendable {
    private var latest: Int64?

    public init() {}

    /// The ticks of a timestamp: the value nearest to the latest seen. The first one seen lies in cycle 1, so that
    /// earlier ones are still positive.
    public mutating func extend(_ value: UInt32) -> Int64 {
        let ticks = peek(value)
        latest = max(latest ?? .min, ticks)
        return ticks
    }

    /// The ticks that `extend` would give, without moving on.
    public func peek(_ value: UInt32) -> Int64 {
        guard let latest else { return 1 << 32 | Int64(value) }
        return latest &+ Int64(Int32(truncatingIfNeeded: Int64(value) &- latest))
    }

    /// Ticks from the latest seen to a timestamp: negative when it is older, 0 before any.
    public func distance(to value: UInt32) -> Int64 {
        guard let latest else { return 0 }
        return Int64(Int32(truncatingIfNeeded: Int64(value) &- latest))
    }
}
