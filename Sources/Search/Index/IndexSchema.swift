import GRDB

/// The index's tables. Whatever changes here or in what ``IndexTokenizer`` writes takes another ``version``: an index of another
/// version is thrown away and built again.
///
/// The full text is kept once, in `passages`. Both FTS5 tables are contentless and without sizes of documents: `words` has a row a
/// meeting, a column for each ``IndexColumn``; `heads` the first few of them, so that titles with a common word are found without
/// reading all that say it.
enum IndexSchema {
    static let version = 1

    static func create(_ db: Database) throws {
        let columns = IndexColumn.allCases.map(\.name)
        let heads = IndexColumn.heads.map(\.name)
        try db.execute(
            sql: """
                CREATE TABLE meetings (
                    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision TEXT NOT NULL, title TEXT NOT NULL,
                    room TEXT NOT NULL, field TEXT NOT NULL, openedAt TEXT NOT NULL, facets TEXT NOT NULL) STRICT;
                CREATE TABLE passages (
                    key INTEGER PRIMARY KEY, "column" INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
                    page INTEGER, "begin" INTEGER, "end" INTEGER, paper TEXT, heading TEXT NOT NULL,
                    text TEXT NOT NULL) STRICT;
                CREATE TABLE terms (term BLOB PRIMARY KEY, meetings INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                INSERT INTO state VALUES ('complete', 0);
                CREATE VIRTUAL TABLE words USING fts5(
                    \(columns.joined(separator: ", ")), facets, content='', columnsize=0, tokenize='causeway');
                CREATE VIRTUAL TABLE heads USING fts5(
                    \(heads.joined(separator: ", ")), facets, content='', columnsize=0, tokenize='causeway');
                INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);
                PRAGMA user_version = \(version);
                """)
    }

    static func version(of db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }
}
