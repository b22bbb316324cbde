/// How a point stands in a meeting, as the meeting's home tells the bridges that have it or show it.
public struct TrunkStanding: Hashable, Sendable {
    public var microphone: Microphone
    public var place: Place
    /// All in the hall see it.
    public var isInSpotlight = false
    /// What it alone is shown; nil for what all are.
    public var layout: Layout?
    /// What all are shown; nil for whoever speaks.
    public var layoutOfAll: Layout?
    /// Whom the layout `chair` shows it.
    public var chosen: [PointID] = []
    /// The meeting is being recorded.
    public var isRecorded = false
    /// Points are to see that on their pictures.
    public var isMarked = false
    /// Stands on everybody's picture; empty for nothing.
    public var line = ""

    public init(microphone: Microphone, place: Place) {
        self.microphone = microphone
        self.place = place
    }

    /// Of a point of which the home has not said yet how it stands: it hears nobody, and nobody hears it.
    public static let unknown = TrunkStanding(microphone: .muted, place: .waiting)
}
