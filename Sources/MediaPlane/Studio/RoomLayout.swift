/// In which order points stand on a composed picture.
public enum TileOrder: Hashable, Sendable {
    /// Who spoke last comes first. Who is there keeps its place until it has to make room.
    case activity
    /// As `RoomCaptions.order` says, and then as they came.
    case precedence
}

/// What points are shown in the stream of the camera. All but the first is composed, once for each layout and size, and
/// shared by all who see it; whatever is presented is in it for those who have no stream of their own for slides.
public enum RoomLayout: Hashable, Sendable {
    /// The active speaker, as it is sent; or what is presented, for who has no stream of its own for that.
    case forwarded
    /// The active speaker with its name.
    case speaker
    /// Everybody, up to five by five.
    case gallery(TileOrder)
    /// The speaker large, others in a strip beside it.
    case speakerAndStrip(TileOrder)
    /// What is presented large, and the speaker beside it. Who has a stream of its own for slides gets the two streams.
    case contentAndSpeaker
    /// These and no others, in this order.
    case chosen([LegID])

    /// Tiles at most.
    public static let mostTiles = 25
}

/// What composed pictures of a room say.
public struct RoomCaptions: Hashable, Sendable {
    /// By which the legs' tiles go.
    public var names: [LegID: String] = [:]
    /// Legs in the order of protocol.
    public var order: [LegID] = []
    /// A line on everybody's picture, which is composed for that where it was not: a message, or what is voted on. Empty for
    /// none.
    public var message = ""
    /// What composed pictures are marked with while a recording runs; empty for nothing.
    public var recordingMark = ""
    /// Legs whose picture is composed, where it was not, for them to see the mark.
    public var marked: Set<LegID> = []

    public init() {}

    /// Whether a leg's picture is to be composed for what they say.
    func mustBeSeen(by leg: LegID) -> Bool {
        !message.isEmpty || (!recordingMark.isEmpty && marked.contains(leg))
    }
}
