/// A request or a response.
public enum SIPMessage: Hashable, Sendable {
    case request(SIPRequest)
    case response(SIPResponse)

    /// Parses one datagram, or one message that a `StreamFramer` cut out of a stream.
    /// - Throws: `SIPParseError`, which says what is wrong and, of a request, how to answer.
    public init(parsing octets: some Collection<UInt8>, limits: SIPParseLimits = .init()) throws(SIPParseError) {
        self = try SIPParser.parse(Array(octets), limits: limits)
    }

    public func serialized() -> [UInt8] {
        switch self {
        case .request(let request): request.serialized()
        case .response(let response): response.serialized()
        }
    }
}
