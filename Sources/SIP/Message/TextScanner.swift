/// Walks over the octets of one header value, in place. Every step is checked; none traps.
struct TextScanner {
    let octets: ArraySlice<UInt8>
    private(set) var position: Int

    init(_ octets: ArraySlice<UInt8>) {
        self.octets = octets
        position = octets.startIndex
    }

    init(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    var isAtEnd: Bool { position >= octets.endIndex }
    var next: UInt8? { position < octets.endIndex ? octets[position] : nil }
    /// What is not passed yet.
    var rest: ArraySlice<UInt8> { octets[position...] }

    mutating func skipWhitespace() { while let octet = next, octet.isWhitespace { position += 1 } }

    mutating func skip(_ octet: UInt8) -> Bool {
        guard next == octet else { return false }
        position += 1
        return true
    }

    /// Whitespace, the octet, whitespace: the separators SEMI, EQUAL, COMMA, SLASH of RFC 3261 §25.1.
    mutating func skipSeparator(_ octet: UInt8) -> Bool {
        let start = position
        skipWhitespace()
        guard skip(octet) else {
            position = start
            return false
        }
        skipWhitespace()
        return true
    }

    @inline(__always)
    mutating func takeOctets(while predicate: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let octet = next, predicate(octet) { position += 1 }
        return octets[start..<position]
    }

    @inline(__always)
    mutating func take(while predicate: (UInt8) -> Bool) -> String {
        String(octets: takeOctets(while: predicate))
    }

    mutating func token(_ what: @autoclosure () -> String) throws(SIPSyntaxError) -> String {
        String(octets: try tokenOctets(what()))
    }

    mutating func tokenOctets(_ what: @autoclosure () -> String) throws(SIPSyntaxError) -> ArraySlice<UInt8> {
        let text = takeOctets { $0.isToken }
        guard !text.isEmpty else { throw SIPSyntaxError("\(what()) is missing or malformed") }
        return text
    }

    /// A quoted string, its quotes and escapes taken off.
    mutating func quotedString() throws(SIPSyntaxError) -> String {
        guard skip(.quote) else { throw SIPSyntaxError("a quoted string was expected") }
        let plain = takeOctets { $0 != .quote && $0 != .backslash }
        if skip(.quote) { return String(octets: plain) }
        var text = Array(plain)
        while let octet = next {
            position += 1
            switch octet {
            case .quote:
                return String(octets: text)
            case .backslash:
                guard let escaped = next else { throw SIPSyntaxError("a quoted string is not closed") }
                position += 1
                text.append(escaped)
            default:
                text.append(octet)
            }
        }
        throw SIPSyntaxError("a quoted string is not closed")
    }

    mutating func finish(_ what: @autoclosure () -> String) throws(SIPSyntaxError) {
        skipWhitespace()
        guard isAtEnd else { throw SIPSyntaxError("\(what()) is followed by something else") }
    }

    /// Splits at commas that stand neither in quotes nor in angle brackets (RFC 3261 §7.3.1). The parts have no white
    /// space at their ends.
    static func commaSeparated(_ octets: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        guard octets.contains(.comma) else { return [octets.trimmed] }
        var parts: [ArraySlice<UInt8>] = []
        var start = octets.startIndex
        var isQuoted = false
        var isEscaped = false
        var isBracketed = false
        for index in octets.indices {
            let octet = octets[index]
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if octet == .backslash {
                    isEscaped = true
                } else if octet == .quote {
                    isQuoted = false
                }
            } else if octet == .quote {
                isQuoted = true
            } else if octet == .less {
                isBracketed = true
            } else if octet == .greater {
                isBracketed = false
            } else if octet == .comma, !isBracketed {
                parts.append(octets[start..<index].trimmed)
                start = index + 1
            }
        }
        parts.append(octets[start...].trimmed)
        return parts
    }

    static func commaSeparated(_ text: String) -> [String] {
        commaSeparated(Array(text.utf8)[...]).map { String(octets: $0) }
    }

    static func trimmed(_ octets: ArraySlice<UInt8>) -> String { String(octets: octets.trimmed) }

    static func quoted(_ text: String) -> String {
        var writer = OctetWriter()
        writer.writeQuoted(text)
        return writer.text
    }
}
