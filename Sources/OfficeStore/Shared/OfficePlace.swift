public import SQLDatabase

/// Where the Office's register, accounts and schedule are kept.
public enum OfficePlace: Sendable {
    /// A SQLite file that one bridge has for itself. Papers are in the folder `papers` beside it.
    case file(String)
    /// A PostgreSQL database that several bridges share, as they share the folder of the papers.
    case shared(PostgresSettings, papers: String)

    var location: SQLLocation {
        switch self {
        case .file(let path): .sqlite(path: path, SQLiteSettings(label: "office"))
        case .shared(let settings, _): .postgres(settings)
        }
    }

    /// What faults name.
    var name: String {
        switch self {
        case .file(let path): path
        case .shared(let settings, _): "PostgreSQL, schema \(settings.schema)"
        }
    }
}
