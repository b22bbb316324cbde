public import Placement

/// A bridge of the cluster, and where the others reach it.
public struct KnownBridge: Hashable, Sendable {
    public let life: BridgeLife
    public let control: ControlAddress
    /// Where trunk calls for its rooms go, a SIP URI; nil: it takes none.
    public let trunk: String?

    public init(life: BridgeLife, control: ControlAddress, trunk: String?) {
        self.life = life
        self.control = control
        self.trunk = trunk
    }

    public var name: String { life.bridge }
}

/// Where a bridge answers others: a numeric IP address, so that no name service has a say in who is dead, and a TCP port.
public struct ControlAddress: Hashable, Sendable {
    public let host: String
    public let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// Where a room is at home.
public enum HomeOfRoom: Hashable, Sendable {
    /// Here; whatever is written of its meeting carries the epoch.
    case here(epoch: Int64)
    case elsewhere(KnownBridge)
    /// The database does not say, or who has the room is not known to live: try again in a while.
    case unknown
}
