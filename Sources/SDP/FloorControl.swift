/// How BFCP messages travel (RFC 8856 §4). Of the transports, the two in the clear, which are those that devices have.
public enum FloorControlTransport: String, Sendable, Hashable, CaseIterable {
    case udp = "UDP/BFCP"
    case tcp = "TCP/BFCP"

    /// Of the protocol, where none is named (RFC 8856 §5.5).
    var defaultVersion: UInt8 { self == .udp ? 2 : 1 }
}

/// What the bridge, as the floor control server, writes into an m-line for BFCP.
public struct LocalFloorControl: Sendable, Hashable {
    public var address: String
    /// nil where the bridge does not take part by a transport.
    public var udpPort: UInt16?
    public var tcpPort: UInt16?
    /// Peers that want to be connected to can be: otherwise they are turned down.
    public var connects = false
    /// Of the room (RFC 8855 §5.1).
    public var conferenceID: UInt32
    /// Given to the peer, its own within the conference.
    public var userID: UInt16
    /// The floor that goes with the slides.
    public var floorID: UInt16

    public init(
        address: String, udpPort: UInt16?, tcpPort: UInt16?, conferenceID: UInt32, userID: UInt16, floorID: UInt16 = 1
    ) {
        self.address = address
        self.udpPort = udpPort
        self.tcpPort = tcpPort
        self.conferenceID = conferenceID
        self.userID = userID
        self.floorID = floorID
    }

    func port(for transport: FloorControlTransport) -> UInt16? { transport == .udp ? udpPort : tcpPort }
}

/// What was agreed for an m-line with BFCP. The bridge is the server, the peer the client.
public struct NegotiatedFloorControl: Sendable, Equatable {
    /// The m-line, counted from 0.
    public var index: Int
    public var transport: FloorControlTransport
    public var remoteAddress: String
    /// 9 for a peer that connects to us.
    public var remotePort: UInt16
    /// Over TCP: the bridge connects to the peer; otherwise it is connected to.
    public var connects: Bool
    /// The connection of an earlier agreement goes on.
    public var keepsConnection: Bool
    public var conferenceID: UInt32
    public var userID: UInt16
    public var floorID: UInt16
}

/// `a=floorid`: a floor, and the streams that it is for (RFC 8856 §5.4).
struct FloorAssociation: Equatable {
    var floorID: UInt16
    /// Labels of m-lines.
    var labels: [String]
    /// The name of the list: "mstrm", or "m-stream" as the examples of RFC 4583 have it and some devices too.
    var listName = "mstrm"

    init(floorID: UInt16, labels: [String], listName: String = "mstrm") {
        self.floorID = floorID
        self.labels = labels
        self.listName = listName
    }

    /// nil when malformed. The colon after the list's name is sometimes left out.
    init?(parsing value: String) {
        let words = value.words
        guard let id = words.first.flatMap({ UInt16($0) }) else { return nil }
        floorID = id
        labels = []
        guard words.count > 1 else { return }
        let name = words[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard ["mstrm", "m-stream"].contains(name[0].lowercased()) else { return }
        listName = name[0].lowercased()
        labels = (name.dropFirst() + words.dropFirst(2)).filter { !$0.isEmpty }.prefix(16).map(String.init)
    }

    var value: String { labels.isEmpty ? "\(floorID)" : "\(floorID) \(listName):\(labels.joined(separator: " "))" }
}

extension MediaDescription {
    var isFloorControl: Bool { kind == "application" && transport.hasSuffix("/BFCP") }
    var floors: [FloorAssociation] {
        attributes.all("floorid").prefix(16).compactMap { FloorAssociation(parsing: $0) }
    }
}
