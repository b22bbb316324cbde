import Archive
import OfficeStore
import SQLDatabase
import SiteConfiguration

extension OfficePlace {
    /// Of the store in the cluster's database.
    static let schema = "office"

    /// A file beside the catalogue; in a cluster the database that its bridges share, as they share the archive's directory.
    init(_ configuration: Configuration) {
        let directory = configuration.archive.directory
        guard let access = configuration.cluster.databaseAccess else {
            self = .file(directory + "/office.sqlite")
            return
        }
        self = .shared(
            PostgresSettings(conninfo: access.reveal(), schema: Self.schema), papers: directory + "/papers")
    }

    /// What is copied to the second location besides the catalogue: PostgreSQL is for its own tools to copy.
    var copied: [CopiedDatabase] {
        if case .file(let path) = self { [CopiedDatabase(name: "office.sqlite", path: path)] } else { [] }
    }
}
