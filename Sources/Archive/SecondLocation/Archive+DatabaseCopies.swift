import Evidence
import Foundation
public import SQLDatabase
import Vietnamese

/// A database that is copied to the second location as the catalogue is.
public struct CopiedDatabase: Sendable, Hashable {
    /// Of the copy: `office.sqlite`.
    public var name: String
    /// Of a SQLite database, which may be open and written meanwhile.
    public var path: String
    /// Instead of that, a schema of PostgreSQL; its copy is a file of `pg_dump`.
    let postgres: PostgresSettings?

    public init(name: String, path: String) {
        self.name = name
        self.path = path
        postgres = nil
    }

    public init(name: String, postgres: PostgresSettings) {
        self.name = name
        path = ""
        self.postgres = postgres
    }
}

/// Dated copies of the catalogue, and of databases beside it, in the second location:
///
///     databases/2026-11-27/catalogue.sqlite  office.sqlite  manifest-sha256.txt
///
/// Of bridges that share the archive one does it, and the catalogue's copy is `catalogue.pgdump`.
///
/// The manifest is put there last: a day without it is half copied.
extension Archive {
    static let databasesFolder = "databases"
    private static let manifestName = "manifest-sha256.txt"
    /// Of days with a copy, the newest that stay.
    static let databaseCopiesKept = 14

    /// Whether copies have the key of a meeting that is destroyed.
    public func databaseCopiesHaveRemovedKeys() async throws(ArchiveError) -> Bool {
        guard let second, second.hasDatabases else { return false }
        return try await read { db in try MeetingKeys.lastRemoval(db) } != nil
    }

    /// Copies the catalogue and `others` as they are now, each read again there, unless today's copies are there; and removes those
    /// of days long past. Where copies have the key of a meeting that is destroyed, today's are made anew and all others go.
    /// - Returns: the day, `2026-11-27`; nil where there was nothing to do.
    public func copyDatabases(_ others: [CopiedDatabase]) async throws(ArchiveError) -> String? {
        try await alone("copies", idle: nil) { () async throws(ArchiveError) in try await copyAlone(others) }
    }

    private func copyAlone(_ others: [CopiedDatabase]) async throws(ArchiveError) -> String? {
        guard let second, second.hasDatabases else { return nil }
        let store = second.store
        let day = String(IndochinaTime.text(now()).prefix(10))
        let there = try await store.names(in: Self.databasesFolder)
        let removal = try await read { db in try MeetingKeys.lastRemoval(db) }
        if there.contains("\(day)/\(Self.manifestName)") {
            guard removal != nil else { return nil }
            // It is of other files from here on.
            try await store.remove("\(Self.databasesFolder)/\(day)/\(Self.manifestName)")
        }
        let snapshots = temporary + "/" + Self.databasesFolder
        // Of a daemon that died.
        try? FileManager.default.removeItem(atPath: snapshots)
        defer { try? FileManager.default.removeItem(atPath: snapshots) }
        try DurableFile.makeDirectory(snapshots)
        var manifest = ""
        for database in [catalogueCopy] + others {
            let snapshot = snapshots + "/" + database.name
            let digest: FileDigest
            if let postgres = database.postgres {
                digest = try await DatabaseSnapshot.take(of: postgres, at: snapshot, checking)
            } else {
                digest = try await checking.run { _ throws(ArchiveError) in
                    try DatabaseSnapshot.take(of: database.path, at: snapshot)
                }
            }
            try await put(snapshot, in: day, digest, to: store)
            manifest += "\(digest.sha256)  \(database.name)\n"
        }
        let list = snapshots + "/" + Self.manifestName
        try DurableFile.replace(list, with: Data(manifest.utf8))
        let digest: FileDigest
        do throws(EvidenceError) { digest = try FileDigest.of(list) } catch { throw ArchiveError(error) }
        try await put(list, in: day, digest, to: store)
        try await removeOldDatabases(there, day, isAll: removal != nil, from: store)
        if let removal { try await write { db in try MeetingKeys.forgetRemovals(upTo: removal, db) } }
        return day
    }

    private var catalogueCopy: CopiedDatabase {
        cluster.map { CopiedDatabase(name: "catalogue.pgdump", postgres: $0.database) }
            ?? CopiedDatabase(name: "catalogue.sqlite", path: cataloguePath)
    }

    private func put(
        _ path: String, in day: String, _ digest: FileDigest, to store: any SecondStore
    ) async throws(ArchiveError) {
        let name = "\(Self.databasesFolder)/\(day)/\((path as NSString).lastPathComponent)"
        try await store.put(path, as: name, octets: digest.size)
        guard try await store.sha256(of: name, octets: digest.size) == digest.sha256 else {
            throw .secondLocation(reason: "\(name) is not there what it is here after it was copied")
        }
    }

    /// - Parameters:
    ///   - there: what was there before `day`'s.
    ///   - isAll: whether none of another day stays.
    private func removeOldDatabases(
        _ there: Set<String>, _ day: String, isAll: Bool, from store: any SecondStore
    ) async throws(ArchiveError) {
        // Nothing but what this puts there is touched.
        let dated = Dictionary(grouping: there.filter { $0.wholeMatch(of: #/\d{4}-\d\d-\d\d/[^/]+/#) != nil }) {
            String($0.prefix(10))
        }
        let whole = dated.filter { $0.value.contains("\($0.key)/\(Self.manifestName)") }.keys.sorted()
        guard let oldest = (whole + [day]).suffix(Self.databaseCopiesKept).first else { return }
        for (past, names) in dated where isAll ? past != day : past < oldest {
            // What says that the day is whole goes first.
            let manifest = "\(past)/\(Self.manifestName)"
            for name in names.sorted(by: { ($0 != manifest ? 1 : 0, $0) < ($1 != manifest ? 1 : 0, $1) }) {
                try await store.remove("\(Self.databasesFolder)/\(name)")
            }
        }
    }
}

/// A copy of a database in use, as of one moment.
enum DatabaseSnapshot {
    static func take(
        of postgres: PostgresSettings, at target: String, _ queue: BackgroundQueue
    ) async throws(ArchiveError) -> FileDigest {
        try make(target)
        do { try await postgres.dump(to: target) } catch { throw ArchiveError(error, path: "PostgreSQL") }
        return try await queue.run { _ throws(ArchiveError) in
            do throws(EvidenceError) { return try FileDigest.of(target, syncing: true) } catch {
                throw ArchiveError(error)
            }
        }
    }

    /// It may hold what passwords can be guessed from, from its first octet on; SQLite takes an empty file for none.
    private static func make(_ target: String) throws(ArchiveError) {
        let file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw ArchiveError(errno: errno, path: target) }
        close(file)
    }

    /// Writes a snapshot at a path at which nothing is, readable by its owner alone, and checks that SQLite finds it whole.
    static func take(of path: String, at target: String) throws(ArchiveError) -> FileDigest {
        try make(target)
        do {
            try SQLiteSnapshot.take(of: path, into: target)
            return try FileDigest.of(target, syncing: true)
        } catch let error as EvidenceError {
            throw ArchiveError(error)
        } catch {
            throw ArchiveError(error, path: path)
        }
    }
}
