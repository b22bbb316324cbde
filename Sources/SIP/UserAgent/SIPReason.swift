/// Why a request ends something, as BYE and CANCEL say it (RFC 3326 §2).
public struct SIPReason: Hashable, Sendable, CustomStringConvertible {
    /// `SIP` with a status code, or `Q.850` with a cause.
    public var protocolName: String
    public var cause: UInt16?
    public var text: String?

    public init(protocolName: String = "SIP", cause: UInt16?, text: String?) {
        self.protocolName = protocolName
        self.cause = cause
        self.text = text
    }

    public init(parsing value: String) throws(SIPSyntaxError) {
        var scanner = TextScanner(value)
        scanner.skipWhitespace()
        protocolName = try scanner.token("Reason's protocol")
        let parameters = try SIPParameters(header: &scanner)
        try scanner.finish("Reason")
        cause = parameters["cause"]?.decimal(atMost: 65_535).map { UInt16($0) }
        text = parameters["text"]
    }

    public var description: String {
        protocolName + (cause.map { ";cause=\($0)" } ?? "") + (text.map { ";text=\(TextScanner.quoted($0))" } ?? "")
    }
}
