import Evidence
import Foundation
import SQLDatabase
import Synchronization
import Vietnamese

/// The carrying out of what two persons approved.
extension Archive {
    /// What came of carrying out.
    public struct DestructionOutcome: Sendable, Equatable {
        /// The meetings whose payload is gone now.
        public var destroyed: [String] = []
        /// By meeting, what hindered; it is tried again when this is called again.
        public var failures: [String: ArchiveError] = [:]
        /// Another bridge is at it, and this one did nothing.
        public var isElsewhere = false
        public init() {}
    }

    /// Carries out every approved proposal, and what a stop of the daemon left half done: certificate, ledger, then the payload, so
    /// that nothing is gone of which nothing says why.
    ///
    /// One at a time: whoever calls while another does has that one look again, and gets what came of it all.
    @discardableResult
    public func carryOutDestructions(
        progress: @escaping @Sendable (RoundProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> DestructionOutcome {
        let sum = Mutex(DestructionOutcome())
        return try await carryingOut.run(looksAgain: true, watcher: progress) { tell async throws(ArchiveError) in
            var idle = sum.withLock { $0 }
            idle.isElsewhere = true
            let outcome = try await self.alone("destruction", idle: idle) { () async throws(ArchiveError) in
                var outcome = sum.withLock { $0 }
                try await self.carryOutWaiting(&outcome, tell)
                return outcome
            }
            sum.withLock { $0 = outcome }
            return outcome
        }
    }

    /// Meetings whose destruction is approved, and that are not destroyed.
    func approvedMeetings() async throws(ArchiveError) -> [String] {
        try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT meetingID FROM proposalMeetings WHERE removedAt IS NULL
                    AND proposalID IN (SELECT id FROM proposals WHERE state = 'approved') ORDER BY meetingID
                    """)
        }
    }

    private func carryOutWaiting(
        _ outcome: inout DestructionOutcome, _ tell: @Sendable (RoundProgress) -> Void
    ) async throws(ArchiveError) {
        let waiting = try await read { db in
            try Int64.fetchAll(db, sql: "SELECT id FROM proposals WHERE state = 'approved' ORDER BY id")
        }
        var progress = RoundProgress(meetings: 0, totalMeetings: try await approvedMeetings().count)
        tell(progress)
        for number in waiting {
            let proposal = try await proposal(number)
            for id in try await meetingsToDestroy(of: number) {
                do throws(ArchiveError) {
                    try await destroy(id, proposal)
                    outcome.destroyed.append(id)
                    outcome.failures[id] = nil
                } catch .cancelled {
                    throw .cancelled
                } catch {
                    outcome.failures[id] = error
                }
                progress.meetings += 1
                tell(progress)
            }
            try await finish(number)
        }
    }

    private func meetingsToDestroy(of number: Int64) async throws(ArchiveError) -> [String] {
        try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT meetingID FROM proposalMeetings WHERE proposalID = ? AND removedAt IS NULL ORDER BY meetingID
                    """, arguments: [number])
        }
    }

    private func finish(_ number: Int64) async throws(ArchiveError) {
        let moment = now().roundedToMillisecond
        try await write { db in
            var proposal = try Self.proposal(number, db)
            let left =
                try Int.fetchOne(
                    db, sql: "SELECT COUNT(*) FROM proposalMeetings WHERE proposalID = ? AND removedAt IS NULL",
                    arguments: [number]) ?? 0
            // Another may have been quicker.
            guard left == 0, proposal.state == .approved else { return }
            try proposal.take(.carryOut(at: moment), [:])
            try Self.update(proposal, db)
        }
    }

    /// Where packages made of a recording are put; they go when it is destroyed.
    public func outgoingFolder(of meeting: String) -> String { "\(root)/outgoing/\(meeting)" }

    private func destroy(_ id: String, _ proposal: DestructionProposal) async throws(ArchiveError) {
        try await notePapers(of: id, proposal)
        let certificate = try await certificate(of: id, proposal)
        let meeting = certificate.meeting
        let paths = paths(of: meeting)
        let hash = try await destroying.run { [keys] _ throws(ArchiveError) in
            try certificate.write(to: paths.directory, keys.sealer)
        }
        try await enterDestruction(certificate, hash)
        // What the disk, its copies and backups still have of an encrypted payload is nothing from here on.
        do { try await MeetingKeys.remove(id, catalogue) } catch { throw ArchiveError(error, path: cataloguePath) }
        try await destroyPapers(certificate)
        let removal = PayloadRemoval(layout: meeting.layout)
        let outgoing = outgoingFolder(of: id)
        let certificates = try await destroying.run { _ throws(ArchiveError) in
            try removal.run(in: paths.directory)
            do {
                try FileManager.default.removeItem(atPath: outgoing)
            } catch CocoaError.fileNoSuchFile {} catch { throw ArchiveError(error, path: outgoing) }
            try? FileManager.default.removeItem(atPath: paths.work)
            return try Self.certificateFiles(of: meeting, in: paths.directory)
        }
        try await note(certificate, removal, certificates)
        hooks.withLock { $0.destroyed }(id)
    }

    /// Writes down which papers go with a meeting, once: when the daemon stops in the middle, they may be gone, and are named all the
    /// same.
    private func notePapers(of id: String, _ proposal: DestructionProposal) async throws(ArchiveError) {
        guard let keeper = paperKeeper.withLock({ $0 }), let meeting = try await find(id) else { return }
        let key: SQLArguments = [proposal.id, id]
        let isNoted = try await read { db in
            try String.fetchOne(
                db, sql: "SELECT papers FROM proposalMeetings WHERE proposalID = ? AND meetingID = ?", arguments: key)
                != nil
        }
        guard !isNoted else { return }
        let noted: String
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            noted = String(decoding: try encoder.encode(try await keeper.papers(keptFor: meeting)), as: UTF8.self)
        } catch { throw ArchiveError(error, path: "the papers of \(id)") }
        try await write { db in
            try db.execute(
                sql: "UPDATE proposalMeetings SET papers = ? WHERE proposalID = ? AND meetingID = ? AND papers IS NULL",
                arguments: [noted] + key)
        }
    }

    private func destroyPapers(_ certificate: DestructionCertificate) async throws(ArchiveError) {
        guard !certificate.papers.isEmpty else { return }
        guard let keeper = paperKeeper.withLock({ $0 }) else {
            throw .inputOutput(path: certificate.meeting.id, reason: "nobody is there who keeps its papers")
        }
        do {
            try await keeper.destroy(certificate.papers, of: certificate.meeting)
        } catch { throw ArchiveError(error, path: "the papers of \(certificate.meeting.id)") }
    }

    private func certificate(
        of id: String, _ proposal: DestructionProposal
    ) async throws(ArchiveError) -> DestructionCertificate {
        // The seal that stands, whatever became of the package's own copy of it.
        let sealed = ledgerFile.ledger.entries(of: id).last { $0.kind == .sealed }
        let certificate = try await read { [settings, root] db in
            let meeting = try Self.meeting(id, db)
            guard meeting.state == .destroyed,
                let row = try SQLRow.fetchOne(
                    db, sql: "SELECT * FROM proposalMeetings WHERE proposalID = ? AND meetingID = ?",
                    arguments: [proposal.id, id])
            else { throw ArchiveError.wrongState(meeting: id, state: meeting.state, asked: "destroyed") }
            let removal = PayloadRemoval(layout: meeting.layout)
            let payload = try PackageFile.of(id, db).filter {
                removal.takes($0.path)
            }
            let manifest = "\(root)/\(meeting.package)/\(PackagePaths.flatManifestName)"
            return DestructionCertificate(
                meeting: meeting, proposal: proposal, classCode: row["classCode"] ?? "",
                classNames: row["classNames"] ?? "", keptUntil: row["keptUntil"] ?? "",
                seal: sealed?.seal ?? (try? FileDigest.of(manifest).sha256) ?? "", merkleRoot: sealed?.merkleRoot ?? "",
                files: payload.count, octets: payload.reduce(0) { $0 &+ $1.size },
                papers: try (row["papers"] as String?).map {
                    try JSONDecoder().decode([KeptPaper].self, from: Data($0.utf8))
                } ?? [], settings: settings)
        }
        return certificate
    }

    private func enterDestruction(_ certificate: DestructionCertificate, _ hash: String) async throws(ArchiveError) {
        let meeting = certificate.meeting
        let moment = IndochinaTime.text(meeting.destroyedAt ?? now())
        let note =
            "certificate \(hash); proposal \(certificate.proposal.id); \(certificate.proposal.verdict ?? "")"
        // Where seals are made, for a seal names the entry before its own.
        let entry = try await sealing.run { [ledgerFile] _ throws(ArchiveError) -> LedgerEntry in
            try ledgerFile.holding { () throws(ArchiveError) in
                if let entry = ledgerFile.entries(of: meeting.id).last(where: { $0.kind == .destroyed }) {
                    return entry
                }
                return try ledgerFile.append { number, previous in
                    LedgerEntry(
                        number: number, at: moment, kind: .destroyed, meeting: meeting.id, package: meeting.package,
                        seal: certificate.seal, merkleRoot: certificate.merkleRoot, note: note, previous: previous)
                }
            }
        }
        try await write { db in try Self.enter(entry, db) }
    }

    private static func certificateFiles(
        of meeting: MeetingRecord, in directory: String
    ) throws(ArchiveError) -> [PackageFile] {
        do throws(EvidenceError) {
            var files: [PackageFile] = []
            for entry in try PackageFiles.list(directory)
            where entry.path.hasPrefix(DestructionCertificate.folder) && entry.isRegularFile {
                let digest = try FileDigest.of(directory + "/" + entry.path)
                chmod(directory + "/" + entry.path, 0o440)
                files.append(
                    PackageFile(
                        meetingID: meeting.id, path: entry.path, size: digest.size, sha256: digest.sha256,
                        mime: PackageMIME.type(of: entry.path), sha512: digest.sha512))
            }
            return files
        } catch { throw ArchiveError(error) }
    }

    private func note(
        _ certificate: DestructionCertificate, _ removal: PayloadRemoval, _ certificates: [PackageFile]
    ) async throws(ArchiveError) {
        let id = certificate.meeting.id
        let moment = now().roundedToMillisecond
        try await write { [second] db in
            let files = try PackageFile.of(id, db)
            for file in files where removal.takes(file.path) { try file.delete(db) }
            for file in certificates { try file.save(db) }
            try db.execute(
                sql: "UPDATE proposalMeetings SET removedAt = ? WHERE proposalID = ? AND meetingID = ?",
                arguments: [IndochinaTime.text(moment), certificate.proposal.id, id])
            let text = "destroyed by proposal \(certificate.proposal.id): \(DestructionCertificate.textName)"
            try MeetingNote(meetingID: id, at: moment, severity: .information, text: text).insert(db)
            try Self.wantRemoval(of: id, from: second?.name, at: moment, db)
        }
    }

    /// The certificate of a destroyed meeting, by the names of its files in their folder.
    public func certificateFiles(of meeting: MeetingRecord) async throws(ArchiveError) -> [(
        name: String, file: PackageFile
    )] {
        let folder = DestructionCertificate.folder
        return try await storedFiles(of: meeting).filter { $0.path.hasPrefix(folder) }.map {
            (String($0.path.dropFirst(folder.count)), $0)
        }
    }
}
