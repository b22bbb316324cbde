import Evidence
import Foundation
import GRDB
import Vietnamese

/// A database that is copied to the second location as the catalogue is.
public struct CopiedDatabase: Sendable, Hashable {
    /// Of the copy: `office.sqlite`.
    public var name: String
    /// Of a SQLite database, which may be open and written meanwhile.
    public var path: String

    public init(name: String, path: String) {
        self.name = name
        self.path = path
    }
}

/// Dated copies of the catalogue, and of databases beside it, in the second location:
///
///     databases/2026-11-27/catalogue.sqlite  office.sqlite  manifest-sha256.txt
///
/// The manifest is put there last: a day without it is half copied.
extension Archive {
    static let databasesFolder = "databases"
    private static let manifestName = "manifest-sha256.txt"
    private static let catalogueName = "catalogue.sqlite"
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
        let snapshots = root + "/work/" + Self.databasesFolder
        // Of a daemon that died.
        try? FileManager.default.removeItem(atPath: snapshots)
        defer { try? FileManager.default.removeItem(atPath: snapshots) }
        try DurableFile.makeDirectory(snapshots)
        var manifest = ""
        for database in [CopiedDatabase(name: Self.catalogueName, path: cataloguePath)] + others {
            let snapshot = snapshots + "/" + database.name
            let digest = try await checking.run { _ throws(ArchiveError) in
                try DatabaseSnapshot.take(of: database.path, at: snapshot)
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

/// A copy of a SQLite database in use, as of one moment.
enum DatabaseSnapshot {
    /// Writes a snapshot at a path at which nothing is, readable by its owner alone, and checks that SQLite finds it whole.
    static func take(of path: String, at target: String) throws(ArchiveError) -> FileDigest {
        // It may hold what passwords can be guessed from, from its first octet on; SQLite takes an empty file for none.
        let file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw ArchiveError(errno: errno, path: target) }
        close(file)
        do {
            // A connection of its own: writers go on, and what was deleted does not come along.
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let source = try DatabaseQueue(path: path, configuration: configuration)
            try source.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [target])
            }
            try source.close()
            let copy = try DatabaseQueue(path: target, configuration: configuration)
            let verdict = try copy.read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(1)") }
            try copy.close()
            guard verdict == ["ok"] else {
                throw ArchiveError.corruptCatalogue(path: path, reason: verdict.joined(separator: "; "))
            }
            return try FileDigest.of(target, syncing: true)
        } catch let error as EvidenceError {
            throw ArchiveError(error)
        } catch {
            throw ArchiveError(error, path: path)
        }
    }
}
