/// Brings the rows of a file of SQLite into a schema of PostgreSQL that the same migrations made: all its tables, each row as it is.
public struct SQLCopy: Sendable {
    /// How much of a table was copied.
    public struct Table: Hashable, Sendable {
        public var name: String
        public var rows: Int
    }

    public enum Fault: Error, Equatable, CustomStringConvertible {
        /// The two were not made by the same migrations.
        case otherTables(String)
        case notEmpty(table: String)
        /// What was written did not come back as it was given.
        case differs(table: String)

        public var description: String {
            switch self {
            case .otherTables(let what): "the file and the schema have not the same tables: \(what)"
            case .notEmpty(let table): "there are rows in \(table) already: only into an empty database is copied"
            case .differs(let table): "rows of \(table) are not in the database as they are in the file"
            }
        }
    }

    private let source: SQLDatabase
    private let schema: String
    private let seeded: Set<String>
    private let finish: @Sendable (SQLConnection) throws -> Void

    /// - Parameters:
    ///   - source: a file of SQLite, which nobody writes meanwhile.
    ///   - schema: of PostgreSQL.
    ///   - seeded: tables in which the migrations put rows; those of the file take their place.
    ///   - finish: what is done then, in the same transaction.
    public init(
        of source: SQLDatabase, into schema: String, seeded: Set<String> = [],
        finish: @escaping @Sendable (SQLConnection) throws -> Void = { _ in }
    ) {
        self.finish = finish
        self.source = source
        self.schema = schema
        self.seeded = seeded
    }

    /// Copies all of them in one transaction: all is there, or nothing.
    /// - Returns: by schema, what was copied.
    public static func run(_ copies: [SQLCopy], into target: SQLDatabase) throws -> [String: [Table]] {
        try target.write { db in
            try db.execute(sql: "SET LOCAL statement_timeout = 0")
            var done: [String: [Table]] = [:]
            for copy in copies {
                try db.execute(sql: "SET LOCAL search_path = \(copy.schema)")
                done[copy.schema] = try copy.run(db)
            }
            return done
        }
    }

    private func run(_ db: SQLConnection) throws -> [Table] {
        let shapes = try source.read { try Shape.all($0) }
        let there = try String.fetchSet(
            db, sql: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migrations'"
        )
        let here = Set(shapes.map { $0.name.lowercased() })
        guard there == here else {
            throw Fault.otherTables(there.symmetricDifference(here).sorted().joined(separator: ", "))
        }
        for shape in shapes {
            if seeded.contains(shape.name) {
                try db.execute(sql: "DELETE FROM \(shape.name)")
            } else if try Int.fetchOne(db, sql: "SELECT count(*) FROM \(shape.name)") != 0 {
                throw Fault.notEmpty(table: shape.name)
            }
        }
        let tables = try shapes.map { try copy($0, db) }
        try finish(db)
        return tables
    }

    private func copy(_ shape: Shape, _ db: SQLConnection) throws -> Table {
        var count = 0
        var behind: [SQLValue] = []
        while true {
            let page = try source.read { [behind] in try shape.page($0, behind: behind) }
            if page.isEmpty { break }
            let marks = "(" + Array(repeating: "?", count: shape.columns.count).joined(separator: ", ") + ")"
            let places = Array(repeating: marks, count: page.count).joined(separator: ", ")
            let list = shape.columns.joined(separator: ", ")
            let given = page.map { Array($0.values.prefix(shape.columns.count)) }
            let written = try SQLRow.fetchAll(
                db, sql: "INSERT INTO \(shape.name) (\(list)) VALUES \(places) RETURNING \(list)",
                arguments: SQLArguments(given.flatMap { $0 }))
            guard written.map(\.values) == given else { throw Fault.differs(table: shape.name) }
            count += page.count
            behind = shape.key(of: page[page.count - 1])
        }
        let rows = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(shape.name)")
        guard rows == count else { throw Fault.differs(table: shape.name) }
        if let number = shape.lastNumber, number > 0 {
            // The next that the database gives is none that was ever given.
            try db.execute(
                sql: "SELECT setval(pg_get_serial_sequence(?, ?), ?)",
                arguments: [shape.name.lowercased(), shape.order[0].lowercased(), number])
        }
        return Table(name: shape.name, rows: count)
    }
}

/// A table of SQLite as far as copying has to know it.
private struct Shape: Sendable {
    var name: String
    var columns: [String]
    /// By which its rows are read: the key, or in the order in which they came.
    var order: [String]
    var references: Set<String>
    /// The last that was given, where the database gives them.
    var lastNumber: Int64?

    /// Those that others refer to first.
    static func all(_ db: SQLConnection) throws -> [Shape] {
        let names = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'grdb_migrations' ORDER BY name
                """)
        var left = try names.map { try Shape($0, db) }
        var sorted: [Shape] = []
        while !left.isEmpty {
            let known = Set(sorted.map { $0.name.lowercased() })
            let next = left.firstIndex { $0.references.subtracting([$0.name.lowercased()]).isSubset(of: known) }
            guard let next else {
                throw SQLCopy.Fault.otherTables("tables refer to each other: \(left.map(\.name))")
            }
            sorted.append(left.remove(at: next))
        }
        return sorted
    }

    private init(_ name: String, _ db: SQLConnection) throws {
        self.name = name
        let table = "\"\(name)\""
        let info = try SQLRow.fetchAll(db, sql: "PRAGMA table_info(\(table))")
        columns = info.map { $0["name"] }
        let key = info.filter { ($0["pk"] as Int) > 0 }.sorted { ($0["pk"] as Int) < ($1["pk"] as Int) }
        let hasIntegerKey = key.count == 1 && (key[0]["type"] as String).uppercased() == "INTEGER"
        let sql = try String.fetchOne(db, sql: "SELECT sql FROM sqlite_master WHERE name = ?", arguments: [name]) ?? ""
        let hasRowID = !sql.uppercased().contains("WITHOUT ROWID")
        order = hasRowID && !hasIntegerKey ? ["rowid"] : key.map { $0["name"] }
        references = Set(
            try SQLRow.fetchAll(db, sql: "PRAGMA foreign_key_list(\(table))").map {
                ($0["table"] as String).lowercased()
            })
        if sql.uppercased().contains("AUTOINCREMENT") {
            lastNumber = try Int64.fetchOne(
                db, sql: "SELECT seq FROM sqlite_sequence WHERE name = ?", arguments: [name])
        }
    }

    /// Some rows behind one, each with what it is ordered by behind its columns.
    func page(_ db: SQLConnection, behind last: [SQLValue]) throws -> [SQLRow] {
        let names = (columns + order).map { "\"\($0)\"" }.joined(separator: ", ")
        let list = order.map { "\"\($0)\"" }.joined(separator: ", ")
        let marks = Array(repeating: "?", count: order.count).joined(separator: ", ")
        let condition = last.isEmpty ? "" : "WHERE (\(list)) > (\(marks))"
        return try SQLRow.fetchAll(
            db, sql: "SELECT \(names) FROM \"\(name)\" \(condition) ORDER BY \(list) LIMIT ?",
            arguments: SQLArguments(last + [.integer(Int64(max(1, min(200, 20_000 / columns.count))))]))
    }

    func key(of row: SQLRow) -> [SQLValue] { Array(row.values.suffix(order.count)) }
}
