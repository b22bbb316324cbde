/// Any URI that can stand in a Request-URI or an address header (RFC 3261 §19, RFC 3966).
public enum URI: Hashable, Sendable {
    /// `sip:` and `sips:`.
    case sip(SIPURI)
    /// `tel:` with what follows it, as written.
    case tel(String)
    /// A scheme that this stack does not know, in lower case, with what follows its colon.
    case other(scheme: String, String)

    public init(parsing text: some StringProtocol) throws(SIPSyntaxError) {
        let octets = text.utf8
        guard let colon = octets.firstIndex(of: .colon) else { throw SIPSyntaxError("a URI has no scheme") }
        let scheme = octets[..<colon]
        guard let first = scheme.first, first.isLetter,
            scheme.allSatisfy({ $0.isAlphanumeric || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E })
        else { throw SIPSyntaxError("a URI's scheme is malformed") }
        let rest = octets[octets.index(after: colon)...]
        switch String(octets: scheme).asciiLowercased {
        case "sip": self = .sip(try SIPURI(afterScheme: String(octets: rest), isSecure: false))
        case "sips": self = .sip(try SIPURI(afterScheme: String(octets: rest), isSecure: true))
        case let scheme:
            guard !rest.isEmpty,
                rest.allSatisfy({ $0 > .space && $0 != 0x7F && $0 != .less && $0 != .greater && $0 != .quote })
            else { throw SIPSyntaxError("a URI holds a character that it cannot hold") }
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

extension URI: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sip(let uri): uri.description
        case .tel(let number): "tel:\(number)"
        case .other(let scheme, let rest): "\(scheme):\(rest)"
        }
    }
}
