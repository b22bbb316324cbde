/// What becomes of a request for a floor that somebody else holds.
public enum FloorContention: Hashable, Sendable, CaseIterable {
    /// It is granted, and the holder's revoked: whoever shares last is seen, as users of room systems expect.
    case takeOver
    /// It waits.
    case queue
    case deny
}

public struct FloorConferenceSettings: Hashable, Sendable {
    public var floors: [UInt16] = [1]
    public var contention = FloorContention.takeOver
    /// Nothing is granted before a chair, or the bridge for it, agrees: until then requests are Pending.
    public var awaitsChair = false
    /// Ongoing requests that one user may have for one floor.
    public var requestsPerUser = 1

    public init() {}
}

/// Whoever takes part, as the bridge numbers it; means nothing here.
public struct FloorParticipant: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// What the server knows of a participant. Those without BFCP are users too: they can hold the floor, and others see their
/// names.
public struct FloorUser: Hashable, Sendable {
    /// Not 0, and of no one else in the conference.
    public var userID: UInt16
    public var participant: FloorParticipant
    public var displayName: String
    /// May ask for floors.
    public var mayRequest: Bool
    /// May decide on the requests of others (ChairAction).
    public var isChair: Bool
    /// Addresses that may speak for it: what its SDP announced, and where its signalling comes from. None: it has no BFCP.
    public var hosts: Set<String>
    /// Where to send over UDP before it has spoken.
    public var announced: FloorControlFlow?

    public init(
        userID: UInt16, participant: FloorParticipant, displayName: String, mayRequest: Bool = true,
        isChair: Bool = false, hosts: Set<String> = [], announced: FloorControlFlow? = nil
    ) {
        self.userID = userID
        self.participant = participant
        self.displayName = displayName
        self.mayRequest = mayRequest
        self.isChair = isChair
        self.hosts = hosts
        self.announced = announced
    }
}

/// What the server holds at most.
public struct FloorControlLimits: Hashable, Sendable {
    /// Octets of a message, put together from fragments or cut out of a stream.
    public var messageSize = 8_192
    /// Octets of a datagram that is sent; longer messages go as fragments (RFC 8855 §6.2.3).
    public var datagramSize = 1_200

    public init() {}
}

/// Where a message came from, and where its answer goes: a connection, or an address and port over UDP.
public struct FloorControlFlow: Hashable, Sendable, CustomStringConvertible {
    /// 0 over UDP.
    public var connection: UInt64
    public var host: String
    public var port: UInt16

    public init(connection: UInt64 = 0, host: String, port: UInt16) {
        self.connection = connection
        self.host = host
        self.port = port
    }

    public var isReliable: Bool { connection != 0 }

    public var description: String { "\(isReliable ? "TCP" : "UDP") \(host) port \(port)" }
}
