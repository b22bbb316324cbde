/// Walks over the octets of one header value. Every step is checked; none traps.
struct TextScanner {
    let octets: [UInt8]
    private(set) var position = 0

    init(_ text: some StringProtocol) { octets = Array(text.utf8) }

    var isAtEnd: Bool { position >= octets.count }
    var next: UInt8? { position < octets.count ? octets[position] : nil }

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

    mutating func take(while predicate: (UInt8) -> Bool) -> String {
        let start = position
        while let octet = next, predicate(octet) { position += 1 }
        return String(octets: octets[start..<position])
    }

    mutating func token(_ what: String) throws(SIPSyntaxError) -> String {
        let text = take { $0.isToken }
        guard !text.isEmpty else { throw SIPSyntaxError("\(what) is missing or malformed") }
        return text
    }

    /// A quoted string, its quotes and escapes taken off.
    mutating func quotedString() throws(SIPSyntaxError) -> String {
        guard skip(.quote) else { throw SIPSyntaxError("a quoted string was expected") }
        var text: [UInt8] = []
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

    mutating func finish(_ what: String) throws(SIPSyntaxError) {
        skipWhitespace()
        guard isAtEnd else { throw SIPSyntaxError("\(what) is followed by something else") }
    }

    /// Splits at commas that stand neither in quotes nor in angle brackets (RFC 3261 §7.3.1).
    static func commaSeparated(_ text: String) -> [String] {
        var parts: [String] = []
        var part: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        var isBracketed = false
        for octet in text.utf8 {
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
                parts.append(trimmed(part))
                part.removeAll(keepingCapacity: true)
                continue
            }
            part.append(octet)
        }
        parts.append(trimmed(part))
        return parts
    }

    static func trimmed(_ octets: [UInt8]) -> String { trimmed(octets[...]) }

    static func trimmed(_ octets: ArraySlice<UInt8>) -> String {
        var start = octets.startIndex
        var end = octets.endIndex
        while start < end, octets[start].isWhitespace { start += 1 }
        while end > start, octets[end - 1].isWhitespace { end -= 1 }
        return String(octets: octets[start..<end])
    }

    static func quoted(_ text: String) -> String {
        var octets: [UInt8] = [.quote]
        for octet in text.utf8 {
            if octet == .quote || octet == .backslash { octets.append(.backslash) }
            octets.append(octet)
        }
        octets.append(.quote)
        return String(octets: octets)
    }
}
