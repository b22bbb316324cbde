import GRDB

/// How a file of SQLite is opened. It is written ahead (WAL), and synced at each commit: what was answered survives a power cut.
public struct SQLiteSettings: Sendable {
    /// Names the threads.
    public var label: String
    /// How many may read at once, beside the one who writes; 0 where one connection does both.
    public var readers: Int
    /// Whether what is deleted is overwritten in the file.
    public var deletesSecurely: Bool

    public init(label: String = "sql", readers: Int = 0, deletesSecurely: Bool = false) {
        self.label = label
        self.readers = readers
        self.deletesSecurely = deletesSecurely
    }
}

/// SQLite, by GRDB.
struct SQLiteDriver: SQLDriver {
    private let writer: any DatabaseWriter

    init(
        path: String, _ settings: SQLiteSettings, prepare: @escaping @Sendable (SQLConnection) throws -> Void
    ) throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        if settings.readers > 0 { configuration.maximumReaderCount = settings.readers }
        configuration.label = settings.label
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            if settings.deletesSecurely { try db.execute(sql: "PRAGMA secure_delete = ON") }
            try prepare(SQLConnection(SQLiteSession(db), isWriting: true))
        }
        writer = try Self.told { () throws -> any DatabaseWriter in
            settings.readers > 0
                ? try DatabasePool(path: path, configuration: configuration) as any DatabaseWriter
                : try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    func access<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        do {
            if access == .reading {
                return try await writer.read { db in try body(SQLConnection(SQLiteSession(db), isWriting: false)) }
            }
            return try await writer.write { db in try body(SQLConnection(SQLiteSession(db), isWriting: true)) }
        } catch let error as DatabaseError {
            throw SQLDatabaseError(error)
        }
    }

    func accessNow<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) throws -> Value {
        try Self.told {
            if access == .reading {
                return try writer.read { db in try body(SQLConnection(SQLiteSession(db), isWriting: false)) }
            }
            return try writer.write { db in try body(SQLConnection(SQLiteSession(db), isWriting: true)) }
        }
    }

    func migrate(_ migrations: [SQLMigrator.Migration]) throws {
        try Self.told { try Self.migrator(migrations).migrate(writer) }
    }

    func migrations() throws -> Set<String> {
        try Self.told { try writer.read(DatabaseMigrator().appliedIdentifiers) }
    }

    private static func migrator(_ migrations: [SQLMigrator.Migration]) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.identifier) { db in
                try migration.migrate(SQLConnection(SQLiteSession(db), isWriting: true))
            }
        }
        return migrator
    }

    func checkpoint(isTruncating: Bool) throws {
        try Self.told {
            try writer.writeWithoutTransaction { db in _ = try db.checkpoint(isTruncating ? .truncate : .passive) }
        }
    }

    func notifications(on channel: String) -> AsyncStream<String> { AsyncStream { $0.yield("") } }

    func close() throws { try Self.told { try writer.close() } }

    private static func told<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as DatabaseError { throw SQLDatabaseError(error) }
    }
}

/// A transaction of GRDB's.
private final class SQLiteSession: SQLSession {
    private let db: Database
    init(_ db: Database) { self.db = db }

    var dialect: SQLDialect { .sqlite }

    @discardableResult
    func run(
        _ sql: String, _ arguments: [SQLValue], isKept: Bool, each: (SQLColumns, [SQLValue]) throws -> Bool
    ) throws -> Int {
        do {
            if arguments.isEmpty, !isKept {
                // There may be several; each but the last has no rows that anybody wants.
                let statements = try db.allStatements(sql: sql)
                while let statement = try statements.next() { try run(statement, each) }
            } else {
                let statement = isKept ? try db.cachedStatement(sql: sql) : try db.makeStatement(sql: sql)
                try statement.setArguments(StatementArguments(arguments.map(DatabaseValue.init)))
                try run(statement, each)
            }
            return db.changesCount
        } catch let error as DatabaseError {
            throw SQLDatabaseError(error)
        }
    }

    func scan(_ sql: String, _ arguments: [SQLValue], each: (SQLColumns, [SQLValue]) throws -> Bool) throws {
        try run(sql, arguments, isKept: false, each: each)
    }

    private func run(_ statement: Statement, _ each: (SQLColumns, [SQLValue]) throws -> Bool) throws {
        guard statement.columnCount > 0 else { return try statement.execute() }
        let columns = SQLColumns(statement.columnNames)
        let isReadonly = statement.isReadonly
        let rows = try Row.fetchCursor(statement)
        while let row = try rows.next() {
            var values: [SQLValue] = []
            values.reserveCapacity(columns.names.count)
            for index in 0..<columns.names.count { values.append(SQLValue(row[index] as DatabaseValue)) }
            // What writes is run to its end.
            if try !each(columns, values), isReadonly { return }
        }
    }

    func notify(_ channel: String, _ payload: String) {}

    func afterCommit(_ act: @escaping @Sendable () -> Void) { db.afterNextTransaction { _ in act() } }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .blob(data)
            }
    }
}

extension DatabaseValue {
    fileprivate init(_ value: SQLValue) {
        self =
            switch value {
            case .null: .null
            case .integer(let number): number.databaseValue
            case .real(let number): number.databaseValue
            case .text(let text): text.databaseValue
            case .blob(let data): data.databaseValue
            }
    }
}

extension SQLDatabaseError {
    fileprivate init(_ error: DatabaseError) {
        let reason = error.message ?? error.resultCode.description
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .diskFull(reason: reason)
            case .SQLITE_READONLY: .readOnly(reason: reason)
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: .permissionDenied(reason: reason)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt(reason: reason)
            case .SQLITE_CONSTRAINT: .constraint(reason: reason)
            case .SQLITE_BUSY, .SQLITE_LOCKED: .unreachable(reason: reason)
            default: .refused(code: "SQLite \(error.resultCode.rawValue)", reason: reason)
            }
    }
}
