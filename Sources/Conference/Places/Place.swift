/// A room beside a meeting's own, for talks among some of its points. Nothing is recorded there.
public struct SideRoomID: ConferenceIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Where in a meeting a participant is. Who is in one place neither hears nor sees what is in another.
public enum Place: Hashable, Sendable, Codable {
    case hall
    /// Until the chair opens the meeting or lets it in, or its PIN is given.
    case waiting
    case side(SideRoomID)
}

/// How a point stands in a meeting. It is kept when the point drops, so that it falls back into it.
struct Standing: Hashable, Sendable, Codable {
    var microphone: Microphone
    var place = Place.hall
    /// Its microphone in the hall, while it is elsewhere.
    var microphoneInHall: Microphone?
    var layout: Layout?
    /// Whom the chair chose for it alone.
    var chosen: [PointID] = []
    /// It was in the hall: a lock does not keep it out.
    var wasInHall = false
}
