/// A transport address as STUN writes it (RFC 8489 §14.1, §14.2).
public struct STUNAddress: Hashable, Sendable {
    /// In network order: 4 octets of IPv4, or 16 of IPv6.
    public var octets: [UInt8]
    public var port: UInt16

    public init(octets: [UInt8], port: UInt16) {
        self.octets = octets
        self.port = port
    }

    /// The value of an XOR-MAPPED-ADDRESS; nil for one that is malformed.
    public init?(xorMapped value: [UInt8], transactionID: [UInt8]) {
        guard value.count >= 8, (value[1] == 1 && value.count == 8) || (value[1] == 2 && value.count == 20),
            transactionID.count == 12
        else { return nil }
        let mask = Self.mask(transactionID)
        port = value.half(at: 2) ^ mask.half(at: 0)
        octets = zip(value[4...], mask).map { $0 ^ $1 }
    }

    public func xorMapped(transactionID: [UInt8]) -> [UInt8] {
        let mask = Self.mask(transactionID)
        var value: [UInt8] = [0, octets.count == 4 ? 1 : 2]
        value.append(half: port ^ mask.half(at: 0))
        return value + zip(octets, mask).map { $0 ^ $1 }
    }

    private static func mask(_ transactionID: [UInt8]) -> [UInt8] {
        var mask: [UInt8] = []
        mask.append(word: STUNMessage.magicCookie)
        return mask + transactionID
    }
}
