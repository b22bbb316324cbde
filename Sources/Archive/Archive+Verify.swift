import Foundation
import GRDB
import Vietnamese

/// What a verification found of one file.
public struct FileVerification: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        case ok
        /// Other bytes than were sealed.
        case changed(sha256: String)
        case missing
        /// In the package's directory, but not in the seal.
        case extra
        /// Cannot be read, or is no regular file any more.
        case unreadable(reason: String)
    }
    public var path: String
    public var verdict: Verdict
    /// As sealed; nil for an extra file.
    public var sealedSHA256: String?
}

/// What a verification found of a package.
public struct VerificationReport: Sendable, Equatable {
    public var meetingID: String
    public var checkedAt: Date
    public var files: [FileVerification]
    public var damaged: [FileVerification] { files.filter { $0.verdict != .ok } }
    public var isIntact: Bool { damaged.isEmpty }
}

extension Archive {
    /// Hashes every file of a sealed package and compares it with what the catalogue has had since the sealing, so that
    /// a changed file shows even where the manifest was changed with it. The outcome is kept on the meeting.
    public func verify(
        _ id: String, progress: @escaping @Sendable (HashingProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> VerificationReport {
        let meeting = try await find(id).orThrow(.unknownMeeting(id))
        guard meeting.state == .sealed else {
            throw .wrongState(meeting: id, state: meeting.state, asked: "verified before it is sealed")
        }
        let sealed = try await files(of: meeting)
        let directory = paths(of: meeting).directory
        let files = try await verifying.run { (cancellation) throws(ArchiveError) in
            try Self.compare(sealed, with: directory, cancellation, progress)
        }
        let report = VerificationReport(meetingID: id, checkedAt: now().roundedToMillisecond, files: files)
        do throws(ArchiveError) {
            try await keep(report)
        } catch .readOnly, .diskFull {
            // The verdict matters more than its record.
        }
        return report
    }

    private func keep(_ report: VerificationReport) async throws(ArchiveError) {
        let damaged = report.damaged
        let names = damaged.prefix(8).map(\.path).joined(separator: ", ") + (damaged.count > 8 ? ", …" : "")
        try await write { db in
            try db.execute(
                sql: "UPDATE meetings SET verifiedAt = ?, damagedFiles = ? WHERE id = ?",
                arguments: [IndochinaTime.text(report.checkedAt), damaged.count, report.meetingID])
            guard !damaged.isEmpty else { return }
            try MeetingNote(
                meetingID: report.meetingID, at: report.checkedAt, severity: .fault,
                text: VietnameseText.stored(
                    "verification failed for \(damaged.count) of \(report.files.count) files: \(names)")
            ).insert(db)
        }
    }

    private static func compare(
        _ sealed: [PackageFile], with directory: String, _ cancellation: BackgroundQueue.Cancellation,
        _ progress: @escaping @Sendable (HashingProgress) -> Void
    ) throws(ArchiveError) -> [FileVerification] {
        var present: [String: PackageFiles.Entry] = [:]
        do throws(ArchiveError) {
            for entry in try PackageFiles.list(directory) { present[entry.path] = entry }
        } catch .inputOutput(_, String(cString: strerror(ENOENT))) {
            // The whole directory is gone: every file is missing.
        }
        let total = sealed.reduce(0) { $0 + (present[$1.path]?.size ?? 0) }
        var hashing = HashingReport(totalBytes: total, report: progress)
        var found: [FileVerification] = []
        for file in sealed {
            let entry = present.removeValue(forKey: file.path)
            let verdict = try verdict(on: file, entry, in: directory) { (count) throws(ArchiveError) in
                try cancellation.check()
                hashing.advance(count)
            }
            found.append(FileVerification(path: file.path, verdict: verdict, sealedSHA256: file.sha256))
        }
        for path in present.keys.sorted() {
            found.append(FileVerification(path: path, verdict: .extra))
        }
        return found
    }

    private static func verdict(
        on file: PackageFile, _ entry: PackageFiles.Entry?, in directory: String,
        advance: (Int) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> FileVerification.Verdict {
        guard let entry else { return .missing }
        guard entry.isRegularFile else { return .unreadable(reason: "not a regular file any more") }
        do throws(ArchiveError) {
            let result = try FileDigest.sha256(ofFile: directory + "/" + file.path, syncing: false, advance: advance)
            return result.sha256 == file.sha256 ? .ok : .changed(sha256: result.sha256)
        } catch .cancelled {
            throw .cancelled
        } catch {
            return .unreadable(reason: error.description)
        }
    }
}
