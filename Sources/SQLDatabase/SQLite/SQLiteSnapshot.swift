import GRDB

/// A copy of a file of SQLite's that is in use, as of one moment.
public enum SQLiteSnapshot {
    /// Writes it to an empty file, or where none is, and checks that SQLite finds it whole.
    /// - Throws: `SQLDatabaseError.corrupt` where it does not.
    public static func take(of path: String, into target: String) throws {
        do {
            // A connection of its own: writers go on, and what was deleted does not come along.
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let source = try DatabaseQueue(path: path, configuration: configuration)
            try source.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [target])
            }
            try source.close()
            let copy = try DatabaseQueue(path: target, configuration: configuration)
            let verdict = try copy.read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(1)") }
            try copy.close()
            guard verdict == ["ok"] else { throw SQLDatabaseError.corrupt(reason: verdict.joined(separator: "; ")) }
        } catch let error as DatabaseError {
            throw SQLDatabaseError(error)
        }
    }
}
