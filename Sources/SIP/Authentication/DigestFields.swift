/// The comma-separated `name=value` pairs after `Digest` in challenges and credentials (RFC 7235 §2.1, RFC 3261 §25.1).
struct DigestFields {
    /// Names in lower case, in order: of so few, looking through all is the quickest way to one.
    private var fields: [(name: String, value: String)] = []

    /// Whether a header's value is of the Digest scheme.
    static func areIn(_ text: String) -> Bool {
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        return scanner.takeOctets(while: \.isToken).equalsIgnoringCase("Digest".utf8)
    }

    /// - Throws: if it is not of the Digest scheme, is malformed, or says a thing twice.
    init(parsing text: String) throws(SIPSyntaxError) {
        var scanner = TextScanner(text)
        scanner.skipWhitespace()
        guard try scanner.tokenOctets("the authentication scheme").equalsIgnoringCase("Digest".utf8) else {
            throw SIPSyntaxError("the authentication scheme is not Digest")
        }
        guard scanner.next?.isWhitespace == true else { throw SIPSyntaxError("Digest has no fields") }
        scanner.skipWhitespace()
        repeat {
            let name = try scanner.token("a Digest field").asciiLowercased
            guard scanner.skipSeparator(.equals) else { throw SIPSyntaxError("a Digest field has no value") }
            let value =
                scanner.next == .quote ? try scanner.quotedString() : try scanner.token("a Digest field's value")
            guard self[name] == nil else { throw SIPSyntaxError("a Digest field appears twice") }
            fields.append((name, value))
        } while scanner.skipSeparator(.comma)
        try scanner.finish("Digest")
    }

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}
