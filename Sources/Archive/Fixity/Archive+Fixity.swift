import Evidence
import Foundation
import SQLDatabase
import Synchronization
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
    /// Each stands in the report of its run. One that cannot be checked holds the others up only now: it is due again in a day.
    public func checkNextPackage() async throws(ArchiveError) -> FixityOutcome? {
        try await alone("fixity", idle: nil) { () async throws(ArchiveError) in
            guard let next = try await duePackages(limit: 1).first, let meeting = try await find(next.id) else {
                try await endFixityRun()
                return nil
            }
            return try await check(meeting) { _ in }
        }
    }

    struct DuePackage: Sendable {
        var id: String
        /// Of its files, as they were sealed.
        var octets: Int64
    }

    /// What is due now, the oldest first.
    /// - Parameter id: where it is this one alone.
    func duePackages(only id: String? = nil, limit: Int = .max) async throws(ArchiveError) -> [DuePackage] {
        func before(_ time: Duration) -> String {
            IndochinaTime.text(now().addingTimeInterval(-Double(time.components.seconds)))
        }
        let due = before(fixity.interval)
        let dueAgain = second == nil ? due : before(fixity.retry)
        let failedSince = before(fixity.retry)
        let only: SQL = id.map { "AND m.id = \($0)" } ?? ""
        return try await read { db in
            try SQLRow.fetchAll(
                db,
                """
                SELECT m.id AS id, CAST((
                    SELECT COALESCE(SUM(f.size), 0) FROM files f WHERE f.meetingID = m.id) AS BIGINT) AS octets
                FROM meetings m WHERE m.state = 'sealed' \(only) AND (
                    COALESCE(m.verifiedAt, m.sealedAt) <= \(due) OR (m.damagedFiles > 0 AND m.verifiedAt <= \(dueAgain)))
                    AND m.id NOT IN (SELECT meetingID FROM fixityFindings WHERE failure IS NOT NULL AND at > \(failedSince))
                ORDER BY COALESCE(m.verifiedAt, m.sealedAt), m.id LIMIT \(limit)
                """
            ).map { DuePackage(id: $0["id"], octets: $0["octets"]) }
        }
    }

    /// - Parameter progress: octets of the first pass.
    func check(
        _ meeting: MeetingRecord, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ArchiveError) -> FixityOutcome {
        let began = ContinuousClock.now
        let octets = Octets()
        func check(_ finding: FixityFinding?) -> FixityCheck {
            FixityCheck(
                octets: octets.sum, milliseconds: Int64((ContinuousClock.now - began) / .milliseconds(1)),
                finding: finding)
        }
        do throws(ArchiveError) {
            let outcome = try await lookAfter(meeting, octets, progress)
            try await enter(check(finding(of: outcome)))
            return outcome
        } catch .cancelled {
            throw .cancelled
        } catch {
            // Of what was destroyed meanwhile there is nothing to report.
            if try await !isDestroyed(meeting.id) { try await enter(check(finding(of: error, meeting))) }
            throw error
        }
    }

    /// How many were read, in all passes.
    private final class Octets: Sendable {
        private let state = Mutex((before: Int64(0), now: Int64(0)))
        var sum: Int64 { state.withLock { $0.before + $0.now } }
        func set(_ done: Int64) { state.withLock { $0.now = done } }
        func nextPass() { state.withLock { $0 = ($0.before + $0.now, 0) } }
    }

    private func lookAfter(
        _ meeting: MeetingRecord, _ octets: Octets, _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ArchiveError) -> FixityOutcome {
        let found = try await verify(meeting, on: checking, octetsPerSecond: fixity.octetsPerSecond) {
            octets.set($0.doneBytes)
            progress($0.doneBytes)
        }
        octets.nextPass()
        var outcome = FixityOutcome(meetingID: meeting.id, found: found, restored: [], now: found)
        guard let second else { return outcome }
        if !found.damaged.isEmpty {
            (outcome.restored, outcome.hindrances) = try await restore(found.damaged, of: meeting, from: second.store)
            if !outcome.restored.isEmpty {
                outcome.now = try await verify(meeting, on: checking, octetsPerSecond: fixity.octetsPerSecond) {
                    octets.set($0.doneBytes)
                }
            }
        }
        if second.isReadAgain, outcome.now.isIntact {
            try await enqueue(.secondCopy, for: meeting.id, maximumAttempts: Self.secondCopyAttempts)
        }
        return outcome
    }
}
