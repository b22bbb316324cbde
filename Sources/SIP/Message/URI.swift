/// Any URI that can stand in a Request-URI or an address header (RFC 3261 §19, RFC 3966).
public enum URI: Hashable, Sendable {
    /// `sip:` and `sips:`.
    case sip(SIPURI)
    /// `tel:` with what follows it, as written.
    case tel(String)
    /// A scheme that this stack does not know, in lower case, with what follows its colon.
    case other(scheme: String, String)

    public init(parsing text: some StringProtocol) throws(SIPSyntaxError) {
        try self.init(Array(text.utf8)[...])
    }

    init(_ octets: ArraySlice<UInt8>) throws(SIPSyntaxError) {
        guard let colon = octets.firstIndex(of: .colon) else { throw SIPSyntaxError("a URI has no scheme") }
        let scheme = octets[..<colon]
        guard let first = scheme.first, first.isLetter,
            scheme.allSatisfy({ $0.isAlphanumeric || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E })
        else { throw SIPSyntaxError("a URI's scheme is malformed") }
        let rest = octets[(colon + 1)...]
        if scheme.equalsIgnoringCase("sip".utf8) {
            self = .sip(try SIPURI(afterScheme: rest, isSecure: false))
        } else if scheme.equalsIgnoringCase("sips".utf8) {
            self = .sip(try SIPURI(afterScheme: rest, isSecure: true))
        } else {
            guard !rest.isEmpty,
                rest.allSatisfy({ $0 > .space && $0 != 0x7F && $0 != .less && $0 != .greater && $0 != .quote })
            else { throw SIPSyntaxError("a URI holds a character that it cannot hold") }
            let scheme = String(octets: scheme).asciiLowercased
            self = scheme == "tel" ? .tel(String(octets: rest)) : .other(scheme: scheme, String(octets: rest))
        }
    }

    /// The SIP URI, if it is one.
    public var sip: SIPURI? {
        if case .sip(let uri) = self { uri } else { nil }
    }

    /// The user part of a SIP URI, the number of a `tel` URI without its parameters.
    public var user: String? {
        switch self {
        case .sip(let uri): uri.user
        case .tel(let number): String(number.prefix { $0 != ";" })
        case .other: nil
        }
    }

    public var host: String? { sip?.host }

    public func isEquivalent(to other: URI) -> Bool {
        if case .sip(let left) = self, case .sip(let right) = other {
            left.isEquivalent(to: right)
        } else {
            self == other
        }
    }
}

extension URI: WireText {
    func write(to writer: inout OctetWriter) {
        switch self {
        case .sip(let uri): writer.write(uri)
        case .tel(let number): writer.write("tel:\(number)")
        case .other(let scheme, let rest): writer.write("\(scheme):\(rest)")
        }
    }
}
