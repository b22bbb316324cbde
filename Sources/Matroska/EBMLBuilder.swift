/// Builds EBML elements in memory (RFC 8794).
struct EBMLBuilder {
    private(set) var bytes: [UInt8] = []

    mutating func id(_ id: UInt32) {
        var started = false
        for shift in [24, 16, 8, 0] as [UInt32] {
            let byte = UInt8(truncatingIfNeeded: id >> shift)
            if byte != 0 || started {
                bytes.append(byte)
                started = true
            }
        }
    }

    /// The fewest octets that hold a data size. All ones is "unknown", so a size that would be all ones takes one more.
    static func sizeLength(_ size: UInt64) -> Int {
        var octets = 1
        while octets < 8, size >= (1 << UInt64(7 * octets)) - 1 { octets += 1 }
        return octets
    }

    /// A data size in `length` octets, or in the fewest that hold it (RFC 8794 §6).
    mutating func size(_ size: UInt64, length: Int? = nil) {
        let octets = length ?? Self.sizeLength(size)
        let value = size | 1 << UInt64(7 * octets)
        for index in stride(from: octets - 1, through: 0, by: -1) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    mutating func unsigned(_ id: UInt32, _ value: UInt64) {
        var octets = 1
        while octets < 8, value >> UInt64(8 * octets) != 0 { octets += 1 }
        self.id(id)
        size(UInt64(octets))
        for index in stride(from: octets - 1, through: 0, by: -1) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    /// In eight octets, as dates are (RFC 8794 §7.6).
    mutating func signed(_ id: UInt32, _ value: Int64) { fixed(id, UInt64(bitPattern: value)) }

    mutating func float(_ id: UInt32, _ value: Double) { fixed(id, value.bitPattern) }

    private mutating func fixed(_ id: UInt32, _ value: UInt64) {
        self.id(id)
        size(8)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    mutating func string(_ id: UInt32, _ text: String) { binary(id, Array(text.utf8)) }

    mutating func binary(_ id: UInt32, _ data: some Collection<UInt8>) {
        self.id(id)
        size(UInt64(data.count))
        bytes.append(contentsOf: data)
    }

    mutating func raw(_ data: some Collection<UInt8>) { bytes.append(contentsOf: data) }

    mutating func master(_ id: UInt32, _ body: (inout EBMLBuilder) -> Void) {
        var inner = EBMLBuilder()
        body(&inner)
        binary(id, inner.bytes)
    }

    /// A void element of `total` octets with its head (RFC 8794 §11.3.2); `total` is 0 or at least 2.
    mutating func void(total: Int) {
        guard total >= 2 else { return }
        id(EBMLID.void)
        let sizeLength = total < 100 ? 1 : min(8, total - 1)
        size(UInt64(total - 1 - sizeLength), length: sizeLength)
        bytes.append(contentsOf: repeatElement(0, count: total - 1 - sizeLength))
    }

    /// Pads with a void element up to `length` octets in all; false when they are too many already.
    mutating func pad(to length: Int) -> Bool {
        let rest = length - bytes.count
        guard rest == 0 || rest >= 2 else { return false }
        void(total: rest)
        return true
    }
}
