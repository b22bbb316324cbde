/// One life of a bridge: a run of its daemon, from its start to its end. Lives are never used again, so that what is known of the
/// end of one stays true.
public struct BridgeLife: Hashable, Sendable, CustomStringConvertible {
    /// The bridge's name, the only one of its cluster.
    public let bridge: String
    /// Chosen at random by each run.
    public let life: String

    public init(bridge: String, life: String) {
        self.bridge = bridge
        self.life = life
    }

    public var description: String { "\(bridge)/\(life)" }
}
