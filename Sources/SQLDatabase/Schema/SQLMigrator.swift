/// The steps by which an older database becomes the present one, each carried out once, in their order. In SQLite they are noted in GRDB's own
/// table, so that what GRDB migrated goes on.
public struct SQLMigrator: Sendable {
    struct Migration: Sendable {
        let identifier: String
        let migrate: @Sendable (SQLConnection) throws -> Void
    }

    private(set) var migrations: [Migration] = []

    public init() {}

    public mutating func registerMigration(
        _ identifier: String, migrate: @escaping @Sendable (SQLConnection) throws -> Void
    ) {
        precondition(!migrations.contains { $0.identifier == identifier }, "migration \(identifier) is there twice")
        migrations.append(Migration(identifier: identifier, migrate: migrate))
    }

    /// Whether a newer version made this database, which this one does not know how to read.
    public func hasBeenSuperseded(_ database: SQLDatabase) throws -> Bool {
        !(try database.driver.migrations().subtracting(migrations.map(\.identifier))).isEmpty
    }

    /// Carries out what was not yet. Of several processes that begin at the same time one does, and the others wait for it.
    public func migrate(_ database: SQLDatabase) throws { try database.driver.migrate(migrations) }
}
