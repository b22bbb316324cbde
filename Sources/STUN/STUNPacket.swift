/// A STUN message read in place (RFC 8489 §5): what `STUNMessage` is to signalling, this is to the packet path. It
/// allocates nothing.
public struct STUNPacket: ~Escapable {
    public enum Malformed: Error, Hashable, Sendable {
        /// Another protocol's octets: no magic cookie, or a length that does not fit.
        case notSTUN
        case attributeBeyondEnd
        /// FINGERPRINT is not the last attribute, or does not match.
        case wrongFingerprint
    }

    private let bytes: RawSpan
    public let messageClass: STUNMessage.Class
    /// 12 bits.
    public let method: UInt16
    public let transactionID: STUNTransactionID
    public let hasFingerprint: Bool
    /// Where the header of MESSAGE-INTEGRITY is; what follows it is not covered, and does not count (§14.5).
    private let integrity: Int?

    @_lifetime(copy bytes)
    public init(parsing bytes: RawSpan) throws(Malformed) {
        guard bytes.byteCount >= STUNMessage.headerLength, bytes.big32(4) == STUNMessage.magicCookie,
            bytes.byteCount & 3 == 0, Int(bytes.big16(2)) == bytes.byteCount - STUNMessage.headerLength
        else { throw .notSTUN }
        let type = bytes.big16(0)
        guard type < 0x400, let messageClass = STUNMessage.Class(rawValue: type & 0x110) else { throw .notSTUN }
        var position = STUNMessage.headerLength
        var integrity: Int?
        var hasFingerprint = false
        while position < bytes.byteCount {
            // Both ends are multiples of 4, so a header fits.
            let attribute = STUNAttributeType(rawValue: bytes.big16(position))
            let length = Int(bytes.big16(position + 2))
            let end = position + 4 + (length + 3) & ~3
            guard end <= bytes.byteCount else { throw .attributeBeyondEnd }
            if attribute == .messageIntegrity, integrity == nil, length == MessageIntegrityTag.length {
                integrity = position
            } else if attribute == .fingerprint {
                guard end == bytes.byteCount, length == 4,
                    bytes.big32(position + 4)
                        == CRC32.of(bytes.extracting(first: position)) ^ CRC32.fingerprintMask
                else { throw .wrongFingerprint }
                hasFingerprint = true
            }
            position = end
        }
        self.bytes = bytes
        self.messageClass = messageClass
        method = STUNMessage.method(ofType: type)
        transactionID = STUNTransactionID(first: bytes.big32(8), rest: bytes.big64(12))
        self.hasFingerprint = hasFingerprint
        self.integrity = integrity
    }

    public var hasMessageIntegrity: Bool { integrity != nil }

    /// Whether MESSAGE-INTEGRITY is there and was made with `key`.
    public func isAuthentic(by key: some MessageIntegrityKey) -> Bool {
        guard let integrity else { return false }
        // The length that the header had when the tag was made (§14.5).
        let length = UInt16(truncatingIfNeeded: integrity + 4 + MessageIntegrityTag.length - STUNMessage.headerLength)
        var head: InlineArray<4, UInt8> = [bytes.byte(0), bytes.byte(1), 0, 0]
        head[2] = UInt8(length >> 8)
        head[3] = UInt8(truncatingIfNeeded: length)
        let tag = key.tag(over: head.span.bytes, bytes.extracting(4..<integrity))
        return tag.matches(MessageIntegrityTag(bytes.extracting((integrity + 4)..<(integrity + 24))))
    }

    /// The value of the first attribute of a type, without padding.
    public subscript(type: STUNAttributeType) -> RawSpan? {
        @_lifetime(copy self) get {
            var cursor = AttributeCursor(self)
            while let attribute = cursor.next(in: self) {
                if attribute.type == type { return bytes.extracting(attribute.value) }
            }
            return nil
        }
    }

    public func contains(_ type: STUNAttributeType) -> Bool {
        var cursor = AttributeCursor(self)
        while let attribute = cursor.next(in: self) {
            if attribute.type == type { return true }
        }
        return false
    }

    /// The address that an XOR-MAPPED-ADDRESS tells (§14.2); nil for none, or a malformed one.
    public var xorMappedAddress: TransportAddress? {
        guard let value = self[.xorMappedAddress], value.byteCount >= 8 else { return nil }
        let port = value.big16(2) ^ UInt16(truncatingIfNeeded: STUNMessage.magicCookie >> 16)
        switch (value.byte(1), value.byteCount) {
        case (1, 8):
            return TransportAddress(ipv4: value.big32(4) ^ STUNMessage.magicCookie, port: port)
        case (2, 20):
            let mask = transactionID.addressMask
            return TransportAddress(ipv6: value.big64(4) ^ mask.high, value.big64(12) ^ mask.low, port: port)
        default: return nil
        }
    }

    /// The number of an ERROR-CODE (§14.8); nil for none, or a malformed one.
    public var errorCode: STUNErrorCode? {
        guard let value = self[.errorCode], value.byteCount >= 4, case let hundreds = value.byte(2) & 7,
            (3...6).contains(hundreds), value.byte(3) < 100
        else { return nil }
        return STUNErrorCode(rawValue: UInt16(hundreds) * 100 + UInt16(value.byte(3)))
    }

    /// The value of an attribute that is one 32-bit number, such as PRIORITY.
    public func word(_ type: STUNAttributeType) -> UInt32? {
        guard let value = self[type], value.byteCount == 4 else { return nil }
        return value.big32(0)
    }

    /// The value of an attribute that is one 64-bit number, such as ICE-CONTROLLING.
    public func doubleWord(_ type: STUNAttributeType) -> UInt64? {
        guard let value = self[type], value.byteCount == 8 else { return nil }
        return value.big64(0)
    }

    /// The types of attributes that must be understood and are not by whoever knows those for which `isKnown` holds, the
    /// first 8 of them (§6.3.1).
    public func unknownAttributes(_ isKnown: (STUNAttributeType) -> Bool) -> STUNUnknownAttributes {
        var unknown = STUNUnknownAttributes()
        var cursor = AttributeCursor(self)
        while let attribute = cursor.next(in: self) {
            if attribute.type.mustBeUnderstood, !isKnown(attribute.type) { unknown.append(attribute.type) }
        }
        return unknown
    }

    /// Walks the attributes that count: all up to MESSAGE-INTEGRITY, and FINGERPRINT.
    private struct AttributeCursor {
        private var position = STUNMessage.headerLength
        private let end: Int

        init(_ packet: borrowing STUNPacket) {
            end = packet.integrity.map { $0 + 4 + MessageIntegrityTag.length } ?? packet.bytes.byteCount
        }

        mutating func next(in packet: borrowing STUNPacket) -> (type: STUNAttributeType, value: Range<Int>)? {
            guard position < end else { return nil }
            let length = Int(packet.bytes.big16(position + 2))
            let type = STUNAttributeType(rawValue: packet.bytes.big16(position))
            let value = (position + 4)..<(position + 4 + length)
            position += 4 + (length + 3) & ~3
            return (type, value)
        }
    }
}

/// The 96 bits that tell which request an answer belongs to (RFC 8489 §5).
public struct STUNTransactionID: Hashable, Sendable {
    let first: UInt32
    let rest: UInt64

    public init(first: UInt32, rest: UInt64) {
        self.first = first
        self.rest = rest
    }

    /// What an IPv6 address is XORed with (§14.2).
    var addressMask: (high: UInt64, low: UInt64) { (UInt64(STUNMessage.magicCookie) << 32 | UInt64(first), rest) }
}

/// The number of an ERROR-CODE (RFC 8489 §14.8), and its phrase.
public struct STUNErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let badRequest = Self(rawValue: 400)
    public static let unauthenticated = Self(rawValue: 401)
    public static let unknownAttribute = Self(rawValue: 420)
    /// RFC 8445 §7.3.1.1.
    public static let roleConflict = Self(rawValue: 487)

    var phrase: StaticString {
        switch self {
        case .badRequest: "Bad Request"
        case .unauthenticated: "Unauthenticated"
        case .unknownAttribute: "Unknown Attribute"
        case .roleConflict: "Role Conflict"
        default: ""
        }
    }
}

/// What UNKNOWN-ATTRIBUTES lists (RFC 8489 §14.13).
public struct STUNUnknownAttributes: Sendable {
    private(set) var types = InlineArray<8, UInt16>(repeating: 0)
    public private(set) var count = 0

    public init() {}
    public var isEmpty: Bool { count == 0 }

    public mutating func append(_ type: STUNAttributeType) {
        guard count < types.count else { return }
        types[count] = type.rawValue
        count += 1
    }
}
