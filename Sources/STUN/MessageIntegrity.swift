/// The key of MESSAGE-INTEGRITY (RFC 8489 §14.5), prepared once for all messages. The library that hashes is chosen in a
/// layer above.
public protocol MessageIntegrityKey: Sendable {
    /// Prepares the key of a short-term credential: the octets of its password (§9.1.1).
    init(password: some Collection<UInt8>)

    /// HMAC-SHA1 (RFC 2104) of `head` followed by `tail`.
    func tag(over head: RawSpan, _ tail: RawSpan) -> MessageIntegrityTag
}

/// The 20 octets of HMAC-SHA1.
public struct MessageIntegrityTag: Sendable {
    public static let length = 20
    private let first, second: UInt64
    private let third: UInt32

    /// Reads the first 20 octets of `bytes`, which has that many.
    public init(_ bytes: RawSpan) {
        precondition(bytes.byteCount >= Self.length)
        first = bytes.big64(0)
        second = bytes.big64(8)
        third = bytes.big32(16)
    }

    /// Compares without a branch that depends on the octets.
    func matches(_ other: Self) -> Bool {
        (first ^ other.first) | (second ^ other.second) | UInt64(third ^ other.third) == 0
    }

    func write(to base: UnsafeMutableRawPointer) {
        base.setBig64(first, 0)
        base.setBig64(second, 8)
        base.setBig32(third, 16)
    }
}
