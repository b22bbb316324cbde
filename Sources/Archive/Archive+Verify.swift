public import Evidence
import Foundation
import SQLDatabase
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
    /// What else is wrong, and where damage lies: of bags only.
    public var findings: [PackageFinding] = []
    public var damaged: [FileVerification] { files.filter { $0.verdict != .ok } }
    public var isIntact: Bool { damaged.isEmpty && findings.isEmpty }
}

extension Archive {
    /// Hashes every file of a sealed package and compares it with what the catalogue has had since the sealing, so that
    /// a changed file shows even where the manifest was changed with it. Of a bag the seal, its signature and the ledger are checked
    /// too. The outcome is kept on the meeting.
    public func verify(
        _ id: String, progress: @escaping @Sendable (HashingProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> VerificationReport {
        let meeting = try await find(id).orThrow(.unknownMeeting(id))
        try meeting.refuseDestroyed()
        guard meeting.state == .sealed else {
            throw .wrongState(meeting: id, state: meeting.state, asked: "verified before it is sealed")
        }
        return try await verify(meeting, on: verifying, progress: progress)
    }

    /// - Parameter octetsPerSecond: nil for as fast as the disk.
    func verify(
        _ meeting: MeetingRecord, on queue: BackgroundQueue, octetsPerSecond: Int? = nil,
        progress: @escaping @Sendable (HashingProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> VerificationReport {
        let sealed = try await storedFiles(of: meeting)
        let work = PackageComparison(
            sealed: sealed, directory: paths(of: meeting).directory, octetsPerSecond: octetsPerSecond)
        var report = VerificationReport(meetingID: meeting.id, checkedAt: now().roundedToMillisecond, files: [])
        switch meeting.layout {
        case .flat:
            report.files = try await queue.run { (cancellation) throws(ArchiveError) in
                try work.compare(cancellation, progress)
            }
        case .bag, .encrypted:
            let (ledger, entered) = try ledgerFile.reread()
            let copy = try await catalogueLedger(reaching: entered.entries.count)
            let trust = PackageInspection.Trust(
                signers: keys.trusted, timeStampAuthorities: settings.timeStamps?.authorities ?? "", ledger: ledger)
            (report.files, report.findings) = try await queue.run { (cancellation) throws(ArchiveError) in
                try work.inspect(trust, cancellation, progress)
            }
            // The catalogue may have gone on since.
            let former = copy.entries.prefix(entered.entries.count)
            if ledger.entries != entered.entries || !former.elementsEqual(entered.entries) {
                let number = zip(ledger.entries, former).prefix { $0 == $1 }.count + 1
                report.findings.append(
                    PackageFinding(
                        .ledger, "the ledger's file and the catalogue differ from entry \(number) on"))
            }
        }
        // It may have been destroyed while it was read.
        try await find(meeting.id)?.refuseDestroyed()
        do throws(ArchiveError) {
            try await keep(report)
        } catch .readOnly, .diskFull {
            // The verdict matters more than its record.
        }
        return report
    }

    /// The catalogue's copy of the ledger. A line is entered in the file first and in the catalogue with what it is of: of a sealing
    /// that is between the two, the second is waited for, at most so long.
    private func catalogueLedger(reaching count: Int) async throws(ArchiveError) -> Ledger {
        for _ in 0..<Self.ledgerPatience {
            let copy = try await read { db in try Self.ledger(db) }
            if copy.entries.count >= count { return copy }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return try await read { db in try Self.ledger(db) }
    }

    /// In tenths of a second.
    private static let ledgerPatience = 50

    private func keep(_ report: VerificationReport) async throws(ArchiveError) {
        let damaged = report.damaged
        let names = damaged.prefix(8).map(\.path).joined(separator: ", ") + (damaged.count > 8 ? ", …" : "")
        let details = report.findings.prefix(8).map(\.description).joined(separator: "; ")
        try await write { db in
            try db.execute(
                sql: "UPDATE meetings SET verifiedAt = ?, damagedFiles = ? WHERE id = ?",
                arguments: [
                    IndochinaTime.text(report.checkedAt), max(damaged.count, report.isIntact ? 0 : 1), report.meetingID,
                ])
            guard !report.isIntact else { return }
            let text =
                "verification failed for \(damaged.count) of \(report.files.count) files"
                + (names.isEmpty ? "" : ": \(names)") + (details.isEmpty ? "" : " (\(details))")
            try Self.noteOnce(report.meetingID, at: report.checkedAt, .fault, text, db)
        }
    }
}

/// Compares a package with the hashes that the catalogue has of it.
struct PackageComparison {
    let sealed: [PackageFile]
    let directory: String
    /// Nil for as fast as the disk.
    let octetsPerSecond: Int?

    /// Of a flat package.
    func compare(
        _ cancellation: BackgroundQueue.Cancellation, _ progress: @escaping @Sendable (HashingProgress) -> Void
    ) throws(ArchiveError) -> [FileVerification] {
        var present = try present()
        let total = sealed.reduce(0) { $0 + (present[$1.path]?.size ?? 0) }
        var hashing = HashingReport(totalBytes: total, report: progress)
        var found: [FileVerification] = []
        let rate = octetsPerSecond.map(ReadingRate.init)
        var done: Int64 = 0
        for file in sealed {
            let entry = present.removeValue(forKey: file.path)
            let verdict: FileVerification.Verdict
            do throws(EvidenceError) {
                guard entry != nil else { throw .file(path: file.path, errno: ENOENT) }
                let digest = try FileDigest.of(directory + "/" + file.path) { count in
                    hashing.advance(count)
                    done += Int64(count)
                    rate?.keep(after: done)
                    return !cancellation.isCancelled
                }
                verdict = Self.verdict(digest, file)
            } catch .stopped {
                throw .cancelled
            } catch {
                verdict = Self.verdict(error)
            }
            found.append(FileVerification(path: file.path, verdict: verdict, sealedSHA256: file.sha256))
        }
        hashing.finish()
        for path in present.keys.sorted() { found.append(FileVerification(path: path, verdict: .extra)) }
        return found
    }

    /// Of a bag, by its seal as well.
    func inspect(
        _ trust: PackageInspection.Trust, _ cancellation: BackgroundQueue.Cancellation,
        _ progress: @escaping @Sendable (HashingProgress) -> Void
    ) throws(ArchiveError) -> ([FileVerification], [PackageFinding]) {
        var present = try present()
        // The whole directory is gone: there is nothing to inspect.
        guard !present.isEmpty else {
            return (sealed.map { FileVerification(path: $0.path, verdict: .missing, sealedSHA256: $0.sha256) }, [])
        }
        var hashing = HashingReport(totalBytes: present.values.reduce(0) { $0 + $1.size }, report: progress)
        let rate = octetsPerSecond.map(ReadingRate.init)
        let inspection: PackageInspection
        do {
            inspection = try PackageInspection(of: directory, trusting: trust) { state in
                if state.doneOctets > 0 { hashing.advance(to: state.doneOctets) }
                rate?.keep(after: state.doneOctets)
                return !cancellation.isCancelled
            }
        } catch { throw ArchiveError(error) }
        hashing.finish()
        var files: [FileVerification] = []
        for file in sealed {
            let entry = present.removeValue(forKey: file.path)
            let verdict: FileVerification.Verdict =
                if let digest = inspection.digests[file.path] {
                    Self.verdict(digest, file)
                } else if entry == nil {
                    .missing
                } else {
                    .unreadable(
                        reason: inspection.findings.first { $0.path == file.path && $0.kind == .unreadable }?.text
                            ?? "cannot be read")
                }
            files.append(FileVerification(path: file.path, verdict: verdict, sealedSHA256: file.sha256))
        }
        for path in present.keys.sorted() { files.append(FileVerification(path: path, verdict: .extra)) }
        // What the files' verdicts say already is not said twice.
        let told: Set<PackageFinding.Kind> = [.changed, .missing, .extra, .unreadable]
        return (files, inspection.findings.filter { !told.contains($0.kind) })
    }

    private func present() throws(ArchiveError) -> [String: PackageFiles.Entry] {
        do throws(EvidenceError) {
            return Dictionary(
                try PackageFiles.list(directory).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        } catch .file(directory, ENOENT) {
            return [:]
        } catch {
            throw ArchiveError(error)
        }
    }

    private static func verdict(_ digest: FileDigest, _ file: PackageFile) -> FileVerification.Verdict {
        let isSame = digest.sha256 == file.sha256 && (file.sha512 == nil || digest.sha512 == file.sha512)
        return isSame ? .ok : .changed(sha256: digest.sha256)
    }

    private static func verdict(_ error: EvidenceError) -> FileVerification.Verdict {
        switch error {
        case .file(_, ENOENT): .missing
        case .notRegular: .unreadable(reason: "not a regular file any more")
        default: .unreadable(reason: error.description)
        }
    }
}
