import BFCP
import NIOCore

/// Where floor control listens, and what it bears.
public struct FloorControlConfiguration: Sendable {
    /// A local IP address; `0.0.0.0` or `::` for all.
    public var host: String
    /// 0 lets the system choose.
    public var udpPort: UInt16
    /// 0 lets the system choose.
    public var tcpPort: UInt16
    public var limits: FloorControlTransportLimits

    public init(host: String, udpPort: UInt16 = 0, tcpPort: UInt16 = 0, limits: FloorControlTransportLimits = .init()) {
        self.host = host
        self.udpPort = udpPort
        self.tcpPort = tcpPort
        self.limits = limits
    }
}

/// Bounds on what peers can make floor control hold and do.
public struct FloorControlTransportLimits: Sendable {
    public var connections = 2_000
    public var connectionsPerAddress = 200
    /// Messages a second from one address. More datagrams are dropped; a connection that brings more is closed.
    public var messagesPerSecond = 100
    /// A connection on which no participant speaks is closed after this much time. One on which one does may be silent
    /// for a whole meeting.
    public var strangerTime = Duration.seconds(30)
    /// A message must be complete so soon after its first octet.
    public var messageTime = Duration.seconds(15)
    public var connectTime = Duration.seconds(8)
    /// Octets waiting to be written on a connection whose peer does not read.
    public var writeBacklog = 65_536
    public var server = FloorControlLimits()

    public init() {}
}

/// Where a participant's BFCP comes from, as its call says.
public struct FloorPeer: Hashable, Sendable {
    /// What the `c=` line of its SDP says.
    public var host: String
    /// What its `m=application … UDP/BFCP` line says: requests of the server go there before the participant has spoken.
    public var udpPort: UInt16?
    /// What its `m=application … TCP/BFCP` line says, where it wants to be connected to (`a=setup:passive`). Nil where it
    /// connects to the bridge, and where an existing connection goes on.
    public var tcpPort: UInt16?
    /// Where its signalling comes from: another address than `host` where there is a NAT between.
    public var signallingHost: String?

    public init(host: String, udpPort: UInt16? = nil, tcpPort: UInt16? = nil, signallingHost: String? = nil) {
        self.host = host
        self.udpPort = udpPort
        self.tcpPort = tcpPort
        self.signallingHost = signallingHost
    }

    var hosts: Set<String> { Set([host, signallingHost].compactMap { $0.map(Self.canonical) }) }

    var announced: FloorControlFlow? {
        udpPort.flatMap { $0 > 0 ? .init(host: Self.canonical(host), port: $0) : nil }
    }

    /// An address as the sockets tell it: IPv6 shortened, and IPv4 as such where IPv6 carries it.
    static func canonical(_ host: String) -> String {
        let text = (try? SocketAddress(ipAddress: host, port: 0).ipAddress) ?? host
        let mapped = "::ffff:"
        return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
    }
}

/// What the SDP tells a participant (RFC 8856 §5): `a=confid`, `a=userid`, `a=floorid`.
public struct FloorTicket: Hashable, Sendable {
    public var conferenceID: UInt32
    public var userID: UInt16
    public var floorID: UInt16
}

/// Who presents in a conference now, and who would like to.
public struct FloorChange: Hashable, Sendable {
    public var conferenceID: UInt32
    /// Nil: nobody.
    public var holder: FloorParticipant?
    /// In the order in which their turn comes; where a chair is awaited, in the order in which they asked.
    public var waiting: [FloorParticipant]
}
