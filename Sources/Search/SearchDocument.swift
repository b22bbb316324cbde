import Foundation

/// How far a meeting may be known, as the index keeps it; the raw value goes into ``MeetingKey``.
public enum SearchLevel: Int, Sendable, Codable, Hashable, CaseIterable {
    case ordinary, restricted, secret, highlySecret, topSecret
}

/// What a passage is of.
public enum PassageKind: String, Sendable, Codable, Hashable, CaseIterable {
    /// What is said of the meeting itself: title, convener, document, room, field, units and people.
    case meeting
    case agenda
    /// One speech: the speech slip of archival practice, which can be sought in the recording.
    case speech
    case chapter
    case paper
    case report
}

/// A piece of a meeting that can be found and shown.
public struct Passage: Sendable, Hashable {
    public var kind: PassageKind
    /// Who speaks and for whom, or the paper's name; found as the text is.
    public var heading: String
    public var text: String
    /// Which paper it is of, as the Office numbers them.
    public var paper: String?
    /// Counted from 1.
    public var page: Int?
    /// From the beginning of the master.
    public var beginMilliseconds: Int64?
    public var endMilliseconds: Int64?

    public init(
        _ kind: PassageKind, heading: String = "", text: String, paper: String? = nil, page: Int? = nil,
        beginMilliseconds: Int64? = nil, endMilliseconds: Int64? = nil
    ) {
        self.kind = kind
        self.heading = heading
        self.text = text
        self.paper = paper
        self.page = page
        self.beginMilliseconds = beginMilliseconds
        self.endMilliseconds = endMilliseconds
    }
}

/// All that can be found of a meeting.
public struct MeetingDocument: Sendable, Hashable {
    /// As the archive names it.
    public var id: String
    /// Changes whenever something that is found changes; the caller's own, compared for equality only.
    public var revision: String
    public var title: String
    public var convener: String
    /// Number of the document by which it was convened: `12/QĐ-VP`.
    public var document: String
    public var room: String
    public var roomName: String
    public var field: String
    public var level: SearchLevel
    public var openedAt: Date
    public var units: [String]
    public var people: [String]
    public var passages: [Passage]

    public init(
        id: String, revision: String = "", title: String, convener: String = "", document: String = "", room: String,
        roomName: String = "", field: String = "", level: SearchLevel = .ordinary, openedAt: Date, units: [String] = [],
        people: [String] = [], passages: [Passage] = []
    ) {
        self.id = id
        self.revision = revision
        self.title = title
        self.convener = convener
        self.document = document
        self.room = room
        self.roomName = roomName
        self.field = field
        self.level = level
        self.openedAt = openedAt
        self.units = units
        self.people = people
        self.passages = passages
    }
}
