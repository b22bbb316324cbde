/// A point asks by REFER that a call be made (RFC 3515, RFC 4579 §5.5).
public struct Referral: Sendable {
    public struct ID: Hashable, Sendable {
        let subscription: SubscriptionID?
    }

    /// By this name the point is told how it goes.
    public let id: ID
    /// Who asks.
    public let username: String
    /// The room in which, or of which, it asks.
    public let room: String
    /// The user part of the address: a room's, or a point's.
    public let target: String
}
