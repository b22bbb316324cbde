import Vietnamese

/// A meeting as it goes into the tables: columns of FTS5, and the passages with where in them they begin.
struct IndexedText {
    struct Row {
        var column: IndexColumn
        /// Of its first word, counted in the column.
        var first: Int
        var count: Int
        var passage: Passage
    }

    /// Characters of a meeting that are indexed; what papers have beyond it is not found.
    static let longest = 4_000_000
    static let mostPassages = 20_000

    private(set) var rows: [Row] = []
    /// By ``IndexColumn``.
    private(set) var columns = Array(repeating: "", count: IndexColumn.allCases.count)
    /// Different words, folded and exact, without pairs; and what every meeting has, so that meetings are counted.
    private(set) var terms: Set<[UInt8]> = [Facets.all]
    private var places = Array(repeating: 0, count: IndexColumn.allCases.count)
    private var length = 0

    init(_ meeting: MeetingDocument) {
        add(.title, Passage(.meeting, text: meeting.title))
        for text in [meeting.document, meeting.convener, meeting.roomName, meeting.room, meeting.field] {
            add(.about, Passage(.meeting, text: text))
        }
        for unit in meeting.units { add(.people, Passage(.meeting, text: unit)) }
        for person in meeting.people { add(.people, Passage(.meeting, text: person)) }
        for passage in meeting.passages { add(IndexColumn(passage.kind), passage) }
    }

    /// As it was indexed, from the passages that were kept.
    init(_ kept: [(column: IndexColumn, passage: Passage)]) {
        for row in kept { add(row.column, row.passage) }
    }

    private mutating func add(_ column: IndexColumn, _ given: Passage) {
        var passage = given
        passage.heading = VietnameseText.stored(passage.heading)
        passage.text = VietnameseText.stored(passage.text)
        let text = Self.joined(passage)
        guard text.utf8.count > 1, rows.count < Self.mostPassages, length + text.utf8.count <= Self.longest else {
            return
        }
        length += text.utf8.count
        let words = WordScanner.words(of: text)
        for case let word? in words {
            terms.insert(word.folded)
            if let exact = Term.exact(word) { terms.insert(exact) }
        }
        let index = column.rawValue
        rows.append(Row(column: column, first: places[index], count: words.count, passage: passage))
        places[index] += words.count + 1
        columns[index] += text + Self.mark
    }

    /// Heading and text as one: what a passage's places count in.
    static func joined(_ passage: Passage) -> String { passage.heading + mark + passage.text }

    private static let mark = String(Unicode.Scalar(WordScanner.boundary))
}
