import GRDB
import GRDBSQLite

/// Reads rows of an FTS5 table newest first, each with the places of the query's terms, until enough were admitted.
struct Candidates {
    enum Table: String { case heads, words }

    let db: Database
    let filter: RowFilter
    /// Rows that are looked at.
    let rows: ClosedRange<Int64>

    enum Ending { case all, limit }

    /// - Parameter take: whether to go on.
    func read(
        _ table: Table, _ expression: String, mostRows: Int, _ take: (Int64, [Hit]) -> Bool
    ) throws -> Ending {
        let statement = try statement(table, "BETWEEN ?3 AND ?4 ORDER BY rowid DESC")
        defer { reset(statement) }
        try bind(statement, expression)
        sqlite3_bind_int64(statement.sqliteStatement, 3, rows.lowerBound)
        sqlite3_bind_int64(statement.sqliteStatement, 4, rows.upperBound)
        var read = 0
        while try step(statement) {
            read += 1
            if let hits = hits(statement), !take(sqlite3_column_int64(statement.sqliteStatement, 0), hits) {
                return .limit
            }
            if read >= mostRows { return .limit }
        }
        return .all
    }

    /// Looks only at the rows with these keys.
    func probe(
        _ table: Table, _ expression: String, keys: [Int64], _ take: (Int64, [Hit]) -> Void
    ) throws {
        let statement = try statement(table, "= ?3")
        defer { reset(statement) }
        for key in keys where rows.contains(key) {
            sqlite3_reset(statement.sqliteStatement)
            try bind(statement, expression)
            sqlite3_bind_int64(statement.sqliteStatement, 3, key)
            if try step(statement), let hits = hits(statement) { take(key, hits) }
        }
    }

    private func statement(_ table: Table, _ rows: String) throws -> Statement {
        let name = table.rawValue
        return try db.makeStatement(
            sql: "SELECT rowid, hits(\(name), ?1) FROM \(name) WHERE \(name) MATCH ?2 AND rowid \(rows)")
    }

    private func bind(_ statement: Statement, _ expression: String) throws {
        let pointer = Unmanaged.passUnretained(filter).toOpaque()
        HitsFunction.pointerType.withUTF8Buffer { type in
            type.withMemoryRebound(to: CChar.self) { type in
                _ = sqlite3_bind_pointer(statement.sqliteStatement, 1, pointer, type.baseAddress, nil)
            }
        }
        let transient = unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
        let code = sqlite3_bind_text(statement.sqliteStatement, 2, expression, -1, transient)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    private func step(_ statement: Statement) throws -> Bool {
        switch sqlite3_step(statement.sqliteStatement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)))
        }
    }

    private func reset(_ statement: Statement) {
        sqlite3_reset(statement.sqliteStatement)
        sqlite3_clear_bindings(statement.sqliteStatement)
    }

    private func hits(_ statement: Statement) -> [Hit]? {
        guard sqlite3_column_type(statement.sqliteStatement, 1) == SQLITE_BLOB else { return nil }
        let count = Int(sqlite3_column_bytes(statement.sqliteStatement, 1)) / 8
        guard count > 0, let blob = sqlite3_column_blob(statement.sqliteStatement, 1) else { return [] }
        let raw = UnsafeRawBufferPointer(start: blob, count: count * 8)
        return (0..<count).map { Hit(packed: raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
    }
}
