extension RoomPlacement {
    /// What happens.
    public enum Event: Hashable, Sendable {
        /// Time passed, perhaps much more than was waited for.
        case tick
        /// The answer to ``Action/renew(_:suspects:)`` with this number.
        case renewed(Int, DatabaseView)
        /// A statement came to nothing, or its answer did not come: whether it was carried out is not known.
        case databaseGone
        /// The answer to ``Action/register(replacing:unrenewed:)``; false where the row was not what it was seen to be.
        case registered(Bool)
        /// The room is this bridge's, in this epoch.
        case taken(Taking, epoch: Int64)
        /// It is not, and this is its row.
        case notTaken(Taking, RoomRow?)
        case released(String, epoch: Int64)
        case probed(BridgeLife, ProbeVerdict)
        /// Somebody here wants a meeting in the room.
        case want(String)
        /// Its meeting is over.
        case finish(String)
        /// The daemon stops in order, and its meetings may go on elsewhere.
        case leave
    }

    /// What is to be done. Each statement to the database is answered by one event, and by ``Event/databaseGone`` where it fails.
    public enum Action: Hashable, Sendable {
        /// Raise this bridge's count where the row has its life, and look at the rows, in one transaction. Renewals are numbered, for an
        /// answer that comes late must not be taken for that to a later one.
        case renew(Int, suspects: [String])
        /// Enter this life of the bridge where there is no row, or where the row is this one.
        case register(replacing: BridgeRow?, unrenewed: Int64?)
        case take(Taking)
        /// Leave the room to whoever wants it, where it is this bridge's in this epoch.
        case release(String, epoch: Int64)
        /// Say in the database that this life is over.
        case leave
        /// Ask the machine of a bridge whether that life of it lives.
        case probe(BridgeLife)
        /// The room is served here from now on. `former` had it before, and perhaps a meeting in it.
        case serve(String, epoch: Int64, former: BridgeLife?)
        /// The room is not served here any more, at once.
        case stop(String, StopReason)
        /// Somebody else has the room that is wanted.
        case elsewhere(RoomRow)
        /// This life is a member of the cluster from now on.
        case joined
        /// Another life has this bridge's name: this one serves nothing any more.
        case superseded(by: BridgeLife)
    }

    public enum StopReason: Hashable, Sendable {
        /// Too long without the database.
        case graceIsOver
        /// Another bridge has it.
        case taken
        case left
    }

    /// What a probe found.
    public enum ProbeVerdict: Hashable, Sendable {
        /// That life answered.
        case alive
        /// The machine refused the connection, or another life of the bridge answered.
        case dead
        /// Nothing is proven.
        case silent
    }
}
