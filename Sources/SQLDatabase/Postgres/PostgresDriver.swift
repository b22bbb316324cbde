import Foundation
import Synchronization

/// PostgreSQL, by libpq, on threads of its own: one that writes under the schema's lock, some that read or write beside it.
struct PostgresDriver: SQLDriver {
    let name: String
    private let settings: PostgresSettings
    private let gate: PostgresGate
    private let writer: PostgresThreads
    private let readers: PostgresThreads
    private let listeners: PostgresListeners

    init(_ settings: PostgresSettings, prepare: @escaping @Sendable (SQLConnection) throws -> Void) throws {
        guard settings.schema.wholeMatch(of: #/[a-z][a-z0-9_]{0,39}/#) != nil else {
            throw SQLDatabaseError.refused(
                code: "schema", reason: "a schema has a name of lower-case letters, digits and '_'")
        }
        // libpq's own complaint has a piece of what it cannot read, which may be a password's.
        _ = try PostgresSettings.words(of: settings.conninfo)
        let gate = PostgresGate()
        name = try Self.makeSchema(settings, gate)
        self.settings = settings
        self.gate = gate
        writer = PostgresThreads("\(settings.schema) writer", count: 1) {
            PostgresLink(settings, gate, prepare: prepare)
        }
        readers = PostgresThreads("\(settings.schema) reader", count: max(1, settings.readers)) {
            PostgresLink(settings, gate, prepare: prepare)
        }
        listeners = PostgresListeners(settings)
    }

    /// Makes the schema unless it is there: then the account needs no right to make any.
    private static func makeSchema(_ settings: PostgresSettings, _ gate: PostgresGate) throws -> String {
        let link = PostgresLink(settings, gate) { _ in }
        try link.transaction(.writing) { db in
            let isThere = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ?)", arguments: [settings.schema])
            if isThere != true { try db.execute(sql: "CREATE SCHEMA \(settings.schema)") }
        }
        return try link.connected().name
    }

    private func threads(_ access: SQLAccess) -> PostgresThreads { access == .writing ? writer : readers }

    func access<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        return try await threads(access).ask { link in try link.transaction(access, body) }
    }

    /// By a lock of a session of its own, which the server ends with it.
    func claim(_ task: String) async throws -> SQLClaim? {
        let (settings, gate) = (settings, gate)
        let number = PostgresLink.lock(of: "\(settings.schema) \(task)")
        let threads = PostgresThreads("\(settings.schema) claim", count: 1) { PostgresLink(settings, gate) { _ in } }
        let end: @Sendable () async -> Void = {
            // A server takes a moment to notice that a session is over: the lock goes first.
            try? await threads.ask { link in
                defer { link.disconnect() }
                try link.session?.run("SELECT pg_advisory_unlock_all()", [], isKept: false) { _, _ in true }
            }
            DispatchQueue.global(qos: .utility).async { threads.close() }
        }
        do {
            let isMine = try await threads.ask { link in
                let db = SQLConnection(try link.connected(), isWriting: true)
                return try Bool.fetchOne(db, sql: "SELECT pg_try_advisory_lock(?)", arguments: [number]) ?? false
            }
            if isMine { return SQLClaim(end: end) }
        } catch {
            await end()
            throw error
        }
        await end()
        return nil
    }

    func accessNow<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) throws -> Value {
        let answer = Answer<Value>()
        try threads(access).submit { link in answer.give(Result { try link.transaction(access, body) }) }
        return try answer.take()
    }

    private final class Answer<Value: Sendable>: Sendable {
        private let result = Mutex<Result<Value, any Error>?>(nil)
        private let isThere = DispatchSemaphore(value: 0)
        func give(_ new: Result<Value, any Error>) {
            result.withLock { $0 = new }
            isThere.signal()
        }
        func take() throws -> Value {
            isThere.wait()
            guard let result = result.withLock({ $0 }) else { throw CancellationError() }
            return try result.get()
        }
    }

    func migrate(_ migrations: [SQLMigrator.Migration]) throws {
        let known = Set(migrations.map(\.identifier))
        try accessNow(.writing) { db in
            try db.execute(sql: "SET LOCAL statement_timeout = 0")
            if try !Self.hasMigrations(db) {
                try db.create(table: "migrations") { table in table.primaryKey("identifier", .text) }
            }
            let done = try String.fetchSet(db, sql: "SELECT identifier FROM migrations")
            // Of a newer version: whoever asked first was told so.
            guard done.isSubset(of: known) else { return }
            for migration in migrations where !done.contains(migration.identifier) {
                try migration.migrate(db)
                try db.execute(
                    sql: "INSERT INTO migrations (identifier) VALUES (?)", arguments: [migration.identifier])
            }
        }
    }

    func migrations() throws -> Set<String> {
        try accessNow(.reading) { db in
            try Self.hasMigrations(db) ? try String.fetchSet(db, sql: "SELECT identifier FROM migrations") : []
        }
    }

    private static func hasMigrations(_ db: SQLConnection) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations')
                """) ?? false
    }

    func checkpoint(isTruncating: Bool) throws {}

    func notifications(on channel: String) -> AsyncStream<String> { listeners.listen(channel) }

    func close() throws {
        gate.close()
        listeners.close()
        writer.close()
        readers.close()
    }
}
