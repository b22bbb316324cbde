/// Bounds on one message.
public struct SIPParseLimits: Sendable, Hashable {
    /// Octets of the whole message.
    public var messageSize = 65_535
    public var headerCount = 256
    /// Octets of one header, its folds joined, and of the start line.
    public var lineLength = 8_192
    public init() {}
}

/// Why octets are no SIP message, and what may be done about it.
public struct SIPParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What answers it if it is a request that may be answered: 400, 413, 505.
    public let status: UInt16
    /// Fit for a reason phrase: what is wrong, in words.
    public let reason: String
    /// The headers that an answer copies; nil for responses, for ACK, and where they could not be read: drop those.
    public let rejectable: RejectableRequest?

    public init(status: UInt16 = 400, reason: String, rejectable: RejectableRequest? = nil) {
        self.status = status
        self.reason = reason
        self.rejectable = rejectable
    }

    public var description: String { "\(status) \(reason)" }

    /// The answer to send to where the request came from, or nil if it must be dropped.
    /// - Parameter tag: the To tag, if the request has none. A random token.
    public func response(tag: String) -> [UInt8]? {
        rejectable?.response(status: status, reason: reason, tag: tag)
    }
}

/// As much of a malformed request as an answer needs, copied as it was written.
public struct RejectableRequest: Hashable, Sendable {
    public let method: String
    /// Every Via, topmost first.
    let vias: [String]
    let from: String?
    let to: String?
    let callID: String?
    let cseq: String?

    func response(status: UInt16, reason: String, tag: String) -> [UInt8] {
        var writer = OctetWriter(capacity: 512)
        writer.line { $0.write("SIP/2.0 \(status) \(reason)") }
        // A To that cannot be parsed still shows whether it has a tag.
        let to = to.map { $0.asciiLowercased.filter { $0 != " " }.contains(";tag=") ? $0 : "\($0);tag=\(tag)" }
        let copied =
            vias.map { ("Via", $0) }
            + [("From", from), ("To", to), ("Call-ID", callID), ("CSeq", cseq)]
            .compactMap { name, value in value.map { (name, $0) } }
        for (name, value) in copied { writer.line { $0.write("\(name): \(value)") } }
        writer.write("Content-Length: 0\r\n\r\n")
        return writer.octets
    }
}
