/// By which the bridges of a cluster know each other: what this one is called, and the secret that all have.
public struct TrunkAccount: Sendable {
    /// The user name under which every bridge signs in at the others. No point can sign in under it where there are trunks.
    public static let username = "causeway-trunk"

    /// This bridge's name.
    public var bridge: String
    /// What a bridge proves that it knows, by digest as points do. Never logged, never sent.
    public var secret: String

    public init(bridge: String, secret: String) {
        self.bridge = bridge
        self.secret = secret
    }
}
