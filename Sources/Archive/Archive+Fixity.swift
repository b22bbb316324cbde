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
    /// Why others were not.
    public var hindrances: [String] = []
    /// As it is now.
    public var now: VerificationReport
}

extension Archive {
    /// Verifies the package that was verified (or sealed) longest ago, where that is longer than the interval, or a day where it is damaged
    /// and there is a second location; replaces what is damaged from there, notes it and enters it in the ledger. Nil where none is due.
    public func checkNextPackage() async throws(ArchiveError) -> FixityOutcome? {
        func before(_ time: Duration) -> String {
            IndochinaTime.text(now().addingTimeInterval(-Double(time.components.seconds)))
        }
        let due = before(fixity.interval)
        let dueAgain = second == nil ? due : before(fixity.retry)
        let meeting = try await read { db in
            try MeetingRecord.fetchOne(
                db,
                sql: """
                    SELECT * FROM meetings WHERE state = 'sealed' AND (
                        COALESCE(verifiedAt, sealedAt) <= ? OR (damagedFiles > 0 AND verifiedAt <= ?))
                    ORDER BY COALESCE(verifiedAt, sealedAt), id LIMIT 1
                    """, arguments: [due, dueAgain])
        }
        guard let meeting else { return nil }
        let found = try await verify(meeting, on: checking, octetsPerSecond: fixity.octetsPerSecond)
        var outcome = FixityOutcome(meetingID: meeting.id, found: found, restored: [], now: found)
        guard let second else { return outcome }
        if !found.damaged.isEmpty {
            (outcome.restored, outcome.hindrances) = try await restore(found.damaged, of: meeting, from: second.store)
            if !outcome.restored.isEmpty {
                outcome.now = try await verify(meeting, on: checking, octetsPerSecond: fixity.octetsPerSecond)
            }
        }
        if second.isReadAgain, outcome.now.isIntact {
            try await enqueue(.secondCopy, for: meeting.id, maximumAttempts: Self.secondCopyAttempts)
        }
        return outcome
    }
}
