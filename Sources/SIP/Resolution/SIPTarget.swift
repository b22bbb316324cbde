/// A server to which a request can be sent (RFC 3263 §4).
public struct SIPTarget: Hashable, Sendable {
    public var transport: SIPTransport
    /// An IP address, IPv6 without brackets.
    public var address: String
    public var port: UInt16
    /// For what its certificate must be, whatever the search passed through (RFC 5922 §4): the URI's host, a name or an
    /// address.
    public var serverName: String

    public init(transport: SIPTransport, address: String, port: UInt16, serverName: String) {
        self.transport = transport
        self.address = address
        self.port = port
        self.serverName = serverName
    }
}

extension SIPTarget: CustomStringConvertible {
    public var description: String { "\(transport.rawValue) \(HostText.bracketed(address)):\(port)" }
}

/// Why no server was found for a URI.
public enum LocationFailure: Error, Hashable, Sendable {
    /// It is no SIP URI.
    case notSIP
    /// It wants a transport that is unknown, not in use here, or not as secure as it must be.
    case transport(String)
    /// The domain says that it has no such service, or does not exist.
    case noServer
    /// The name system did not answer; it may later.
    case lookupFailed
}
