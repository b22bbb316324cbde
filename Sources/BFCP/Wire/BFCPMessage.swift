/// One message of the Binary Floor Control Protocol (RFC 8855; RFC 4582 in version 1): its header, and its attributes in
/// order.
public struct BFCPMessage: Hashable, Sendable {
    /// 1 or 2.
    public var version: UInt8
    /// The R bit, of version 2 only.
    public var isResponse: Bool
    public var primitive: BFCPPrimitive
    public var conferenceID: UInt32
    public var transactionID: UInt16
    public var userID: UInt16
    public var attributes: [BFCPAttribute]

    public init(
        _ primitive: BFCPPrimitive, version: UInt8, isResponse: Bool = false, conferenceID: UInt32,
        transactionID: UInt16, userID: UInt16, attributes: [BFCPAttribute] = []
    ) {
        self.version = version
        self.isResponse = isResponse && version != 1
        self.primitive = primitive
        self.conferenceID = conferenceID
        self.transactionID = transactionID
        self.userID = userID
        self.attributes = attributes
    }

    /// Reads exactly one message.
    /// - Throws: `BFCPParseError`, with the header where there is one, so that it can be answered.
    public init(parsing octets: [UInt8]) throws(BFCPParseError) {
        guard let header = BFCPHeader(parsing: octets[...]) else { throw .init(.truncated, header: nil) }
        guard (1...2).contains(header.version) else { throw .init(.unsupportedVersion, header: header) }
        guard header.fragment == nil else { throw .init(.fragment, header: header) }
        guard octets.count == BFCPHeader.length + 4 * Int(header.payloadLength) else {
            throw .init(.incorrectLength, header: header)
        }
        do throws(BFCPParseError.Reason) {
            attributes = try BFCPAttribute.sequence(octets.dropFirst(BFCPHeader.length))
        } catch {
            throw .init(error, header: header)
        }
        version = header.version
        isResponse = header.isResponse
        primitive = header.primitive
        conferenceID = header.conferenceID
        transactionID = header.transactionID
        userID = header.userID
    }

    /// The octets that go on the wire. Attributes beyond 65,535 units of 4 octets are left out.
    public func serialized() -> [UInt8] {
        var payload: [UInt8] = []
        for attribute in attributes {
            let octets = attribute.octets
            guard payload.count + octets.count <= 4 * Int(UInt16.max) else { break }
            payload += octets
        }
        var octets: [UInt8] = []
        octets.reserveCapacity(BFCPHeader.length + payload.count)
        BFCPHeader(of: self, payloadLength: UInt16(payload.count / 4)).append(to: &octets)
        return octets + payload
    }

    /// A response to this message.
    func response(_ primitive: BFCPPrimitive, _ attributes: [BFCPAttribute.Value] = []) -> BFCPMessage {
        BFCPMessage(
            primitive, version: version, isResponse: true, conferenceID: conferenceID, transactionID: transactionID,
            userID: userID, attributes: attributes.map { .init($0) })
    }
}

/// Why octets are no message.
public struct BFCPParseError: Error, Hashable, Sendable {
    public enum Reason: Error, Hashable, Sendable {
        case truncated
        case unsupportedVersion
        /// The payload length does not fit the octets, or is beyond what is taken.
        case incorrectLength
        /// A part of a message: to be put together first.
        case fragment
        case malformedAttribute
    }

    public var reason: Reason
    /// Nil where not even that came whole.
    public var header: BFCPHeader?

    init(_ reason: Reason, header: BFCPHeader?) {
        self.reason = reason
        self.header = header
    }

    /// What the sender is told.
    var code: BFCPErrorCode {
        switch reason {
        case .unsupportedVersion: .unsupportedVersion
        case .incorrectLength: .incorrectMessageLength
        case .truncated, .fragment, .malformedAttribute: .unableToParse
        }
    }
}
