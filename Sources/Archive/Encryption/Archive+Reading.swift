import CipherFiles
import Evidence
public import Foundation
import SQLDatabase

/// How files of packages are read: by these, which give them in clear.
extension Archive {
    /// A file of a package, by its path as ``paths(of:)`` gives it or as ``files(of:)`` lists it.
    ///
    /// Blocks for the catalogue and the disk, for less than a millisecond where they are quick.
    /// - Throws: `inputOutput` where there is no such file; `encrypted` where the key for it is not here.
    public func open(_ path: String, of meeting: MeetingRecord) throws(ArchiveError) -> StoredFile {
        let directory = paths(of: meeting).directory
        let name = path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
        guard PackagePaths.isUsable(name: name) else { throw ArchiveError(errno: ENOENT, path: path) }
        guard meeting.layout == .encrypted, PackageIndex.encrypts(name) else {
            guard !PackageIndex.isStored(name) else { throw ArchiveError(errno: ENOENT, path: path) }
            return try StoredFile(directory + "/" + name)
        }
        try meeting.refuseDestroyed()
        let key = try key(of: meeting)
        guard let entry = try index(of: meeting, key).files.first(where: { $0.file.path == name }) else {
            throw ArchiveError(errno: ENOENT, path: path)
        }
        return try StoredFile(directory + "/" + entry.stored, key: key, name: entry.stored)
    }

    /// The beginning of a file, at most `limit` octets of it; nil where the package has no such file.
    public func contents(of path: String, in meeting: MeetingRecord, limit: Int) throws(ArchiveError) -> Data? {
        let file: StoredFile
        do throws(ArchiveError) { file = try open(path, of: meeting) } catch .inputOutput { return nil }
        return try file.beginning(limit)
    }

    /// The files of a package as people know them, in clear: as sealed, or, before that, as they lie there now, without hashes.
    /// - Throws: `encrypted` where the key for them is not here.
    public func files(of meeting: MeetingRecord) async throws(ArchiveError) -> [PackageFile] {
        let stored = try await storedFiles(of: meeting)
        guard meeting.layout == .encrypted, meeting.state != .destroyed else { return stored }
        let index = try index(of: meeting, try key(of: meeting))
        let clear = stored.filter { !PackageIndex.isStored($0.path) }
        return (clear + index.files.map { PackageFile($0.file, of: meeting.id) })
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Of a sealed package, what can be known of its files without a key.
    public func openFiles(of meeting: MeetingRecord) async throws(ArchiveError) -> [PackageFile] {
        try await storedFiles(of: meeting).filter { !PackageIndex.isStored($0.path) }
    }

    private func key(of meeting: MeetingRecord) throws(ArchiveError) -> ContentKey {
        do { return try catalogue.read { [encryption] db in try MeetingKeys.take(meeting.id, encryption, db) } } catch {
            throw ArchiveError(error, path: cataloguePath)
        }
    }

    private func index(of meeting: MeetingRecord, _ key: ContentKey) throws(ArchiveError) -> PackageIndex {
        let name = PackageIndex.path
        let file = try StoredFile(paths(of: meeting).directory + "/" + name, key: key, name: name)
        guard file.octets <= Int64(PackageIndex.mostOctets) else {
            throw .inputOutput(path: file.path, reason: "too long to be an index")
        }
        let index: PackageIndex
        do throws(EvidenceError) { index = try PackageIndex(parsing: try data(of: file)) } catch {
            throw ArchiveError(error)
        }
        guard index.meeting == meeting.id else {
            throw .inputOutput(path: file.path, reason: "it is of another meeting")
        }
        return index
    }

    private func data(of file: StoredFile) throws(EvidenceError) -> Data {
        do throws(ArchiveError) { return try file.beginning(PackageIndex.mostOctets) } catch {
            throw .malformed(path: file.path, reason: error.description)
        }
    }
}
