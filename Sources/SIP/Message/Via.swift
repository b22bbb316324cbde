/// One hop that a request took (RFC 3261 §20.42).
public struct Via: Hashable, Sendable {
    public var protocolName: String
    public var protocolVersion: String
    /// As written: `UDP`, `TCP`, `TLS`, or one that this stack does not speak.
    public var transport: String
    /// The sent-by host, an IPv6 address without brackets.
    public var host: String
    /// The sent-by port; nil means the transport's default.
    public var port: UInt16?
    public var parameters: SIPParameters

    public init(transport: SIPTransport, host: String, port: UInt16?, branch: String, requestsPort: Bool = true) {
        protocolName = "SIP"
        protocolVersion = "2.0"
        self.transport = transport.token
        self.host = host
        self.port = port
        parameters = SIPParameters([.init(name: "branch", value: branch)])
        if requestsPort { parameters.setFlag("rport") }
    }

    public init(parsing text: some StringProtocol) throws(SIPSyntaxError) {
        try self.init(TextScanner(text))
    }

    init(_ scanner: TextScanner) throws(SIPSyntaxError) {
        var scanner = scanner
        scanner.skipWhitespace()
        protocolName = try scanner.token("a Via's protocol")
        guard scanner.skipSeparator(.slash) else { throw SIPSyntaxError("a Via's protocol is malformed") }
        protocolVersion = try scanner.token("a Via's version")
        guard scanner.skipSeparator(.slash) else { throw SIPSyntaxError("a Via's protocol is malformed") }
        transport = try scanner.token("a Via's transport")
        guard scanner.next?.isWhitespace == true else { throw SIPSyntaxError("a Via has no sender") }
        scanner.skipWhitespace()
        (host, port) = try HostText.parse(&scanner, allowsWhitespace: true)
        parameters = try SIPParameters(header: &scanner)
        try scanner.finish("a Via")
    }

    public static let magicCookie = "z9hG4bK"

    public var branch: String? {
        get { parameters["branch"] }
        set { parameters["branch"] = newValue }
    }
    /// Whether the branch names its transaction by itself (RFC 3261 §8.1.1.7): the cookie and something after it.
    public var hasUniqueBranch: Bool {
        guard let branch = branch?.utf8 else { return false }
        let cookie = Self.magicCookie.utf8
        return branch.count > cookie.count && branch.prefix(cookie.count).equalsIgnoringCase(cookie)
    }
    /// The address that the request came from. Never in brackets, though some write it so (RFC 5118 §4.5).
    public var received: String? {
        get {
            guard let text = parameters["received"] else { return nil }
            return text.utf8.first == .openBracket && text.utf8.last == .closeBracket
                ? String(text.dropFirst().dropLast()) : text
        }
        set { parameters["received"] = newValue }
    }
    /// The sender asks for the response at the port that it sent from (RFC 3581 §3).
    public var requestsPort: Bool { parameters.contains("rport") }
    /// The port that the receiver filled in.
    public var rport: UInt16? {
        get { parameters["rport"]?.decimal(atMost: 65_535).map { UInt16($0) } }
        set { parameters["rport"] = newValue.map { String($0) } }
    }
    /// Host and port in lower case, as transactions are matched (RFC 3261 §17.2.3).
    public var sentBy: String {
        port.map { "\(HostText.bracketed(host)):\($0)" }?.asciiLowercased ?? host.asciiLowercased
    }
}

extension Via: WireText {
    func write(to writer: inout OctetWriter) {
        writer.write(protocolName)
        writer.write(.slash)
        writer.write(protocolVersion)
        writer.write(.slash)
        writer.write(transport)
        writer.write(.space)
        HostText.write(host, port, to: &writer)
        writer.write(parameters)
    }
}
