import Foundation
import GRDB
import Vietnamese

/// How far the hashing of a package is.
public struct HashingProgress: Sendable, Equatable {
    public var doneBytes: Int64
    public var totalBytes: Int64
}

extension Archive {
    /// Completes a package: hashes every file, writes the manifest and makes the files read-only. Reads at the disk's
    /// speed, one package at a time; a task that is cancelled stops it, and it can be begun again.
    @discardableResult
    public func seal(
        _ id: String, progress: @escaping @Sendable (HashingProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> MeetingRecord {
        var meeting = try await find(id).orThrow(.unknownMeeting(id))
        let before = meeting.state
        guard before.canBecome(.sealed), beingSealed.withLock({ $0.insert(id).inserted }) else {
            throw .wrongState(meeting: id, state: before, asked: "sealed")
        }
        defer { beingSealed.withLock { _ = $0.remove(id) } }
        meeting.state = .sealed
        meeting.sealedAt = now().roundedToMillisecond
        try logs.withLock { $0.removeValue(forKey: id) }?.finish()
        let paths = paths(of: meeting)
        try? FileManager.default.removeItem(atPath: paths.work)
        try await writeMetadata(of: meeting)
        let files = try await sealing.run { (cancellation) throws(ArchiveError) in
            try Self.hashAndWriteManifest(id, paths, cancellation, progress)
        }
        return try await write { [meeting] db in
            guard try Self.meeting(id, db).state == before else {
                throw ArchiveError.wrongState(meeting: id, state: before, asked: "sealed while it changes")
            }
            try PackageFile.filter(Column("meetingID") == id).deleteAll(db)
            for file in files { try file.insert(db) }
            try meeting.update(db)
            return meeting
        }
    }

    /// Puts a file into a package that is not sealed yet. `name` is relative to the package and the caller's own.
    public func add(_ data: Data, as name: String, to meeting: MeetingRecord) throws(ArchiveError) {
        guard meeting.state != .sealed else {
            throw .wrongState(meeting: meeting.id, state: .sealed, asked: "given another file")
        }
        let path = paths(of: meeting).directory + "/" + name
        try DurableFile.makeDirectory((path as NSString).deletingLastPathComponent)
        try DurableFile.replace(path, with: data)
    }

    private static func hashAndWriteManifest(
        _ id: String, _ paths: PackagePaths, _ cancellation: BackgroundQueue.Cancellation,
        _ progress: @escaping @Sendable (HashingProgress) -> Void
    ) throws(ArchiveError) -> [PackageFile] {
        let entries = try PackageFiles.list(paths.directory).filter { $0.path != PackagePaths.manifestName }
        var hashing = HashingReport(totalBytes: entries.reduce(0) { $0 + $1.size }, report: progress)
        var files: [PackageFile] = []
        for entry in entries {
            let path = paths.directory + "/" + entry.path
            let result = try FileDigest.sha256(ofFile: path, syncing: true) { (count) throws(ArchiveError) in
                try cancellation.check()
                hashing.advance(count)
            }
            files.append(
                PackageFile(
                    meetingID: id, path: entry.path, size: result.size, sha256: result.sha256,
                    mime: PackageMIME.type(of: entry.path)))
        }
        try DurableFile.replace(paths.manifest, with: Data(PackageManifest.text(files).utf8))
        let manifest = try FileDigest.sha256(ofFile: paths.manifest, syncing: false) { _ in }
        files.append(
            PackageFile(
                meetingID: id, path: PackagePaths.manifestName, size: manifest.size, sha256: manifest.sha256,
                mime: PackageMIME.type(of: PackagePaths.manifestName)))
        for file in files { chmod(paths.directory + "/" + file.path, 0o440) }
        return files
    }
}

/// Tells how far hashing is: at the beginning, every 16 MiB, and at the end.
struct HashingReport {
    private static let step: Int64 = 16 << 20
    private var progress: HashingProgress
    private var reported: Int64 = 0
    private let report: (HashingProgress) -> Void

    init(totalBytes: Int64, report: @escaping (HashingProgress) -> Void) {
        progress = HashingProgress(doneBytes: 0, totalBytes: totalBytes)
        self.report = report
        report(progress)
    }

    mutating func advance(_ bytes: Int) {
        progress.doneBytes += Int64(bytes)
        guard progress.doneBytes - reported >= Self.step || progress.doneBytes >= progress.totalBytes else { return }
        reported = progress.doneBytes
        report(progress)
    }
}

extension Optional {
    func orThrow(_ error: ArchiveError) throws(ArchiveError) -> Wrapped {
        guard let self else { throw error }
        return self
    }
}
