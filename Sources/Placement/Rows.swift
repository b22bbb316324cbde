/// What the database has of a bridge.
public struct BridgeRow: Hashable, Sendable {
    public let life: BridgeLife
    /// Raised by each renewal; no time of day.
    public let renewals: Int64
    /// The bridge said itself that it serves nothing any more.
    public let hasLeft: Bool

    public init(life: BridgeLife, renewals: Int64, hasLeft: Bool = false) {
        self.life = life
        self.renewals = renewals
        self.hasLeft = hasLeft
    }
}

/// What the database has of a room.
public struct RoomRow: Hashable, Sendable {
    public let room: String
    /// Who serves it; nil: nobody.
    public let holder: BridgeLife?
    /// Raised whenever somebody takes it.
    public let epoch: Int64

    public init(room: String, holder: BridgeLife?, epoch: Int64) {
        self.room = room
        self.holder = holder
        self.epoch = epoch
    }
}

/// What one look at the database saw, in one transaction with the renewal.
public struct DatabaseView: Hashable, Sendable {
    /// By name, every bridge there is.
    public var bridges: [String: BridgeRow]
    /// By name, the rooms that this bridge holds, those of the bridges that were suspected, and those of lives that are over.
    public var rooms: [String: RoomRow]

    public init(bridges: [String: BridgeRow], rooms: [String: RoomRow]) {
        self.bridges = bridges
        self.rooms = rooms
    }
}

/// A bridge's wish for a room, and what must still be so in the database for it to come true.
public struct Taking: Hashable, Sendable {
    /// Of all this bridge asked for.
    public let number: Int
    public let room: String
    /// The row as it was seen. Nil: the room is taken if it has no holder, and looked at otherwise.
    public let seen: RoomRow?
    /// The holder's count, which must be the same still; nil where the holder is known to be dead.
    public let unrenewed: Int64?

    public init(number: Int, room: String, seen: RoomRow?, unrenewed: Int64?) {
        self.number = number
        self.room = room
        self.seen = seen
        self.unrenewed = unrenewed
    }
}
