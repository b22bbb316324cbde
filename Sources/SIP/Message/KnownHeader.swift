/// Headers known by name, spelled as they are sent (RFC 3261 §20, 3515, 3841, 3892, 4028, 4474, 6665).
enum KnownHeader: String, Sendable, CaseIterable {
    case accept = "Accept"
    case acceptContact = "Accept-Contact"
    case acceptEncoding = "Accept-Encoding"
    case acceptLanguage = "Accept-Language"
    case allow = "Allow"
    case allowEvents = "Allow-Events"
    case authenticationInfo = "Authentication-Info"
    case authorization = "Authorization"
    case callID = "Call-ID"
    case contact = "Contact"
    case contentDisposition = "Content-Disposition"
    case contentEncoding = "Content-Encoding"
    case contentLength = "Content-Length"
    case contentType = "Content-Type"
    case cseq = "CSeq"
    case date = "Date"
    case event = "Event"
    case expires = "Expires"
    case flowTimer = "Flow-Timer"
    case from = "From"
    case identity = "Identity"
    case maxForwards = "Max-Forwards"
    case mimeVersion = "MIME-Version"
    case minExpires = "Min-Expires"
    case minSE = "Min-SE"
    case pAssertedIdentity = "P-Asserted-Identity"
    case path = "Path"
    case proxyAuthenticate = "Proxy-Authenticate"
    case proxyAuthorization = "Proxy-Authorization"
    case proxyRequire = "Proxy-Require"
    case rAck = "RAck"
    case reason = "Reason"
    case recordRoute = "Record-Route"
    case referredBy = "Referred-By"
    case referTo = "Refer-To"
    case rejectContact = "Reject-Contact"
    case requestDisposition = "Request-Disposition"
    case require = "Require"
    case retryAfter = "Retry-After"
    case route = "Route"
    case rSeq = "RSeq"
    case server = "Server"
    case sessionExpires = "Session-Expires"
    case subject = "Subject"
    case supported = "Supported"
    case timestamp = "Timestamp"
    case to = "To"
    case unsupported = "Unsupported"
    case userAgent = "User-Agent"
    case via = "Via"
    case warning = "Warning"
    case wwwAuthenticate = "WWW-Authenticate"

    /// By its long or compact form, whatever its case; nil for a name that is not known.
    init?(_ octets: some Collection<UInt8>) {
        let length = octets.count
        guard length < Self.byLength.count else { return nil }
        for candidate in Self.byLength[length] where octets.equalsIgnoringCase(candidate.spelling) {
            self = candidate.name
            return
        }
        return nil
    }

    private var compact: UInt8? {
        switch self {
        case .acceptContact: UInt8(ascii: "a")
        case .referredBy: UInt8(ascii: "b")
        case .contentType: UInt8(ascii: "c")
        case .requestDisposition: UInt8(ascii: "d")
        case .contentEncoding: UInt8(ascii: "e")
        case .from: UInt8(ascii: "f")
        case .callID: UInt8(ascii: "i")
        case .rejectContact: UInt8(ascii: "j")
        case .supported: UInt8(ascii: "k")
        case .contentLength: UInt8(ascii: "l")
        case .contact: UInt8(ascii: "m")
        case .event: UInt8(ascii: "o")
        case .referTo: UInt8(ascii: "r")
        case .subject: UInt8(ascii: "s")
        case .to: UInt8(ascii: "t")
        case .allowEvents: UInt8(ascii: "u")
        case .via: UInt8(ascii: "v")
        case .sessionExpires: UInt8(ascii: "x")
        case .identity: UInt8(ascii: "y")
        default: nil
        }
    }

    /// The names of each length, of which there are few.
    private static let byLength: [[(spelling: [UInt8], name: KnownHeader)]] = {
        let all = allCases.flatMap { name in
            [(spelling: Array(name.rawValue.utf8), name: name)]
                + (name.compact.map { [(spelling: [$0], name: name)] } ?? [])
        }
        let longest = all.map(\.spelling.count).max() ?? 0
        return (0...longest).map { length in all.filter { $0.spelling.count == length } }
    }()
}
