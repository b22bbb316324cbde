/// An address that the agent announces; lite agents have host candidates only (RFC 8445 §5.2).
public struct ICEHostCandidate: Hashable, Sendable {
    /// An address in text without brackets. It may differ from the one that is bound, where a router maps one to the other.
    public var host: String
    public var port: UInt16
    /// Which of several is announced: 0 is liked best.
    public var rank: UInt8

    public init(host: String, port: UInt16, rank: UInt8 = 0) {
        self.host = host
        self.port = port
        self.rank = rank
    }

    /// Of a host candidate of component 1 (RFC 8445 §5.1.2.1).
    public var priority: UInt32 { 126 << 24 | (0xFFFF - UInt32(rank)) << 8 | 255 }

    /// The value of its `a=candidate` line (RFC 8839 §5.1). RTCP goes with RTP, so there is one component.
    public var attribute: String { "\(UInt16(rank) + 1) 1 UDP \(priority) \(host) \(port) typ host" }
}
