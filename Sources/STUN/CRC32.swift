/// The checksum of FINGERPRINT (RFC 8489 §14.7, ITU-T V.42).
enum CRC32 {
    private static let table: InlineArray<256, UInt32> = .init { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
    }

    static func of(_ octets: some Sequence<UInt8>) -> UInt32 {
        ~octets.reduce(0xFFFF_FFFF) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }

    static func of(_ bytes: RawSpan) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for offset in 0..<bytes.byteCount {
            crc = crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes.byte(offset))]
        }
        return ~crc
    }

    /// What FINGERPRINT holds besides, so that it differs from the checksum of a protocol inside.
    static let fingerprintMask: UInt32 = 0x5354_554E
}
