import Evidence
import Foundation
import GRDB
import Vietnamese

/// What came of looking after a package.
public struct FixityOutcome: Sendable, Equatable {
    public var meetingID: String
    /// As it was found.
    public var found: VerificationReport
    /// Files that were replaced by good copies.
    public var restored: [String]
    /// As it is now.
    public var now: VerificationReport
}

extension Archive {
    /// Verifies the package that was verified (or sealed) longest ago, where that is longer than the interval; replaces what is
    /// damaged from the second location, notes it and enters it in the ledger. Nil where none is due.
    public func checkNextPackage() async throws(ArchiveError) -> FixityOutcome? {
        let due = now().addingTimeInterval(-Double(fixity.interval.components.seconds))
        let meeting = try await read { db in
            try MeetingRecord.fetchOne(
                db,
                sql: """
                    SELECT * FROM meetings WHERE state = 'sealed' AND COALESCE(verifiedAt, sealedAt) <= ?
                    ORDER BY COALESCE(verifiedAt, sealedAt), id LIMIT 1
                    """, arguments: [IndochinaTime.text(due)])
        }
        guard let meeting else { return nil }
        let found = try await verify(meeting, on: checking, octetsPerSecond: fixity.octetsPerSecond)
        var outcome = FixityOutcome(meetingID: meeting.id, found: found, restored: [], now: found)
        guard !found.damaged.isEmpty, let second = fixity.secondLocation else { return outcome }
        outcome.restored = try await restore(found.damaged.map(\.path), of: meeting, from: second)
        if !outcome.restored.isEmpty {
            outcome.now = try await verify(meeting, on: checking, octetsPerSecond: fixity.octetsPerSecond)
        }
        return outcome
    }

    /// Replaces files by copies that have the sealed hashes; returns which.
    private func restore(
        _ names: [String], of meeting: MeetingRecord, from second: String
    ) async throws(ArchiveError) -> [String] {
        let sealed = try await files(of: meeting).filter { names.contains($0.path) }
        let directory = paths(of: meeting).directory
        let source = second + "/" + meeting.package
        // What is destroyed meanwhile does not come back: its payload is removed after the catalogue says so.
        let isDestroyed = { @Sendable [catalogue] in
            (try? catalogue.read { db in try Self.meeting(meeting.id, db).state == .destroyed }) ?? true
        }
        let restored = try await checking.run { (cancellation) throws(ArchiveError) in
            var restored: [String] = []
            for file in sealed {
                try cancellation.check()
                // A copy that is damaged too, or not there, is no use; others may be.
                guard (try? Self.copy(file, from: source, to: directory)) != nil else { continue }
                guard !isDestroyed() else {
                    unlink(directory + "/" + file.path)
                    break
                }
                restored.append(file.path)
            }
            return restored
        }
        guard !restored.isEmpty else { return [] }
        let text = "restored from the second location: " + restored.joined(separator: ", ")
        let moment = IndochinaTime.text(now())
        // Where seals are made, for a seal names the entry before its own.
        let entry = try await sealing.run { [ledgerFile] _ throws(ArchiveError) -> LedgerEntry in
            // Of a package of the first version there is none.
            let data =
                (try? FileDigest.contents(of: directory + "/" + SealedPackage.sealName, limit: 1 << 30)) ?? Data()
            let root = (try? SealDocument(parsing: data))?.merkleRoot ?? ""
            return try ledgerFile.append { number, previous in
                LedgerEntry(
                    number: number, at: moment, kind: .restored, meeting: meeting.id, package: meeting.package,
                    seal: Hex.sha256(data), merkleRoot: root, note: text, previous: previous)
            }
        }
        try await write { db in try Self.enter(entry, db) }
        try await addNote(meeting.id, .warning, text)
        return restored
    }

    private static func copy(_ file: PackageFile, from source: String, to directory: String) throws {
        let path = directory + "/" + file.path
        let temporary = path + ".new"
        guard try isGood(source + "/" + file.path, file) else { throw ArchiveError.cancelled }
        try DurableFile.makeDirectory((path as NSString).deletingLastPathComponent)
        unlink(temporary)
        try FileManager.default.copyItem(atPath: source + "/" + file.path, toPath: temporary)
        guard try isGood(temporary, file) else {
            unlink(temporary)
            throw ArchiveError.inputOutput(path: path, reason: "the copy is not what was copied")
        }
        chmod(temporary, 0o440)
        guard rename(temporary, path) == 0 else { throw ArchiveError(errno: errno, path: path) }
        try DurableFile.syncDirectory(of: path)
    }

    private static func isGood(_ path: String, _ file: PackageFile) throws -> Bool {
        let digest = try FileDigest.of(path, syncing: true)
        return digest.sha256 == file.sha256 && (file.sha512 == nil || digest.sha512 == file.sha512)
    }
}
