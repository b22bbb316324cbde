import Foundation

/// A page of meetings, best first.
public struct SearchResults: Sendable, Equatable {
    public enum Count: Sendable, Equatable {
        case exactly(Int)
        /// The search ended here: see ``SearchIndex/Limits``.
        case atLeast(Int)
    }
    public var meetings: [FoundMeeting]
    public var count: Count
    /// For ``SearchRequest/after``; nil on the last page.
    public var next: String?
    /// Whether words at the end of the query were not looked for: it was too long.
    public var isCut: Bool
    /// False while the index is being built: there may be more.
    public var isComplete: Bool
}

/// Text with what was found in it marked: values, never markup.
public struct Excerpt: Sendable, Equatable {
    /// NFC.
    public var text: String
    /// In UTF-16 code units, as browsers count; ascending, disjoint.
    public var highlights: [Range<Int>]

    public init(text: String, highlights: [Range<Int>] = []) {
        self.text = text
        self.highlights = highlights
    }
}

public struct FoundMeeting: Sendable, Equatable {
    public var id: String
    public var title: Excerpt
    public var room: String
    public var field: String
    public var level: SearchLevel
    public var openedAt: Date
    /// Whether every word was found with the marks that it was typed with; false where none was typed with marks.
    public var isExact: Bool
    public var passages: [FoundPassage]
}

public struct FoundPassage: Sendable, Equatable {
    public var kind: PassageKind
    public var heading: Excerpt
    public var text: Excerpt
    public var paper: String?
    public var page: Int?
    /// Where to seek to in the master.
    public var beginMilliseconds: Int64?
    public var endMilliseconds: Int64?
}
