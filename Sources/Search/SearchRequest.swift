import Foundation

/// What is looked for.
public struct SearchRequest: Sendable, Hashable {
    /// As somebody typed it; see ``SearchQuery``. Without a word the newest meetings that the filter lets through.
    public var text: String
    public var filter: SearchFilter
    public var order: Order
    /// Whether the last word may be the beginning of one.
    public var isTyping: Bool
    /// Meetings on a page, 1 to ``maximumLimit``.
    public var limit: Int
    public var passagesPerMeeting: Int
    /// ``SearchResults/next`` of the page before.
    public var after: String?

    public static let maximumLimit = 100

    public enum Order: String, Sendable, Hashable {
        case best, newest
    }

    public init(
        _ text: String, filter: SearchFilter = SearchFilter(), order: Order = .best, isTyping: Bool = true,
        limit: Int = 20,
        passagesPerMeeting: Int = 3, after: String? = nil
    ) {
        self.order = order
        self.text = text
        self.filter = filter
        self.isTyping = isTyping
        self.limit = limit
        self.passagesPerMeeting = passagesPerMeeting
        self.after = after
    }
}

/// Narrows a search; empty sets narrow nothing. Names are compared without marks and case.
public struct SearchFilter: Sendable, Hashable {
    /// To the minute: opened at this time or later.
    public var from: Date?
    /// To the minute: opened before this time.
    public var to: Date?
    /// Ids or names.
    public var rooms: Set<String>
    public var units: Set<String>
    public var fields: Set<String>
    public var levels: Set<SearchLevel>
    /// What the words must be found in, all in the same kinds.
    public var kinds: Set<PassageKind>

    public init(
        from: Date? = nil, to: Date? = nil, rooms: Set<String> = [], units: Set<String> = [], fields: Set<String> = [],
        levels: Set<SearchLevel> = [], kinds: Set<PassageKind> = []
    ) {
        self.from = from
        self.to = to
        self.rooms = rooms
        self.units = units
        self.fields = fields
        self.levels = levels
        self.kinds = kinds
    }
}

/// What the asker may know of. It is applied to each meeting before it is ranked or counted: nothing of another meeting
/// reaches a result, a count or a cursor.
public struct Visibility: Sendable, Hashable {
    /// Meetings of these levels are seen, besides those granted.
    public var levels: Set<SearchLevel>
    /// Seen whatever their level: the lists of secret meetings, an agency's grants.
    public var granted: Set<String>
    /// Never seen; goes before the others.
    public var denied: Set<String>

    public init(levels: Set<SearchLevel>, granted: Set<String> = [], denied: Set<String> = []) {
        self.levels = levels
        self.granted = granted
        self.denied = denied
    }

    public func admits(_ id: String, level: SearchLevel) -> Bool {
        !denied.contains(id) && (levels.contains(level) || granted.contains(id))
    }
}
