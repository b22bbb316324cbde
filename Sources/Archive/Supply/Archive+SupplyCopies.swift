import Foundation
import SQLDatabase
import Vietnamese

/// The copies that grants are for, as jobs: one is made for each grant, and lies in its folder while the grant lasts.
extension Archive {
    /// Below it, the copy of each grant has a folder of its own. Not part of any package.
    public var supplyDirectory: String { root + "/supply" }
    public func supplyFolder(of grant: Int64) -> String { "\(supplyDirectory)/\(grant)" }

    /// A grant that is in force, its holder's, with its recording.
    ///
    /// To whom it is not granted it is as if there were none.
    public func grantInForce(
        _ number: Int64, for holder: String
    ) async throws(ArchiveError) -> (grant: AccessGrant, meeting: MeetingRecord) {
        let moment = now()
        return try await read { db in
            let grant = try Self.accessGrant(number, db)
            guard grant.holder.id == holder else { throw AccessFault.unknownGrant(number) }
            guard grant.state(at: moment) == .inForce else { throw AccessFault.notInForce }
            let meeting = try Self.meeting(grant.meetingID, db)
            guard meeting.state == .sealed else { throw AccessFault.notInForce }
            guard !meeting.isStateSecret else { throw AccessFault.stateSecret }
            return (grant, meeting)
        }
    }

    /// The newest job of each of these grants.
    public func copyJobs(of grants: some Collection<Int64>) async throws(ArchiveError) -> [Int64: JobRecord] {
        let numbers = Array(grants)
        let jobs = try await read { db in
            try JobRecord.fetchAll(db, "SELECT * FROM jobs WHERE grantID IN \(numbers) ORDER BY id")
        }
        return Dictionary(
            withPaces(jobs).compactMap { job in job.grantID.map { ($0, job) } }, uniquingKeysWith: { _, newer in newer }
        )
    }

    /// Has the copy made again: the last attempt failed, or its file is gone.
    public func remakeCopy(of number: Int64) async throws(ArchiveError) {
        let moment = now().roundedToMillisecond
        try await write { db in
            let grant = try Self.accessGrant(number, db)
            guard [.early, .inForce].contains(grant.state(at: moment)) else { throw AccessFault.notInForce }
            try Self.meeting(grant.meetingID, db).refuseDestroyed()
            try Self.enqueueCopy(of: grant, at: moment, db)
        }
    }

    /// Grants that last, and of which no copy is being made: those whose copy was made, and those that have no job at all. The
    /// copies of the others are to be removed.
    public func grantsWithCopies() async throws(ArchiveError) -> Set<Int64> {
        let moment = IndochinaTime.text(now())
        return try await read { db in
            try Int64.fetchSet(
                db,
                sql: """
                    SELECT g.id FROM accessGrants g JOIN meetings m ON m.id = g.meetingID
                    WHERE g.revokedAt IS NULL AND g.validUntil > ? AND m.state = 'sealed'
                    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.grantID = g.id AND j.state <> 'finished'
                        AND j.id = (SELECT max(id) FROM jobs WHERE grantID = g.id))
                    """, arguments: [moment])
        }
    }

    /// Whether a grant's copy has, or may come to have, a place in the archive.
    public func mayHaveCopy(_ number: Int64) async throws(ArchiveError) -> Bool {
        let moment = now()
        return try await read { db in
            guard let grant = try? Self.accessGrant(number, db) else { return false }
            guard [.early, .inForce].contains(grant.state(at: moment)) else { return false }
            return try Self.meeting(grant.meetingID, db).state == .sealed
        }
    }

    /// Takes jobs of a grant out of the queue: its copy is wanted no more.
    public func dropCopyJobs(of number: Int64) async throws(ArchiveError) {
        try await write { db in try Self.dropCopyJobs(of: number, db) }
    }

    static func dropCopyJobs(of number: Int64, _ db: SQLConnection) throws {
        try db.execute(
            sql: "DELETE FROM jobs WHERE grantID = ? AND state IN ('queued', 'running')", arguments: [number])
    }

    static func enqueueCopy(of grant: AccessGrant, at moment: Date, _ db: SQLConnection) throws {
        try db.execute(
            sql: """
                INSERT INTO jobs
                    (meetingID, kind, grantID, state, progress, attempts, maximumAttempts, enqueuedAt, notBefore)
                VALUES (?, ?, ?, 'queued', 0, 0, 3, ?, ?) ON CONFLICT DO NOTHING
                """,
            arguments: [
                grant.meetingID, JobKind.supply.rawValue, grant.number, IndochinaTime.text(moment),
                IndochinaTime.text(moment),
            ])
    }
}
