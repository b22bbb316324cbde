/// CRC-32 as EBML stores it (RFC 8794 §11.3.1: the ISO 3309 polynomial, little endian), eight octets at a time.
public struct CRC32 {
    /// Eight tables of 256: the n-th is the effect of an octet that n others follow.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        for index in 0..<256 as Range<UInt32> {
            var crc = index
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
            tables.append(crc)
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables.append(tables[Int(before & 0xFF)] ^ before >> 8)
        }
        return tables
    }()

    private var state: UInt32 = .max

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        Self.tables.withUnsafeBufferPointer { tables in
            var offset = 0
            while offset + 8 <= bytes.count {
                let word =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(state)
                var sum: UInt32 = 0
                for octet in 0..<8 {
                    let byte = UInt8(truncatingIfNeeded: word >> UInt64(8 * octet))
                    sum ^= tables[(7 - octet) << 8 | Int(byte)]
                }
                state = sum
                offset += 8
            }
            for byte in bytes[offset...] {
                state = tables[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8
            }
        }
    }

    public var value: UInt32 { ~state }

    public static func of(_ bytes: some Collection<UInt8>) -> UInt32 {
        var crc = CRC32()
        let isWhole: Void? = bytes.withContiguousStorageIfAvailable { crc.update(UnsafeRawBufferPointer($0)) }
        if isWhole == nil { Array(bytes).withUnsafeBytes { crc.update($0) } }
        return crc.value
    }
}
