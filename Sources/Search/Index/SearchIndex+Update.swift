import Foundation
import GRDB
import Vietnamese

extension SearchIndex {
    /// How far a rebuilding is.
    public struct Progress: Sendable, Equatable {
        public var meetings: Int
        public var passages: Int
    }

    /// Whether everything of the archive was once put in; false after a new beginning.
    public func isComplete() async throws(SearchError) -> Bool {
        try await read(Self.isComplete)
    }

    static func isComplete(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT value FROM state WHERE name = 'complete'") == 1
    }

    /// The revision of a meeting as it was put in; nil where it is not there.
    public func revision(of id: String) async throws(SearchError) -> String? {
        try await read { db in
            try String.fetchOne(db, sql: "SELECT revision FROM meetings WHERE id = ?", arguments: [id])
        }
    }

    /// How far the caller followed what it fills the index from; nil after a new beginning.
    public func mark(_ name: String) async throws(SearchError) -> Int64? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT value FROM state WHERE name = ?", arguments: ["mark " + name])
        }
    }

    public func setMark(_ name: String, _ value: Int64) async throws(SearchError) {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                arguments: ["mark " + name, value])
        }
    }

    public func meetingCount() async throws(SearchError) -> Int {
        try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM meetings") ?? 0 }
    }

    public func counts() async throws(SearchError) -> Progress {
        try await read { db in
            Progress(
                meetings: try Int.fetchOne(db, sql: "SELECT count(*) FROM meetings") ?? 0,
                passages: try Int.fetchOne(db, sql: "SELECT count(*) FROM passages") ?? 0)
        }
    }

    /// Puts meetings in, or anew, all or none of them.
    public func put(_ meetings: [MeetingDocument]) async throws(SearchError) {
        // What costs most needs no lock.
        let prepared = meetings.map { ($0, IndexedText($0)) }
        try await write { db in
            var terms: [[UInt8]: Int] = [:]
            for (meeting, text) in prepared {
                try Self.remove(meeting.id, db, &terms)
                try Self.insert(meeting, text, db)
                for term in text.terms { terms[term, default: 0] += 1 }
            }
            try Self.count(terms, db)
        }
    }

    /// Takes meetings out; those that are not there are passed over.
    public func remove(_ ids: [String]) async throws(SearchError) {
        try await write { db in
            var terms: [[UInt8]: Int] = [:]
            for id in ids { try Self.remove(id, db, &terms) }
            try Self.count(terms, db)
        }
    }

    /// Every meeting was put in: joins the parts in which the index was written, piece by piece, and remembers it.
    public func finish() async throws(SearchError) {
        for table in ["heads", "words"] {
            // A negative first step joins parts of all levels; further ones go on with it.
            var pages = -2000
            while true {
                let isDone = try await write { [pages] db in
                    let before = db.totalChangesCount
                    try db.execute(sql: "INSERT INTO \(table) (\(table), rank) VALUES ('merge', \(pages))")
                    return db.totalChangesCount - before < 2
                }
                if isDone { break }
                pages = 2000
                if Task.isCancelled { throw .cancelled }
            }
        }
        try await write { db in try db.execute(sql: "UPDATE state SET value = 1 WHERE name = 'complete'") }
        do {
            try await pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        } catch { throw SearchError(error) }
    }

    private static func insert(_ meeting: MeetingDocument, _ text: IndexedText, _ db: Database) throws {
        let key = try freeKey(meeting, db)
        let facets = Facets.column(of: meeting)
        try db.cachedStatement(sql: "INSERT INTO meetings VALUES (?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
            key.rawValue, meeting.id, meeting.revision, VietnameseText.stored(meeting.title), meeting.room,
            VietnameseText.stored(meeting.field), IndochinaTime.text(meeting.openedAt), facets,
        ])
        let insertion = try db.cachedStatement(sql: "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for (number, row) in text.rows.enumerated() {
            let passage = row.passage
            try insertion.execute(arguments: [
                key.passages.lowerBound + Int64(number), row.column.rawValue, row.first, row.count, passage.page,
                passage.beginMilliseconds, passage.endMilliseconds, passage.paper, passage.heading, passage.text,
            ])
        }
        try writeTerms(of: key, text, facets, isDeletion: false, db)
    }

    private static func remove(_ id: String, _ db: Database, _ terms: inout [[UInt8]: Int]) throws {
        guard
            let meeting = try db.cachedStatement(sql: "SELECT key, facets FROM meetings WHERE id = ?")
                .fetchRow([id])
        else { return }
        let key = MeetingKey(rawValue: meeting["key"])
        let kept = try Row.fetchAll(
            db, sql: "SELECT * FROM passages WHERE key BETWEEN ? AND ? ORDER BY key",
            arguments: [key.passages.lowerBound, key.passages.upperBound]
        ).compactMap { row in
            IndexColumn(rawValue: row["column"]).map { (column: $0, passage: Passage(row, $0)) }
        }
        let text = IndexedText(kept)
        try writeTerms(of: key, text, meeting["facets"], isDeletion: true, db)
        try db.execute(
            sql: "DELETE FROM passages WHERE key BETWEEN ? AND ?",
            arguments: [key.passages.lowerBound, key.passages.upperBound])
        try db.execute(sql: "DELETE FROM meetings WHERE key = ?", arguments: [key.rawValue])
        for term in text.terms { terms[term, default: 0] -= 1 }
    }

    private static func writeTerms(
        of key: MeetingKey, _ text: IndexedText, _ facets: String, isDeletion: Bool, _ db: Database
    ) throws {
        for (table, columns) in [("words", IndexColumn.allCases), ("heads", IndexColumn.heads)] {
            let names = columns.map(\.name) + ["facets"]
            let first = isDeletion ? "\(table), " : ""
            let places = Array(repeating: "?", count: names.count + (isDeletion ? 2 : 1)).joined(separator: ", ")
            var values: [DatabaseValue] = isDeletion ? ["delete".databaseValue] : []
            values.append(key.rawValue.databaseValue)
            values += columns.map { text.columns[$0.rawValue].databaseValue } + [facets.databaseValue]
            try db.cachedStatement(
                sql: "INSERT INTO \(table) (\(first)rowid, \(names.joined(separator: ", "))) VALUES (\(places))"
            ).execute(arguments: StatementArguments(values))
        }
    }

    private static func count(_ terms: [[UInt8]: Int], _ db: Database) throws {
        let addition = try db.cachedStatement(
            sql: """
                INSERT INTO terms VALUES (?, ?)
                ON CONFLICT (term) DO UPDATE SET meetings = meetings + excluded.meetings
                """)
        for (term, change) in terms where change != 0 {
            try addition.execute(arguments: [Data(term), change])
            if change < 0 {
                try db.cachedStatement(sql: "DELETE FROM terms WHERE term = ? AND meetings <= 0")
                    .execute(arguments: [Data(term)])
            }
        }
    }

    /// The first row of the meeting's minute that is free; of a later minute where 256 meetings opened in it.
    private static func freeKey(_ meeting: MeetingDocument, _ db: Database) throws -> MeetingKey {
        var minute = MeetingKey.minute(of: meeting.openedAt)
        while true {
            let taken = try Int64.fetchAll(
                try db.cachedStatement(sql: "SELECT key FROM meetings WHERE key BETWEEN ? AND ?"),
                arguments: [MeetingKey.first(of: minute), MeetingKey.first(of: minute + 1) - 1])
            let numbers = Set(taken.map { MeetingKey(rawValue: $0).number })
            if let free = (0..<MeetingKey.inOneMinute).first(where: { !numbers.contains($0) }) {
                return MeetingKey(minute: minute, number: free, level: meeting.level)
            }
            minute += 1
        }
    }
}

extension Passage {
    init(_ row: Row, _ column: IndexColumn) {
        self.init(
            column.kind, heading: row["heading"], text: row["text"], paper: row["paper"], page: row["page"],
            beginMilliseconds: row["begin"], endMilliseconds: row["end"])
    }
}

extension Statement {
    fileprivate func fetchRow(_ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(self, arguments: arguments)
    }
}
