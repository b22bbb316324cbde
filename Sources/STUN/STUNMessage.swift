/// One STUN message (RFC 8489 §5): its header, and its attributes in order.
public struct STUNMessage: Hashable, Sendable {
    public enum Class: UInt16, Hashable, Sendable {
        case request = 0x000
        case indication = 0x010
        case success = 0x100
        case error = 0x110
    }

    public struct Attribute: Hashable, Sendable {
        public var type: STUNAttributeType
        /// Without padding; at most 65,535 octets.
        public var value: [UInt8]

        public init(_ type: STUNAttributeType, _ value: [UInt8]) {
            self.type = type
            self.value = value
        }
    }

    /// The method of all that is asked here: Binding.
    public static let binding: UInt16 = 1
    static let headerLength = 20
    static let magicCookie: UInt32 = 0x2112_A442

    public var messageClass: Class
    /// 12 bits.
    public var method: UInt16
    /// 12 octets.
    public var transactionID: [UInt8]
    public var attributes: [Attribute]

    public init(_ messageClass: Class, method: UInt16 = binding, transactionID: [UInt8], attributes: [Attribute] = []) {
        self.messageClass = messageClass
        self.method = method & 0xFFF
        self.transactionID = transactionID
        self.attributes = attributes
    }

    /// Whether octets that came where other protocols are spoken too are meant for STUN (RFC 8489 §6.3): two zero bits,
    /// the magic cookie, and a length that fits.
    public static func isLikely(_ octets: some RandomAccessCollection<UInt8>) -> Bool {
        guard octets.count >= headerLength, let first = octets.first, first < 4 else { return false }
        let header = Array(octets.prefix(8))
        return header.word(at: 4) == magicCookie && Int(header.half(at: 2)) == octets.count - headerLength
            && header[3] & 3 == 0
    }

    /// Nil for octets that are no STUN message, or whose fingerprint is wrong.
    public init?(parsing octets: [UInt8]) {
        guard Self.isLikely(octets) else { return nil }
        let type = octets.half(at: 0)
        guard let messageClass = Class(rawValue: type & 0x110) else { return nil }
        var attributes: [Attribute] = []
        var position = Self.headerLength
        while position < octets.count {
            guard octets.count - position >= 4 else { return nil }
            let attributeType = STUNAttributeType(rawValue: octets.half(at: position))
            let length = Int(octets.half(at: position + 2))
            let padded = (length + 3) & ~3
            guard octets.count - position - 4 >= padded else { return nil }
            let value = Array(octets[(position + 4)..<(position + 4 + length)])
            if attributeType == .fingerprint {
                // It is the last one, and covers all before it (§14.7).
                guard position + 4 + padded == octets.count, length == 4,
                    value.word(at: 0) == Self.fingerprint(of: octets[..<position])
                else { return nil }
            }
            attributes.append(Attribute(attributeType, value))
            position += 4 + padded
        }
        self.init(
            messageClass, method: Self.method(ofType: type),
            transactionID: Array(octets[8..<20]), attributes: attributes)
    }

    /// The first attribute of a type.
    public subscript(type: STUNAttributeType) -> [UInt8]? { attributes.first { $0.type == type }?.value }

    /// The octets that go on the wire. A fingerprint is computed anew where there is one.
    public func serialized() -> [UInt8] {
        let type = Self.type(messageClass, method: method)
        let length = attributes.reduce(0) { $0 + 4 + ($1.value.count + 3) & ~3 }
        var octets: [UInt8] = []
        octets.reserveCapacity(Self.headerLength + length)
        octets.append(half: type)
        octets.append(half: UInt16(truncatingIfNeeded: length))
        octets.append(word: Self.magicCookie)
        octets += transactionID
        for attribute in attributes {
            let value = attribute.type == .fingerprint ? [] : attribute.value
            let fingerprint = attribute.type == .fingerprint ? Self.fingerprint(of: octets[...]) : 0
            octets.append(half: attribute.type.rawValue)
            octets.append(half: UInt16(truncatingIfNeeded: attribute.value.count))
            if attribute.type == .fingerprint { octets.append(word: fingerprint) }
            octets += value
            octets += [UInt8](repeating: 0, count: -value.count & 3)
        }
        return octets
    }

    /// CRC-32 of what comes before the FINGERPRINT, the header's length counting it already, XORed with "STUN" (§14.7).
    private static func fingerprint(of octets: ArraySlice<UInt8>) -> UInt32 {
        CRC32.of(octets) ^ CRC32.fingerprintMask
    }

    /// The bits of class and method, as the header interleaves them (§5).
    static func type(_ messageClass: Class, method: UInt16) -> UInt16 {
        messageClass.rawValue | method & 0xF | (method & 0x70) << 1 | (method & 0xF80) << 2
    }

    static func method(ofType type: UInt16) -> UInt16 { type & 0xF | (type & 0xE0) >> 1 | (type & 0x3E00) >> 2 }
}

/// The type of an attribute (RFC 8489 §18.3).
public struct STUNAttributeType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let mappedAddress = Self(rawValue: 0x0001)
    public static let username = Self(rawValue: 0x0006)
    public static let messageIntegrity = Self(rawValue: 0x0008)
    public static let errorCode = Self(rawValue: 0x0009)
    public static let unknownAttributes = Self(rawValue: 0x000A)
    public static let messageIntegritySHA256 = Self(rawValue: 0x001C)
    public static let xorMappedAddress = Self(rawValue: 0x0020)
    /// RFC 8445 §16.1, as `useCandidate`, `iceControlled` and `iceControlling`.
    public static let priority = Self(rawValue: 0x0024)
    public static let useCandidate = Self(rawValue: 0x0025)
    public static let software = Self(rawValue: 0x8022)
    public static let fingerprint = Self(rawValue: 0x8028)
    public static let iceControlled = Self(rawValue: 0x8029)
    public static let iceControlling = Self(rawValue: 0x802A)

    /// Whoever does not know it must refuse the message (§14).
    public var mustBeUnderstood: Bool { rawValue < 0x8000 }
}

extension Array where Element == UInt8 {
    func half(at index: Int) -> UInt16 { UInt16(self[index]) << 8 | UInt16(self[index + 1]) }
    func word(at index: Int) -> UInt32 { UInt32(half(at: index)) << 16 | UInt32(half(at: index + 2)) }
    mutating func append(half: UInt16) { self += [UInt8(half >> 8), UInt8(truncatingIfNeeded: half)] }
    mutating func append(word: UInt32) {
        append(half: UInt16(word >> 16))
        append(half: UInt16(truncatingIfNeeded: word))
    }
}
