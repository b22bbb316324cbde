/// A session salt ready to be combined with SSRC and index to an initialisation vector.
struct SessionSalt {
    private let high: UInt64
    private let low: UInt64

    /// Takes 14 bytes (counter mode) or 12 (GCM).
    init(_ salt: [UInt8]) {
        var words = (UInt64(0), UInt64(0))
        for (position, byte) in salt.prefix(16).enumerated() {
            let shifted = UInt64(byte) << UInt64(56 - 8 * (position % 8))
            if position < 8 { words.0 |= shifted } else { words.1 |= shifted }
        }
        (high, low) = words
    }

    /// The initial counter block, 16 bytes (RFC 3711 §4.1.1).
    @inline(__always)
    func writeCounter(ssrc: UInt32, index: UInt64, to vector: UnsafeMutablePointer<UInt8>) {
        BigEndian.store(high ^ UInt64(ssrc), to: vector)
        BigEndian.store(low ^ index << 16, to: vector + 8)
    }

    /// The 12-byte vector of GCM (RFC 7714 §8.1, §9.1).
    @inline(__always)
    func writeNonce(ssrc: UInt32, index: UInt64, to vector: UnsafeMutablePointer<UInt8>) {
        BigEndian.store(high ^ UInt64(ssrc) << 16 ^ index >> 32, to: vector)
        BigEndian.store(UInt32(truncatingIfNeeded: low >> 32) ^ UInt32(truncatingIfNeeded: index), to: vector + 8)
    }
}
