/// A `sip:` or `sips:` URI (RFC 3261 §19.1). The parts are kept as written, escapes and all; `user` shows its meaning.
public struct SIPURI: Hashable, Sendable {
    /// `sips`: every hop must be secure.
    public var isSecure: Bool
    private var escapedUser: String?
    private var escapedPassword: String?
    /// A name or address, an IPv6 address without brackets.
    public var host: String
    public var port: UInt16?
    public var parameters: SIPParameters
    /// What follows `?`, as written. Not allowed in a Request-URI.
    public var headers: String?

    public init(
        user: String? = nil, host: String, port: UInt16? = nil, isSecure: Bool = false,
        parameters: SIPParameters = .init()
    ) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.parameters = parameters
        self.user = user
    }

    /// The user part without escapes.
    public var user: String? {
        get { escapedUser.map(Self.unescape) }
        set { escapedUser = newValue.map { Self.escape($0, keeping: Self.isUserOctet) } }
    }

    public var hasPassword: Bool { escapedPassword != nil }
    /// A loose router (RFC 3261 §19.1.1).
    public var isLooseRouter: Bool { parameters.contains("lr") }

    /// Equality by the rules of RFC 3261 §19.1.4.
    public func isEquivalent(to other: SIPURI) -> Bool {
        guard isSecure == other.isSecure, user == other.user, port == other.port,
            escapedPassword.map(Self.unescape) == other.escapedPassword.map(Self.unescape),
            host.equalsIgnoringCase(other.host), (headers ?? "") == (other.headers ?? "")
        else { return false }
        // These count as different when only one side has them; any other parameter is ignored unless both have it.
        for name in ["user", "ttl", "method", "maddr", "transport"]
        where parameters.contains(name) != other.parameters.contains(name) { return false }
        return parameters.all.allSatisfy { parameter in
            guard other.parameters.contains(parameter.name) else { return true }
            // Of a name that appears more than once, as it must not, the first counts.
            let left = Self.unescape(parameters[parameter.name] ?? "")
            let right = Self.unescape(other.parameters[parameter.name] ?? "")
            return left.equalsIgnoringCase(right)
        }
    }
}

extension SIPURI: WireText {
    func write(to writer: inout OctetWriter) {
        writer.write(isSecure ? "sips:" : "sip:")
        if let escapedUser {
            writer.write(escapedUser)
            if let escapedPassword {
                writer.write(.colon)
                writer.write(escapedPassword)
            }
            writer.write(.at)
        }
        HostText.write(host, port, to: &writer)
        for parameter in parameters.all {
            writer.write(.semicolon)
            writer.write(parameter.name)
            guard let value = parameter.value else { continue }
            writer.write(.equals)
            // A value that would need quotes in a header needs escapes here.
            writer.write(
                parameter.isQuoted ? Self.escape(value) { Self.isParameterOctet($0) && $0 != .percent } : value)
        }
        if let headers {
            writer.write(.question)
            writer.write(headers)
        }
    }
}

extension SIPURI {
    /// Parses what follows the scheme and its colon.
    init(afterScheme octets: ArraySlice<UInt8>, isSecure: Bool) throws(SIPSyntaxError) {
        self.isSecure = isSecure
        var rest = octets
        // A user part may hold `;` and `?`, what follows the host cannot hold `@`.
        if let at = octets.firstIndex(of: .at) {
            let userInfo = octets[..<at]
            let colon = userInfo.firstIndex(of: .colon)
            let user = userInfo[..<(colon ?? at)]
            guard !user.isEmpty, userInfo.allSatisfy(Self.isLenientUserOctet) else {
                throw SIPSyntaxError("a URI's user part is malformed")
            }
            escapedUser = String(octets: user)
            escapedPassword = colon.map { String(octets: userInfo[($0 + 1)...]) }
            rest = octets[(at + 1)...]
        }
        guard Self.escapesAreWhole(octets) else { throw SIPSyntaxError("a URI holds a broken escape") }
        var scanner = TextScanner(rest)
        (host, port) = try HostText.parse(&scanner, allowsWhitespace: false)
        parameters = try SIPParameters(uri: &scanner)
        if scanner.skip(.question) {
            let text = scanner.take { Self.isParameterOctet($0) || $0 == .question || $0 == .equals }
            guard !text.isEmpty else { throw SIPSyntaxError("a URI's headers are malformed") }
            headers = text
        }
        guard scanner.isAtEnd else { throw SIPSyntaxError("a URI holds a character that it cannot hold") }
    }

    /// `user-unreserved` and unreserved of RFC 3261 §25.1.
    static func isUserOctet(_ octet: UInt8) -> Bool {
        if octet.isUnreserved { return true }
        switch octet {
        case .ampersand, .equals, 0x2B, 0x24, .comma, .semicolon, .question, .slash: return true
        default: return false
        }
    }

    /// Escapes, and `#`, which phones send in dialled codes, pass too.
    static func isLenientUserOctet(_ octet: UInt8) -> Bool {
        isUserOctet(octet) || octet == .percent || octet == 0x23 || octet == .openBracket || octet == .closeBracket
            || octet >= 0x80 || octet == .colon
    }

    /// `paramchar` and `hname` of RFC 3261 §25.1 with their escapes.
    static func isParameterOctet(_ octet: UInt8) -> Bool {
        if octet.isUnreserved { return true }
        switch octet {
        case .openBracket, .closeBracket, .slash, .colon, .ampersand, 0x2B, 0x24, .percent: return true
        default: return false
        }
    }

    static func escapesAreWhole(_ octets: ArraySlice<UInt8>) -> Bool {
        for index in octets.indices where octets[index] == .percent {
            guard index + 2 < octets.endIndex, octets[index + 1].hexValue != nil, octets[index + 2].hexValue != nil
            else {
                return false
            }
        }
        return true
    }

    static func unescape(_ text: String) -> String {
        guard text.utf8.contains(.percent) else { return text }
        let octets = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < octets.count {
            if octets[index] == .percent, index + 2 < octets.count, let high = octets[index + 1].hexValue,
                let low = octets[index + 2].hexValue
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return String(octets: result)
    }

    static func escape(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for octet in text.utf8 {
            if isKept(octet) {
                result.append(octet)
            } else {
                result += [.percent, digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
        return String(octets: result)
    }
}
