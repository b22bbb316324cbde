import Foundation
import SQLDatabase
import Vietnamese

extension Archive {
    static let mostFixityRuns = 1000
    private static let mostTold = 200
    private static let longestTold = 500

    /// Reports of what looking after packages came to, the newest first.
    /// - Parameters:
    ///   - limit: 1 to 1000.
    ///   - before: older than this one alone.
    public func fixityRuns(limit: Int = 30, before: Int64? = nil) async throws(ArchiveError) -> [FixityRun] {
        try await read { db in
            try FixityRun.fetchAll(
                db, sql: "SELECT * FROM fixityRuns WHERE id < ? ORDER BY id DESC LIMIT ?",
                arguments: [before ?? .max, min(max(limit, 1), Self.mostFixityRuns)])
        }
    }

    /// One of them, with what was wrong, in order of time; nil where there is none.
    public func fixityRun(_ id: Int64) async throws(ArchiveError) -> (run: FixityRun, findings: [FixityFinding])? {
        try await read { db in
            guard let run = try FixityRun.fetchOne(db, key: id) else { return nil }
            let findings = try FixityFinding.fetchAll(
                db, sql: "SELECT * FROM fixityFindings WHERE runID = ? ORDER BY id", arguments: [id])
            return (run, findings)
        }
    }

    /// What a check adds to its run.
    struct FixityCheck: Sendable {
        var octets: Int64
        var milliseconds: Int64
        /// Nil where nothing was wrong. Its run is not known yet.
        var finding: FixityFinding?
    }

    /// Enters a check into the run that goes on, or of the same day; otherwise it begins one. That a full disk has no room for the report
    /// keeps nothing from being looked after.
    func enter(_ check: FixityCheck) async throws(ArchiveError) {
        let (moment, rate) = (now().roundedToMillisecond, fixity.octetsPerSecond)
        do throws(ArchiveError) {
            try await write { db in
                var run = try Self.openRun(db, at: moment, octetsPerSecond: rate)
                run.octets += check.octets
                run.milliseconds += check.milliseconds
                if var finding = check.finding {
                    finding.runID = run.id
                    if finding.failure == nil { run.damaged += 1 } else { run.unread += 1 }
                    if finding.failure == nil, finding.isWhole { run.restored += 1 }
                    try finding.insert(db)
                }
                if check.finding?.failure == nil { run.packages += 1 }
                try run.update(db)
            }
        } catch .readOnly, .diskFull {}
    }

    /// Nothing more is due.
    func endFixityRun() async throws(ArchiveError) {
        let moment = now().roundedToMillisecond
        do throws(ArchiveError) {
            try await write { db in
                try db.execute(
                    sql: "UPDATE fixityRuns SET endedAt = ? WHERE endedAt IS NULL",
                    arguments: [IndochinaTime.text(moment)])
            }
        } catch .readOnly, .diskFull {}
    }

    private static func openRun(_ db: SQLConnection, at moment: Date, octetsPerSecond: Int) throws -> FixityRun {
        if var last = try FixityRun.fetchOne(db, sql: "SELECT * FROM fixityRuns ORDER BY id DESC LIMIT 1"),
            last.endedAt == nil || IndochinaTime.day(last.startedAt) == IndochinaTime.day(moment)
        {
            (last.endedAt, last.octetsPerSecond) = (nil, octetsPerSecond)
            return last
        }
        let row = try SQLRow.fetchOne(
            db, sql: "INSERT INTO fixityRuns (startedAt, octetsPerSecond) VALUES (?, ?) RETURNING *",
            arguments: [IndochinaTime.text(moment), octetsPerSecond])
        guard let run = try row.map(FixityRun.init) else { throw SQLDatabaseError.corrupt(reason: "no run was made") }
        try db.execute(sql: "DELETE FROM fixityRuns WHERE id <= ?", arguments: [run.id - Int64(mostFixityRuns)])
        return run
    }

    /// What is to be told of a package that was not whole; nil where it was.
    func finding(of outcome: FixityOutcome) -> FixityFinding? {
        guard !outcome.found.isIntact else { return nil }
        let files = outcome.found.damaged.prefix(Self.mostTold).compactMap { file -> FixityFinding.Damage? in
            let path = Self.bounded([file.path])[0]
            return switch file.verdict {
            case .ok: nil
            case .changed: FixityFinding.Damage(path: path, verdict: .changed)
            case .missing: FixityFinding.Damage(path: path, verdict: .missing)
            case .extra: FixityFinding.Damage(path: path, verdict: .extra)
            case .unreadable(let reason): FixityFinding.Damage(path: path, verdict: .unreadable, reason: reason)
            }
        }
        return FixityFinding(
            id: nil, runID: 0, meetingID: outcome.meetingID, at: outcome.found.checkedAt,
            damaged: files, details: Self.bounded(outcome.found.findings.map(\.description)),
            restored: Self.bounded(outcome.restored), source: outcome.restored.isEmpty ? nil : second?.name,
            hindrances: Self.bounded(outcome.hindrances), failure: nil, isWhole: outcome.now.isIntact)
    }

    /// Of a package that could not be checked.
    func finding(of failure: ArchiveError, _ meeting: MeetingRecord) -> FixityFinding {
        FixityFinding(
            id: nil, runID: 0, meetingID: meeting.id, at: now().roundedToMillisecond, damaged: [], details: [],
            restored: [],
            source: nil, hindrances: [], failure: String(failure.description.prefix(Self.longestTold)), isWhole: false)
    }

    private static func bounded(_ lines: [String]) -> [String] {
        lines.prefix(mostTold).map { VietnameseText.stored(String($0.prefix(longestTold))) }
    }
}
