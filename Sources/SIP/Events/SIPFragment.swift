/// How far a referred request has come, as NOTIFY tells it: a status line as `message/sipfrag` (RFC 3420, RFC 3515
/// §2.4.5).
public struct SIPFragment: Hashable, Sendable {
    /// 100–699.
    public var status: UInt16
    public var reason: String

    public init(status: UInt16, reason: String? = nil) {
        self.status = min(max(status, 100), 699)
        self.reason = reason ?? ReasonPhrase.of(self.status)
    }

    /// A status that ends what was referred.
    public var isFinal: Bool { status >= 200 }

    /// Reads the status line that a body begins with; what follows it is not looked at.
    public init(parsing body: [UInt8]) throws(SIPSyntaxError) {
        let line = body.prefix { $0 != .carriageReturn && $0 != .lineFeed }
        let parts = String(octets: line).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, String(parts[0]).equalsIgnoringCase("SIP/2.0"), parts[1].utf8.count == 3,
            let status = String(parts[1]).decimal(atMost: 699), status >= 100
        else { throw SIPSyntaxError("a sipfrag has no status line") }
        self.status = UInt16(status)
        reason = parts.count == 3 ? String(parts[2]) : ""
    }

    public var body: [UInt8] {
        var writer = OctetWriter(capacity: 64)
        writer.line { $0.write("SIP/2.0 \(status) \(reason)") }
        return writer.octets
    }
}

extension MediaType {
    /// With the version that RFC 3515's examples give, and that some phones insist on.
    public static let sipFragment = MediaType(
        type: "message", subtype: "sipfrag", parameters: SIPParameters([.init(name: "version", value: "2.0")]))
}
