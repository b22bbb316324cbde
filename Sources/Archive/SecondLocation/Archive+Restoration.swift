import Evidence
import Foundation
import SQLDatabase
import Vietnamese

extension Archive {
    /// Replaces damaged files by copies that have the sealed hashes; returns which, and what hindered others.
    func restore(
        _ damaged: [FileVerification], of meeting: MeetingRecord, from store: any SecondStore
    ) async throws(ArchiveError) -> (restored: [String], hindrances: [String]) {
        let names = Set(damaged.map(\.path))
        var restored: [String] = []
        var hindrances: [String] = []
        for file in try await storedFiles(of: meeting) where names.contains(file.path) {
            do throws(ArchiveError) {
                try await restore(file, of: meeting, from: store)
                restored.append(file.path)
            } catch .cancelled {
                throw .cancelled
            } catch {
                // Others may be there, and good.
                hindrances.append("\(file.path): \(error)")
            }
            if try await isDestroyed(meeting.id) { break }
        }
        // What was destroyed meanwhile does not come back: its payload is removed after the catalogue says so.
        if try await isDestroyed(meeting.id) {
            let removal = PayloadRemoval(layout: meeting.layout)
            let directory = paths(of: meeting).directory
            try await destroying.run { _ throws(ArchiveError) in try removal.run(in: directory) }
            throw .wrongState(meeting: meeting.id, state: .destroyed, asked: "restored")
        }
        if !restored.isEmpty { try await enterRestoration(of: restored, meeting) }
        if !hindrances.isEmpty {
            let text = "could not be restored from the second location: " + hindrances.prefix(8).joined(separator: "; ")
            let moment = now().roundedToMillisecond
            try await write { db in try Self.noteOnce(meeting.id, at: moment, .fault, text, db) }
        }
        return (restored, hindrances)
    }

    private func restore(
        _ file: PackageFile, of meeting: MeetingRecord, from store: any SecondStore
    ) async throws(ArchiveError) {
        let paths = paths(of: meeting)
        let half = paths.work + "/" + UUID().uuidString
        try DurableFile.makeDirectory(paths.work)
        defer {
            unlink(half)
            rmdir(paths.work)
        }
        try await store.fetch(meeting.package + "/" + file.path, octets: file.size, to: half)
        try await checking.run { (cancellation) throws(ArchiveError) in
            let digest: FileDigest
            do throws(EvidenceError) {
                digest = try FileDigest.of(half, syncing: true) { _ in !cancellation.isCancelled }
            } catch { throw ArchiveError(error) }
            guard digest.sha256 == file.sha256, file.sha512 == nil || digest.sha512 == file.sha512 else {
                throw .secondLocation(reason: "the copy is not what was sealed either")
            }
            let target = paths.directory + "/" + file.path
            try DurableFile.makeDirectory((target as NSString).deletingLastPathComponent)
            chmod(half, 0o440)
            guard rename(half, target) == 0 else { throw ArchiveError(errno: errno, path: target) }
            try DurableFile.syncDirectory(of: target)
        }
    }

    private func enterRestoration(of restored: [String], _ meeting: MeetingRecord) async throws(ArchiveError) {
        let text = "restored from the second location: " + restored.joined(separator: ", ")
        let moment = IndochinaTime.text(now())
        let seal = paths(of: meeting).directory + "/" + SealedPackage.sealName
        // Where seals are made, for a seal names the entry before its own.
        let entry = try await sealing.run { [ledgerFile] _ throws(ArchiveError) -> LedgerEntry in
            // Of a package of the first version there is none.
            let data = (try? FileDigest.contents(of: seal, limit: 1 << 30)) ?? Data()
            let root = (try? SealDocument(parsing: data))?.merkleRoot ?? ""
            return try ledgerFile.holding { () throws(ArchiveError) in
                try ledgerFile.append { number, previous in
                    LedgerEntry(
                        number: number, at: moment, kind: .restored, meeting: meeting.id, package: meeting.package,
                        seal: Hex.sha256(data), merkleRoot: root, note: text, previous: previous)
                }
            }
        }
        try await write { db in try Self.enter(entry, db) }
        try await addNote(meeting.id, .warning, text)
    }

    func isDestroyed(_ id: String) async throws(ArchiveError) -> Bool {
        try await read { db in try Self.meeting(id, db).state == .destroyed }
    }

    /// Notes something that is found again and again until somebody sees to it, unless it is the last thing noted.
    static func noteOnce(
        _ id: String, at moment: Date, _ severity: MeetingNote.Severity, _ text: String, _ db: SQLConnection
    ) throws {
        let text = VietnameseText.stored(text)
        let last = try String.fetchOne(
            db, sql: "SELECT text FROM notes WHERE meetingID = ? AND severity = ? ORDER BY rowid DESC LIMIT 1",
            arguments: [id, severity.rawValue])
        guard last != text else { return }
        try MeetingNote(meetingID: id, at: moment, severity: severity, text: text).insert(db)
    }
}
