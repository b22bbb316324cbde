/// The COMMON-HEADER that every message, and every fragment of one, begins with (RFC 8855 §5.1).
public struct BFCPHeader: Hashable, Sendable {
    /// A part of a message that one datagram does not hold (§6.2.3). Both in units of 4 octets of payload.
    public struct Fragment: Hashable, Sendable {
        public var offset: UInt16
        public var length: UInt16

        public init(offset: UInt16, length: UInt16) {
            self.offset = offset
            self.length = length
        }
    }

    static let length = 12
    static let fragmentLength = 16

    /// 1 over reliable transports, 2 over unreliable ones; systems older than RFC 8855 say 1 over UDP too.
    public var version: UInt8
    /// The R bit: answers a request. Means nothing in version 1, where it is read and written as false.
    public var isResponse: Bool
    /// In version 2 only.
    public var fragment: Fragment?
    public var primitive: BFCPPrimitive
    /// Of the whole message, without header, in units of 4 octets.
    public var payloadLength: UInt16
    public var conferenceID: UInt32
    public var transactionID: UInt16
    public var userID: UInt16

    /// Nil for less than a header. The version is not judged: a header of another one is answered by it.
    public init?(parsing octets: ArraySlice<UInt8>) {
        var reader = OctetReader(octets)
        guard let first = reader.octet(), let primitive = reader.octet(), let payloadLength = reader.half(),
            let conferenceID = reader.word(), let transactionID = reader.half(), let userID = reader.half()
        else { return nil }
        version = first >> 5
        self.primitive = .init(rawValue: primitive)
        self.payloadLength = payloadLength
        self.conferenceID = conferenceID
        self.transactionID = transactionID
        self.userID = userID
        isResponse = version != 1 && first & 0x10 != 0
        if version == 2, first & 0x08 != 0 {
            guard let offset = reader.half(), let length = reader.half() else { return nil }
            fragment = .init(offset: offset, length: length)
        }
    }

    /// The header of a message that is no fragment.
    init(of message: BFCPMessage, payloadLength: UInt16) {
        version = message.version
        isResponse = message.isResponse
        primitive = message.primitive
        self.payloadLength = payloadLength
        conferenceID = message.conferenceID
        transactionID = message.transactionID
        userID = message.userID
    }

    func append(to octets: inout [UInt8]) {
        let responds = isResponse && version != 1
        octets.append(version << 5 | (responds ? 0x10 : 0) | (fragment == nil ? 0 : 0x08))
        octets.append(primitive.rawValue)
        octets.append(half: payloadLength)
        octets.append(word: conferenceID)
        octets.append(half: transactionID)
        octets.append(half: userID)
        if let fragment {
            octets.append(half: fragment.offset)
            octets.append(half: fragment.length)
        }
    }
}
