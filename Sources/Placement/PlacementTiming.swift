/// How long what takes.
public struct PlacementTiming: Hashable, Sendable {
    /// Between a bridge's renewals, each of which is also its look at the others.
    public var interval: Duration
    /// For how long a bridge goes on with its rooms without the database.
    public var grace: Duration
    /// For how long a bridge's count must have stood still, as seen by who takes its rooms without proof that it is dead. Longer than
    /// the grace by what clocks differ, and by how late a bridge may look at its own.
    public var patience: Duration
    /// A longer silence of the database than this, and what was seen of others before it does not count.
    public var contactGap: Duration
    /// A bridge is probed whose count stood still for so long.
    public var suspicion: Duration

    public init(grace: Duration = .seconds(60), interval: Duration = .seconds(1)) {
        self.interval = interval
        self.grace = grace
        patience = grace + max(interval * 2, grace / 20)
        contactGap = interval * 5
        suspicion = interval * 2
    }
}
