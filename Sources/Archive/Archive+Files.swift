import Evidence
import Foundation

extension Archive {
    /// Copies a file of somebody else's into a package that is not sealed yet, by way of the work directory: it is there whole
    /// or not at all. What was there under that name is replaced.
    ///
    /// - Parameters:
    ///   - name: as in `add(_:as:to:)`.
    ///   - sha256: what the file has to be, in hexadecimal digits.
    public func addCopy(
        of source: String, as name: String, sha256: String, to meeting: MeetingRecord
    ) async throws(ArchiveError) {
        guard meeting.state != .sealed else {
            throw .wrongState(meeting: meeting.id, state: .sealed, asked: "given another file")
        }
        guard PackagePaths.isUsable(name: name) else { throw .unusableName(name) }
        let paths = paths(of: meeting)
        try await sealing.run { (cancellation) throws(ArchiveError) in
            let target = paths.payload(name)
            let half = paths.work + "/" + UUID().uuidString
            try DurableFile.makeDirectory(paths.work)
            try DurableFile.makeDirectory((target as NSString).deletingLastPathComponent)
            defer { unlink(half) }
            do { try FileManager.default.copyItem(atPath: source, toPath: half) } catch {
                throw .inputOutput(path: source, reason: error.localizedDescription)
            }
            chmod(half, 0o640)
            let digest: FileDigest
            do throws(EvidenceError) {
                digest = try FileDigest.of(half, syncing: true) { _ in !cancellation.isCancelled }
            } catch { throw ArchiveError(error) }
            guard digest.sha256 == sha256 else {
                throw .inputOutput(path: source, reason: "its SHA-256 is not the one that was noted")
            }
            guard rename(half, target) == 0 else { throw ArchiveError(errno: errno, path: target) }
            try DurableFile.syncDirectory(of: target)
        }
    }

    /// Takes a folder out of a package that is not sealed yet, with all that is in it.
    public func removeFolder(_ name: String, from meeting: MeetingRecord) throws(ArchiveError) {
        guard meeting.state != .sealed else {
            throw .wrongState(meeting: meeting.id, state: .sealed, asked: "given fewer files")
        }
        guard PackagePaths.isUsable(name: name) else { throw .unusableName(name) }
        try? FileManager.default.removeItem(atPath: paths(of: meeting).payload(name))
    }
}
