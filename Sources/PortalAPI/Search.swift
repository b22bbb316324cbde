import Foundation

/// What `GET /api/v1/search` answers: meetings, best first.
public struct SearchAnswer: Codable, Sendable, Equatable {
    /// Text and the parts of it that were found, each its first UTF-16 code unit and the one after its last.
    public struct Excerpt: Codable, Sendable, Equatable {
        public var text: String
        public var marks: [[Int]]
        public init(text: String, marks: [[Int]]) {
            self.text = text
            self.marks = marks
        }
    }

    public struct Passage: Codable, Sendable, Equatable {
        /// `meeting`, `agenda`, `speech`, `chapter`, `paper`, `report`.
        public var kind: String
        public var heading: Excerpt
        public var text: Excerpt
        /// The paper's number in the meeting.
        public var paper: String?
        /// From 1.
        public var page: Int?
        /// Where to seek to in the recording.
        public var beginMilliseconds: Int64?
        public var endMilliseconds: Int64?
        public init(
            kind: String, heading: Excerpt, text: Excerpt, paper: String?, page: Int?, beginMilliseconds: Int64?,
            endMilliseconds: Int64?
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

    public struct Meeting: Codable, Sendable, Equatable, Identifiable {
        public var id: String
        public var title: Excerpt
        public var room: String
        public var field: String
        /// `ordinary`, `restricted`, …, as the schedule has it.
        public var level: String
        public var openedAt: Date
        /// Every word was found with the marks that it was typed with.
        public var isExact: Bool
        public var passages: [Passage]
        public init(
            id: String, title: Excerpt, room: String, field: String, level: String, openedAt: Date, isExact: Bool,
            passages: [Passage]
        ) {
            self.id = id
            self.title = title
            self.room = room
            self.field = field
            self.level = level
            self.openedAt = openedAt
            self.isExact = isExact
            self.passages = passages
        }
    }

    public var meetings: [Meeting]
    public var count: Int
    /// False where there are at least so many.
    public var isWholeCount: Bool
    /// What `after` takes for the next page; nil on the last.
    public var next: String?
    /// The end of the query was not looked for.
    public var isCut: Bool
    /// The index is not whole yet.
    public var isIndexing: Bool
    /// While it is not: how many meetings are in it, of how many.
    public var indexed: Int?
    public var total: Int?

    public init(
        meetings: [Meeting], count: Int, isWholeCount: Bool, next: String?, isCut: Bool, isIndexing: Bool
    ) {
        self.meetings = meetings
        self.count = count
        self.isWholeCount = isWholeCount
        self.next = next
        self.isCut = isCut
        self.isIndexing = isIndexing
    }
}
