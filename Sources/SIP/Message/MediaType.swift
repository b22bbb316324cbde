/// A media type such as `application/sdp` with its parameters (RFC 3261 §20.15).
public struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// Lower case.
    public var type: String
    /// Lower case.
    public var subtype: String
    public var parameters: SIPParameters

    public static let sdp = MediaType(type: "application", subtype: "sdp")
    public static let sipInfoDTMF = MediaType(type: "application", subtype: "dtmf-relay")
    public static let mediaControl = MediaType(type: "application", subtype: "media_control+xml")

    public init(type: String, subtype: String, parameters: SIPParameters = .init()) {
        self.type = type.asciiLowercased
        self.subtype = subtype.asciiLowercased
        self.parameters = parameters
    }

    public init(parsing text: some StringProtocol) throws(SIPSyntaxError) {
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        type = try scanner.token("a media type").asciiLowercased
        guard scanner.skipSeparator(.slash) else { throw SIPSyntaxError("a media type has no subtype") }
        subtype = try scanner.token("a media subtype").asciiLowercased
        parameters = try SIPParameters(header: &scanner)
        try scanner.finish("a media type")
    }

    /// The same type and subtype, whatever the parameters.
    public func isSame(as other: MediaType) -> Bool { type == other.type && subtype == other.subtype }

    public var description: String { "\(type)/\(subtype)\(parameters)" }
}
