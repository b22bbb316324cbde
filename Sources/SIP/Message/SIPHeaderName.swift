/// The name of a header: compared without regard to case, compact forms being the same as long ones (RFC 3261 §7.3.3).
public struct SIPHeaderName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private enum Identity: Sendable {
        case known(KnownHeader)
        /// As it was written.
        case other(String)
    }

    private let identity: Identity

    public init(_ text: String) {
        identity = KnownHeader(text.utf8).map(Identity.known) ?? .other(text)
    }

    init(_ octets: ArraySlice<UInt8>) {
        identity = KnownHeader(octets).map(Identity.known) ?? .other(String(octets: octets))
    }

    init(_ known: KnownHeader) { identity = .known(known) }

    public init(stringLiteral value: String) { self.init(value) }

    /// As it is sent: the RFC's spelling where the name is known, otherwise as it was written.
    public var description: String {
        switch identity {
        case .known(let known): known.rawValue
        case .other(let text): text
        }
    }

    /// Which of the known ones it is.
    var known: KnownHeader? {
        if case .known(let known) = identity { known } else { nil }
    }

    public static func == (left: Self, right: Self) -> Bool {
        switch (left.identity, right.identity) {
        case (.known(let left), .known(let right)): left == right
        case (.other(let left), .other(let right)): left.equalsIgnoringCase(right)
        case (.known, .other), (.other, .known): false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch identity {
        case .known(let known): hasher.combine(known)
        case .other(let text): hasher.combine(text.asciiLowercased)
        }
    }

    public static var accept: Self { .init(.accept) }
    public static var acceptEncoding: Self { .init(.acceptEncoding) }
    public static var acceptLanguage: Self { .init(.acceptLanguage) }
    public static var allow: Self { .init(.allow) }
    public static var authorization: Self { .init(.authorization) }
    public static var callID: Self { .init(.callID) }
    public static var contact: Self { .init(.contact) }
    public static var contentDisposition: Self { .init(.contentDisposition) }
    public static var contentEncoding: Self { .init(.contentEncoding) }
    public static var contentLength: Self { .init(.contentLength) }
    public static var contentType: Self { .init(.contentType) }
    public static var cseq: Self { .init(.cseq) }
    public static var date: Self { .init(.date) }
    public static var expires: Self { .init(.expires) }
    public static var flowTimer: Self { .init(.flowTimer) }
    public static var from: Self { .init(.from) }
    public static var maxForwards: Self { .init(.maxForwards) }
    public static var minExpires: Self { .init(.minExpires) }
    public static var minSE: Self { .init(.minSE) }
    public static var path: Self { .init(.path) }
    public static var proxyAuthenticate: Self { .init(.proxyAuthenticate) }
    public static var proxyAuthorization: Self { .init(.proxyAuthorization) }
    public static var rAck: Self { .init(.rAck) }
    public static var reason: Self { .init(.reason) }
    public static var recordRoute: Self { .init(.recordRoute) }
    public static var require: Self { .init(.require) }
    public static var retryAfter: Self { .init(.retryAfter) }
    public static var route: Self { .init(.route) }
    public static var rSeq: Self { .init(.rSeq) }
    public static var server: Self { .init(.server) }
    public static var sessionExpires: Self { .init(.sessionExpires) }
    public static var supported: Self { .init(.supported) }
    public static var timestamp: Self { .init(.timestamp) }
    public static var to: Self { .init(.to) }
    public static var unsupported: Self { .init(.unsupported) }
    public static var userAgent: Self { .init(.userAgent) }
    public static var via: Self { .init(.via) }
    public static var warning: Self { .init(.warning) }
    public static var wwwAuthenticate: Self { .init(.wwwAuthenticate) }
}
