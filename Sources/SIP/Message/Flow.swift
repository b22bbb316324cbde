/// A way to a peer (RFC 5626 §3.1), in the terms of whoever owns the sockets.
public struct Flow: Hashable, Sendable {
    /// Names the socket: over TCP and TLS the connection, over UDP the local socket. Means nothing to this module.
    public var id: UInt64
    public var transport: SIPTransport
    /// The peer's IP address as text, an IPv6 address without brackets.
    public var remoteHost: String
    public var remotePort: UInt16

    public init(id: UInt64, transport: SIPTransport, remoteHost: String, remotePort: UInt16) {
        self.id = id
        self.transport = transport
        self.remoteHost = remoteHost
        self.remotePort = remotePort
    }
}

extension Flow: CustomStringConvertible {
    public var description: String {
        "\(transport.rawValue) \(HostText.bracketed(remoteHost)):\(remotePort)"
    }
}
