/// A point asks by REFER that a call be made, or ended (RFC 3515, RFC 4579 §5.5, §5.11).
public struct Referral: Sendable {
    public struct ID: Hashable, Sendable {
        let subscription: SubscriptionID?
    }

    public enum Deed: Sendable, Hashable {
        /// Another point is called, or the point itself into another room.
        case call
        /// A point is removed from the room (`method=BYE`).
        case removal
    }

    public let deed: Deed
    /// By this name the point is told how it goes.
    public let id: ID
    /// Who asks.
    public let username: String
    /// The room in which, or of which, it asks.
    public let room: String
    /// The user part of the address: a room's, or a point's.
    public let target: String
}
