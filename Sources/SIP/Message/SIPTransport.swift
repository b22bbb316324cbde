/// A transport that SIP runs over (RFC 3261 §18, RFC 7118).
public enum SIPTransport: String, Hashable, Sendable, CaseIterable {
    case udp, tcp, tls
    /// WebSocket, in the clear and over TLS.
    case ws, wss

    /// Whether the transport itself retransmits, so that the transactions need not.
    public var isReliable: Bool { self != .udp }
    /// Whether nobody on the way can read along.
    public var isSecure: Bool { self == .tls || self == .wss }
    public var isWebSocket: Bool { self == .ws || self == .wss }
    /// As a Via names it.
    public var token: String { rawValue.uppercased() }
    /// As a URI names it: that `wss` is secure is said elsewhere (RFC 7118 §5.2).
    public var parameter: String { self == .wss ? "ws" : rawValue }
    public var defaultPort: UInt16 {
        switch self {
        case .udp, .tcp: 5060
        case .tls: 5061
        case .ws: 80
        case .wss: 443
        }
    }
}
