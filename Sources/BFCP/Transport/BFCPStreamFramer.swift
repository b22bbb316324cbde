/// Cuts a TCP stream into messages by their payload length (RFC 8855 §6.1). Holds no more than one message of the
/// greatest size and what was appended at once.
public struct BFCPStreamFramer: Sendable {
    private let maximumMessageSize: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var failure: BFCPParseError?

    public init(maximumMessageSize: Int) { self.maximumMessageSize = maximumMessageSize }

    /// A message has begun and is not complete.
    public var isInsideMessage: Bool { start < buffer.count }

    public mutating func append(_ octets: some Collection<UInt8>) {
        guard failure == nil else { return }
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += octets
    }

    /// The octets of the next message, for `BFCPMessage(parsing:)`; nil when more are needed.
    /// - Throws: when the stream can no longer be framed: answer, where the error has a header, and close the connection.
    public mutating func next() throws(BFCPParseError) -> [UInt8]? {
        if let failure { throw failure }
        guard let header = BFCPHeader(parsing: buffer[start...].prefix(BFCPHeader.fragmentLength)) else { return nil }
        guard (1...2).contains(header.version) else { throw fail(.unsupportedVersion, header) }
        guard header.fragment == nil else { throw fail(.fragment, header) }
        let length = BFCPHeader.length + 4 * Int(header.payloadLength)
        guard length <= maximumMessageSize else { throw fail(.incorrectLength, header) }
        guard buffer.count - start >= length else { return nil }
        let message = Array(buffer[start..<(start + length)])
        start += length
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
        return message
    }

    private mutating func fail(_ reason: BFCPParseError.Reason, _ header: BFCPHeader) -> BFCPParseError {
        let error = BFCPParseError(reason, header: header)
        failure = error
        buffer = []
        start = 0
        return error
    }
}
