/// Network byte order at places that need not be aligned.
enum BigEndian {
    @inline(__always)
    static func load32(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
    }

    @inline(__always)
    static func load64(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    static func store(_ value: UInt32, to bytes: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(bytes).storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    @inline(__always)
    static func store(_ value: UInt64, to bytes: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(bytes).storeBytes(of: value.bigEndian, as: UInt64.self)
    }
}
