/// Where a database is.
public enum SQLLocation: Sendable {
    /// A file of SQLite, made where there is none.
    case sqlite(path: String, SQLiteSettings = SQLiteSettings())
    /// A schema of a database of PostgreSQL, made where there is none.
    case postgres(PostgresSettings)
}

/// A database that one store of this program has for itself: a file of SQLite, or, where several bridges share it, a schema of PostgreSQL.
/// The same statements go to either.
///
/// **Transactions.** What writes goes one after the other, in SQLite as in PostgreSQL, where each takes the schema's lock first: the rules of the
/// stores are judged by what they read in the transaction that writes, and so need no others to hold. What reads sees one state of the
/// database, and waits for nobody. In PostgreSQL a closure may be run again where the database gave its transaction up for another's sake: it
/// has no effects but on the database, and what it registers by ``SQLConnection/afterCommit(_:)``.
///
/// **A database that is gone** costs nobody anything but the answer: PostgreSQL is asked on threads of its own, everything there has a time limit,
/// and whoever asks gets ``SQLDatabaseError/unreachable(reason:)``. Was the answer to a commit lost, the database is asked what became of it
/// when it is back, so that what was written is not written twice.
public final class SQLDatabase: Sendable {
    public let dialect: SQLDialect
    /// For messages: the file's path, or host, database and schema, without secrets.
    public let name: String
    /// Of SQLite's file; nil in PostgreSQL.
    public let path: String?
    let driver: any SQLDriver

    /// Opens a database.
    /// - Parameter prepare: run on each of its connections before it is used, outside of transactions.
    /// - Throws: `SQLDatabaseError`.
    public init(
        _ location: SQLLocation, prepare: @escaping @Sendable (SQLConnection) throws -> Void = { _ in }
    ) throws {
        switch location {
        case .sqlite(let path, let settings):
            dialect = .sqlite
            name = path
            self.path = path
            driver = try SQLiteDriver(path: path, settings, prepare: prepare)
        case .postgres(let settings):
            dialect = .postgres
            path = nil
            let driver = try PostgresDriver(settings, prepare: prepare)
            self.driver = driver
            name = driver.name
        }
    }

    /// Reads, in one state of the database.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await driver.access(.reading, body)
    }

    /// Writes, all or nothing, and after all that wrote before.
    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await driver.access(.writing, body)
    }

    /// Writes, all or nothing, beside others that write: in PostgreSQL without the schema's lock (READ COMMITTED), for statements that are right by
    /// themselves, or lock their rows (`FOR UPDATE SKIP LOCKED`).
    @discardableResult
    public func writeBeside<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await driver.access(.writingBeside, body)
    }

    /// As the asynchronous one; blocks the thread, in PostgreSQL for as long as its time limits say.
    @_disfavoredOverload
    public func read<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value) throws -> Value {
        try driver.accessNow(.reading, body)
    }

    @discardableResult
    @_disfavoredOverload
    public func write<Value: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Value) throws -> Value {
        try driver.accessNow(.writing, body)
    }

    /// Brings what is in SQLite's log into its file.
    /// - Parameter isTruncating: whether nothing is to be left in the log; where somebody reads meanwhile, the next one does it.
    public func checkpoint(isTruncating: Bool = false) throws { try driver.checkpoint(isTruncating: isTruncating) }

    /// What is told by ``SQLConnection/notify(_:_:)`` from now on, by any process; of SQLite nothing ever. An empty text comes first, and whenever
    /// the line to the database was new: something may have been missed, and is to be looked for.
    /// - Parameter channel: ASCII letters, digits and `_`.
    public func notifications(on channel: String) -> AsyncStream<String> { driver.notifications(on: channel) }

    /// Nothing may be asked of it after this. What was asked before is done.
    public func close() throws { try driver.close() }
}

/// What a transaction is for.
enum SQLAccess: Sendable {
    case reading, writing, writingBeside
    var isWriting: Bool { self != .reading }
}

protocol SQLDriver: Sendable {
    func access<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value
    func accessNow<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) throws -> Value
    func migrate(_ migrations: [SQLMigrator.Migration]) throws
    /// Those that were carried out.
    func migrations() throws -> Set<String>
    func checkpoint(isTruncating: Bool) throws
    func notifications(on channel: String) -> AsyncStream<String>
    func close() throws
}
