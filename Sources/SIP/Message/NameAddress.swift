/// What From, To, Contact, Route and Record-Route hold: a URI, perhaps with a display name and parameters (RFC 3261
/// §20.10).
public struct NameAddress: Hashable, Sendable {
    /// Without quotes and escapes.
    public var displayName: String?
    public var uri: URI
    /// The header's parameters, not the URI's.
    public var parameters: SIPParameters

    public init(_ uri: URI, displayName: String? = nil, parameters: SIPParameters = .init()) {
        self.uri = uri
        self.displayName = displayName
        self.parameters = parameters
    }

    public var tag: String? {
        get { parameters["tag"] }
        set { parameters["tag"] = newValue }
    }

    public init(parsing text: some StringProtocol) throws(SIPSyntaxError) {
        try self.init(TextScanner(text))
    }

    init(_ scanner: TextScanner) throws(SIPSyntaxError) {
        var scanner = scanner
        scanner.skipWhitespace()
        if scanner.next == .quote {
            displayName = try scanner.quotedString()
            scanner.skipWhitespace()
            guard scanner.next == .less else { throw SIPSyntaxError("a display name is not followed by <") }
        } else if let name = try Self.unquotedName(&scanner) {
            displayName = name.isEmpty ? nil : name
        }
        if scanner.skip(.less) {
            let inside = scanner.takeOctets { $0 != .greater }
            guard scanner.skip(.greater) else { throw SIPSyntaxError("an address's < is not closed") }
            uri = try URI(inside)
        } else {
            // Without brackets, what follows `;` belongs to the header, and `?` and `,` cannot be (RFC 3261 §20.10).
            let bare = scanner.takeOctets { $0 != .semicolon && !$0.isWhitespace }
            guard !bare.contains(where: { $0 == .question || $0 == .comma }) else {
                throw SIPSyntaxError("an address with ? or , needs < and >")
            }
            uri = try URI(bare)
        }
        parameters = try SIPParameters(header: &scanner)
        try scanner.finish("an address")
    }

    /// The text before `<` where there is one; nil, having moved nothing, for an address without brackets.
    private static func unquotedName(_ scanner: inout TextScanner) throws(SIPSyntaxError) -> String? {
        guard scanner.rest.contains(.less) else { return nil }
        var ahead = scanner
        let name = ahead.takeOctets { $0 != .less }
        // A parameter's quoted value may hold `<`: then there is no name before it but an address.
        if name.contains(.semicolon), name.contains(.colon) { return nil }
        // Stricter than needed would refuse names in plain UTF-8, which many phones send without quotes.
        guard
            name.allSatisfy({ !$0.isControl && $0 != .comma && $0 != .semicolon && $0 != .quote && $0 != .greater })
        else { throw SIPSyntaxError("a display name needs quotes") }
        scanner = ahead
        return TextScanner.trimmed(name)
    }
}

extension NameAddress: WireText {
    func write(to writer: inout OctetWriter) {
        if let displayName {
            writer.writeQuoted(displayName)
            writer.write(.space)
        }
        writer.write(.less)
        writer.write(uri)
        writer.write(.greater)
        writer.write(parameters)
    }
}
