/// Tags compared without a branch that depends on their bytes.
enum AuthenticationTag {
    @inline(__always)
    static func matches(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, length: Int) -> Bool {
        var difference: UInt64 = 0
        var offset = 0
        while offset &+ 4 <= length {
            difference |= UInt64(BigEndian.load32(one + offset) ^ BigEndian.load32(other + offset))
            offset &+= 4
        }
        while offset < length {
            difference |= UInt64(one[offset] ^ other[offset])
            offset &+= 1
        }
        return difference == 0
    }
}
