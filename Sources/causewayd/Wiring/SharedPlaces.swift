import Archive
import OfficeStore
import SQLDatabase
import SiteConfiguration

extension OfficePlace {
    /// A file beside the catalogue; in a cluster the database that its bridges share, as they share the archive's directory.
    init(_ configuration: Configuration) {
        let directory = configuration.archive.directory
        if let settings = PostgresSettings(configuration.cluster, schema: "causeway_office") {
            self = .shared(settings, papers: directory + "/papers")
        } else {
            self = .file(directory + "/office.sqlite")
        }
    }

    /// What is copied to the second location besides the catalogue.
    var copied: CopiedDatabase {
        switch self {
        case .file(let path): CopiedDatabase(name: "office.sqlite", path: path)
        case .shared(let settings, _): CopiedDatabase(name: "office.pgdump", postgres: settings)
        }
    }
}

extension ArchiveCluster {
    /// Nil where the bridge is alone.
    init?(_ configuration: Configuration) {
        guard let name = configuration.cluster.name,
            let settings = PostgresSettings(configuration.cluster, schema: "causeway_catalogue")
        else { return nil }
        self.init(bridge: name, database: settings)
    }
}

extension PostgresSettings {
    fileprivate init?(_ cluster: Configuration.Cluster, schema: String) {
        guard let access = cluster.databaseAccess else { return nil }
        self.init(conninfo: access.reveal(), schema: schema)
    }
}
