import CipherFiles
import Evidence
import Foundation
import SQLDatabase
import Vietnamese

extension MeetingRecord {
    /// Of a level above ordinary. One that nobody knows counts as one.
    public var isRestricted: Bool { confidentiality != nil && confidentiality != "ordinary" }
}

extension Archive {
    /// Why a meeting may not be recorded; nil where it may. What may not lie there in clear is not begun.
    public func recordingRefusal(of meeting: MeetingRecord) -> ArchiveError? {
        guard meeting.isRestricted, encryption.rule == .required, encryption.key == nil else { return nil }
        return .unencrypted(meeting: meeting.id)
    }

    /// A new key for a package that is to be sealed, kept before the first octet is encrypted with it; nil where it stays in clear, which
    /// is noted of a meeting that is not ordinary.
    func newKey(of meeting: MeetingRecord, isRestricted: Bool) async throws(ArchiveError) -> ContentKey? {
        guard isRestricted else { return nil }
        guard let kek = encryption.sealingKey else {
            guard encryption.rule != .required else { throw .unencrypted(meeting: meeting.id) }
            let isChosen = encryption.rule == .never
            let text =
                "sealed in clear, though it is not an ordinary meeting: "
                + (isChosen ? "archive.encryption.restricted is never" : "there is no key to encrypt it with")
                + " (docs/security-archive.md)"
            let moment = now().roundedToMillisecond
            try await write { db in
                try Self.noteOnce(meeting.id, at: moment, isChosen ? .information : .warning, text, db)
            }
            return nil
        }
        let key = ContentKey()
        // Of an attempt before this one nothing is left that its key would open.
        try await write { db in try MeetingKeys.put(key, of: meeting.id, by: kek, db) }
        return key
    }

    /// Takes away what is in clear of a package that was sealed encrypted.
    func removeClear(of meeting: MeetingRecord) async throws(ArchiveError) {
        let stored = Set(try await storedFiles(of: meeting).map(\.path))
        let directory = paths(of: meeting).directory
        try await sealing.run { _ throws(ArchiveError) in
            do throws(EvidenceError) {
                try PackageEncryption.removeClear(in: directory, keeping: stored)
            } catch { throw ArchiveError(error) }
        }
        let moment = IndochinaTime.text(now())
        try await write { db in
            try db.execute(
                sql: "UPDATE meetingKeys SET clearedAt = ? WHERE meetingID = ?", arguments: [moment, meeting.id])
        }
    }

    /// Takes away what a stop of the daemon left in clear of packages that are sealed.
    public func removeLeftClear() async throws(ArchiveError) {
        let left = try await read { db in
            try MeetingRecord.fetchAll(
                db,
                sql: """
                    SELECT m.* FROM meetings m JOIN meetingKeys k ON k.meetingID = m.id
                    WHERE m.state = 'sealed' AND m.layout = 'encrypted' AND k.clearedAt IS NULL
                    """)
        }
        for meeting in left { try await removeClear(of: meeting) }
    }
}
