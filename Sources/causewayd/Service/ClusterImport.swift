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
    func run() async throws -> [String] {
        let shared = OfficePlace(configuration)
        guard case .shared = shared else { throw Fault.alone }
        let path = configuration.archive.directory + "/office.sqlite"
        guard FileManager.default.fileExists(atPath: path) else { throw Fault.missing(path) }
        let source = try OfficeStore.tables(at: .file(path))
        let target = try OfficeStore.tables(at: shared)
        defer {
            try? source.close()
            try? target.close()
        }
        let copied = try SQLCopy.run(
            [SQLCopy(of: source, into: OfficePlace.schema, seeded: OfficeStore.seededTables)], into: target)
        return copied.sorted { $0.key < $1.key }.flatMap { schema, tables in
            tables.map { "\(schema).\($0.name): \($0.rows) rows" }
        }
    }
}
