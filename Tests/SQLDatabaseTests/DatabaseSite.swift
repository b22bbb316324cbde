import Foundation
import PostgresServer
import SQLDatabase
import Testing

/// A database of a test's own, in either of the two.
struct DatabaseSite: Sendable {
    enum Kind: CaseIterable, Sendable { case sqlite, postgres }

    /// Both, where PostgreSQL is installed.
    static var kinds: [Kind] { PostgresServer.isInstalled ? Kind.allCases : [.sqlite] }

    let location: SQLLocation

    init(_ kind: Kind) throws {
        switch kind {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.path + "/sql-tests-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            location = .sqlite(path: folder + "/a.sqlite", SQLiteSettings(readers: 3))
        case .postgres:
            location = .postgres(
                PostgresSettings(conninfo: try #require(PostgresServer.shared).conninfo(), schema: Self.schema()))
        }
    }

    static func schema() -> String { "s" + UUID().uuidString.lowercased().replacing("-", with: "").prefix(16) }

    func open() throws -> SQLDatabase { try SQLDatabase(location) }
}

extension SQLDatabase {
    /// With a table `things`: a key, and a text and a number that may be NULL.
    func withThings() throws -> SQLDatabase {
        var migrator = SQLMigrator()
        migrator.registerMigration("1-things") { db in
            try db.create(table: "things", options: [.strict]) { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("someName", .text).indexed()
                table.column("amount", .integer)
                table.column("share", .real)
                table.column("octets", .blob)
            }
        }
        try migrator.migrate(self)
        return self
    }

    func count() async throws -> Int {
        try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM things") ?? -1 }
    }

    func add(_ name: String) async throws {
        try await write { db in try db.execute(sql: "INSERT INTO things (someName) VALUES (?)", arguments: [name]) }
    }
}

/// What a test's closures, run elsewhere, have to tell.
final class Told<Value: Sendable>: @unchecked Sendable {
    // The lock guards the only stored state.
    private let lock = NSLock()
    private var stored: [Value] = []
    func tell(_ value: Value) { lock.withLock { stored.append(value) } }
    var all: [Value] { lock.withLock { stored } }
}
