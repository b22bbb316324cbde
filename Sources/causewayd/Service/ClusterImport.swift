import Archive
import Foundation
import OfficeStore
import SQLDatabase
import SiteConfiguration

/// Brings what a single machine kept in its files of SQLite into the PostgreSQL of a cluster, all in one transaction. The files stay.
struct ClusterImport {
    let configuration: Configuration

    enum Fault: Error, CustomStringConvertible {
        case alone
        case missing(String)

        var description: String {
            switch self {
            case .alone: "the configuration has no cluster: cluster.name and cluster.database say where to import to"
            case .missing(let path): "\(path) is not there: archive.directory has the files of the single machine"
            }
        }
    }

    /// - Returns: lines that say what was copied.
    func run() throws -> [String] {
        let place = OfficePlace(configuration)
        guard case .shared(let settings, _) = place, let cluster = ArchiveCluster(configuration) else {
            throw Fault.alone
        }
        let root = configuration.archive.directory
        for path in [root + "/catalogue.sqlite", root + "/office.sqlite"]
        where !FileManager.default.fileExists(atPath: path) { throw Fault.missing(path) }
        let catalogue = try DormantCatalogue(root: root)
        let office = try OfficeStore.tables(at: .file(root + "/office.sqlite"))
        _ = try DormantCatalogue.tables(at: .postgres(cluster.database))
        let target = try OfficeStore.tables(at: place)
        let copied = try SQLCopy.run(
            [
                SQLCopy(of: catalogue.database, into: cluster.database.schema) { db in
                    try DormantCatalogue.give(to: cluster.bridge, db)
                }, SQLCopy(of: office, into: settings.schema, seeded: OfficeStore.seededTables),
            ], into: target)
        try office.close()
        try catalogue.database.close()
        return copied.sorted { $0.key < $1.key }.flatMap { schema, tables in
            tables.map { "\(schema).\($0.name): \($0.rows) rows" }
        }
    }
}
