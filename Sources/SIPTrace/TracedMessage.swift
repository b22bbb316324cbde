/// A SIP message as it passed.
public struct TracedMessage: Sendable, Hashable {
    public struct Place: Sendable, Hashable, CustomStringConvertible {
        /// An IP address as text, without brackets.
        public var host: String
        public var port: UInt16
        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
        public var description: String { host.utf8.contains(0x3A) ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// Nanoseconds since 1970.
    public var at: UInt64
    public var isReceived: Bool
    /// `udp`, `tcp`, `tls`, `ws`, `wss`.
    public var transport: String
    /// The bridge's end; the other is the peer's.
    public var local: Place
    public var remote: Place
    public var octets: [UInt8]

    public init(at: UInt64, isReceived: Bool, transport: String, local: Place, remote: Place, octets: [UInt8]) {
        self.at = at
        self.isReceived = isReceived
        self.transport = transport
        self.local = local
        self.remote = remote
        self.octets = octets
    }
}
