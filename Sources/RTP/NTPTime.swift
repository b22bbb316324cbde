/// NTP timestamps as RTCP carries them: 32.32 fixed point seconds since 1900 (RFC 3550 §4).
public struct NTPTime: Sendable, Hashable, Comparable {
    /// Seconds from 1900-01-01 to 1970-01-01.
    public static let secondsBeforeUnixEpoch: UInt64 = 2_208_988_800

    public var rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The era wraps in 2036; the arithmetic wraps with it.
    public init(unixNanoseconds: UInt64) {
        let seconds = unixNanoseconds / 1_000_000_000 &+ Self.secondsBeforeUnixEpoch
        let fraction = ((unixNanoseconds % 1_000_000_000) << 32) / 1_000_000_000
        rawValue = seconds << 32 | fraction
    }

    public var seconds: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
    public var fraction: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The middle 32 bits, 16.16 fixed point, for LSR and DLSR (RFC 3550 §6.4.1).
    public var compact: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }

    /// Nanoseconds since 1970, taking values before 1970 as of the era that begins in 2036.
    public var unixNanoseconds: UInt64 {
        var whole = rawValue >> 32
        if whole < Self.secondsBeforeUnixEpoch { whole += 1 << 32 }
        return (whole - Self.secondsBeforeUnixEpoch) * 1_000_000_000 + ((rawValue & 0xffff_ffff) * 1_000_000_000) >> 32
    }

    /// Signed nanoseconds from `other` to `self`, across an era's wrap.
    public func nanoseconds(since other: NTPTime) -> Int64 {
        let difference = Int64(bitPattern: rawValue &- other.rawValue)
        let seconds = difference >> 32
        let fraction = ((difference & 0xffff_ffff) &* 1_000_000_000) >> 32
        return seconds &* 1_000_000_000 &+ fraction
    }

    /// A duration as 16.16 fixed point seconds, saturating.
    public static func compact(nanoseconds: UInt64) -> UInt32 {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard whole < 1 << 16 else { return .max }
        return UInt32(truncatingIfNeeded: whole << 16 | (rest << 16) / 1_000_000_000)
    }

    /// 16.16 fixed point seconds in nanoseconds.
    public static func nanoseconds(compact: UInt32) -> UInt64 { (UInt64(compact) * 1_000_000_000) >> 16 }

    public static func < (left: NTPTime, right: NTPTime) -> Bool { left.rawValue < right.rawValue }
}
