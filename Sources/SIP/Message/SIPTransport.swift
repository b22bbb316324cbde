/// A transport that SIP runs over (RFC 3261 §18).
public enum SIPTransport: String, Hashable, Sendable, CaseIterable {
    case udp, tcp, tls

    /// Whether the transport itself retransmits, so that the transactions need not.
    public var isReliable: Bool { self != .udp }
    /// As a Via names it.
    public var token: String {
        switch self {
        case .udp: "UDP"
        case .tcp: "TCP"
        case .tls: "TLS"
        }
    }
    public var defaultPort: UInt16 { self == .tls ? 5061 : 5060 }
}
