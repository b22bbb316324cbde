public import SQLDatabase

/// The catalogue of an archive that no daemon has open, for who copies it into a PostgreSQL that bridges are to share. While it is there, no
/// daemon opens the archive.
public final class DormantCatalogue: Sendable {
    /// Brought to the present version.
    public let database: SQLDatabase
    private let lock: RootLock

    public init(root: String) throws(ArchiveError) {
        lock = try RootLock(root: root, bridge: nil)
        database = try Self.tables(
            at: .sqlite(path: root + "/catalogue.sqlite", SQLiteSettings(label: "archive", deletesSecurely: true)))
    }

    /// A catalogue's tables, made or brought to the present version.
    public static func tables(at location: SQLLocation) throws(ArchiveError) -> SQLDatabase {
        do {
            let database = try SQLDatabase(location)
            if try CatalogueSchema.migrator.hasBeenSuperseded(database) {
                throw ArchiveError.newerCatalogue(path: database.name)
            }
            try CatalogueSchema.migrator.migrate(database)
            return database
        } catch {
            throw ArchiveError(error, path: "catalogue")
        }
    }

    /// Gives a bridge the meetings that a single machine had, and what it was at.
    public static func give(to bridge: String, _ db: SQLConnection) throws {
        try db.execute(sql: "UPDATE meetings SET bridge = ? WHERE bridge IS NULL", arguments: [bridge])
        try db.execute(
            sql: "UPDATE jobs SET bridge = ? WHERE state = 'running' AND bridge IS NULL", arguments: [bridge])
    }
}
