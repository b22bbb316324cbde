/// The name of a header: compared without regard to case, compact forms being the same as long ones (RFC 3261 §7.3.3).
public struct SIPHeaderName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// As it is sent: the RFC's spelling where the name is known, otherwise as it was written.
    public let description: String
    private let key: String

    public init(_ text: String) {
        // Nearly all come spelled as the RFC spells them.
        if let known = Self.known[text] {
            self = known
            return
        }
        let lower = text.asciiLowercased
        self.init(spelling: Self.spellings[lower] ?? text)
    }

    public init(stringLiteral value: String) { self.init(value) }

    public static func == (left: Self, right: Self) -> Bool { left.key == right.key }
    public func hash(into hasher: inout Hasher) { hasher.combine(key) }

    public static let accept: Self = "Accept"
    public static let acceptEncoding: Self = "Accept-Encoding"
    public static let acceptLanguage: Self = "Accept-Language"
    public static let allow: Self = "Allow"
    public static let authorization: Self = "Authorization"
    public static let callID: Self = "Call-ID"
    public static let contact: Self = "Contact"
    public static let contentDisposition: Self = "Content-Disposition"
    public static let contentEncoding: Self = "Content-Encoding"
    public static let contentLength: Self = "Content-Length"
    public static let contentType: Self = "Content-Type"
    public static let cseq: Self = "CSeq"
    public static let date: Self = "Date"
    public static let expires: Self = "Expires"
    public static let flowTimer: Self = "Flow-Timer"
    public static let from: Self = "From"
    public static let maxForwards: Self = "Max-Forwards"
    public static let minExpires: Self = "Min-Expires"
    public static let minSE: Self = "Min-SE"
    public static let path: Self = "Path"
    public static let proxyAuthenticate: Self = "Proxy-Authenticate"
    public static let proxyAuthorization: Self = "Proxy-Authorization"
    public static let rAck: Self = "RAck"
    public static let reason: Self = "Reason"
    public static let recordRoute: Self = "Record-Route"
    public static let require: Self = "Require"
    public static let retryAfter: Self = "Retry-After"
    public static let route: Self = "Route"
    public static let rSeq: Self = "RSeq"
    public static let server: Self = "Server"
    public static let sessionExpires: Self = "Session-Expires"
    public static let supported: Self = "Supported"
    public static let timestamp: Self = "Timestamp"
    public static let to: Self = "To"
    public static let unsupported: Self = "Unsupported"
    public static let userAgent: Self = "User-Agent"
    public static let via: Self = "Via"
    public static let warning: Self = "Warning"
    public static let wwwAuthenticate: Self = "WWW-Authenticate"

    private init(spelling: String) {
        description = spelling
        key = spelling.asciiLowercased
    }

    private static let known: [String: SIPHeaderName] = Dictionary(
        spellings.values.map { ($0, SIPHeaderName(spelling: $0)) }, uniquingKeysWith: { first, _ in first })

    /// Lower-case and compact forms (RFC 3261 §20, 3515, 3841, 3892, 4028, 4474, 6665) to the spelling that is sent.
    private static let spellings: [String: String] = {
        let names = [
            "Accept", "Accept-Encoding", "Accept-Language", "Allow", "Allow-Events", "Authentication-Info",
            "Authorization",
            "Call-ID", "Contact", "Content-Disposition", "Content-Encoding", "Content-Length", "Content-Type", "CSeq",
            "Date",
            "Event", "Expires", "Flow-Timer", "From", "Max-Forwards", "MIME-Version", "Min-Expires", "Min-SE",
            "P-Asserted-Identity",
            "Path", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Require", "RAck", "Reason", "Record-Route",
            "Refer-To",
            "Referred-By", "Require", "Retry-After", "Route", "RSeq", "Server", "Session-Expires", "Subject",
            "Supported",
            "Timestamp", "To", "Unsupported", "User-Agent", "Via", "Warning", "WWW-Authenticate",
        ]
        var table = Dictionary(names.map { ($0.asciiLowercased, $0) }, uniquingKeysWith: { first, _ in first })
        let compact = [
            "a": "Accept-Contact", "b": "Referred-By", "c": "Content-Type", "d": "Request-Disposition",
            "e": "Content-Encoding", "f": "From", "i": "Call-ID", "j": "Reject-Contact", "k": "Supported",
            "l": "Content-Length", "m": "Contact", "o": "Event", "r": "Refer-To", "s": "Subject", "t": "To",
            "u": "Allow-Events", "v": "Via", "x": "Session-Expires", "y": "Identity",
        ]
        table.merge(compact, uniquingKeysWith: { first, _ in first })
        return table
    }()
}
