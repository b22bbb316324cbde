import Foundation
import SQLDatabase
import Vietnamese

/// The queue of work on packages: it outlives the daemon, and an attempt that fails is made again, later and later.
extension Archive {
    /// Puts a job in the queue; where one of this kind waits or runs for the meeting already, that one is returned.
    @discardableResult
    public func enqueue(
        _ kind: JobKind, for id: String, maximumAttempts: Int = 3
    ) async throws(ArchiveError) -> JobRecord {
        let moment = now().roundedToMillisecond
        return try await write { db in
            try Self.meeting(id, db).refuseDestroyed()
            let active = try JobRecord.fetchOne(
                db, sql: "SELECT * FROM jobs WHERE meetingID = ? AND kind = ? AND state IN ('queued', 'running')",
                arguments: [id, kind.rawValue])
            if let active { return active }
            let number = try db.insert(
                sql: """
                    INSERT INTO jobs
                        (meetingID, kind, state, progress, attempts, maximumAttempts, enqueuedAt, notBefore)
                    VALUES (?, ?, 'queued', 0, 0, ?, ?, ?) RETURNING id
                    """,
                arguments: [
                    id, kind.rawValue, max(1, maximumAttempts), IndochinaTime.text(moment), IndochinaTime.text(moment),
                ])
            return try Self.job(number, db)
        }
    }

    /// Takes the job that has waited longest and is due, and counts the attempt; nil when there is none. The meeting of
    /// a `.compose` job is `.composing` from now on. Of bridges that share the archive each takes another, and waits for none of them.
    public func claimNextJob(_ kinds: Set<JobKind> = [.compose]) async throws(ArchiveError) -> JobRecord? {
        let moment = now().roundedToMillisecond
        let kinds = kinds.map(\.rawValue).sorted()
        let claimed = try await writeBeside { [bridge] db -> JobRecord? in
            // No pause is longer than an hour: what lies further ahead was written by a clock that was wrong, and a first attempt waits for nothing.
            let due: SQL = """
                SELECT * FROM jobs WHERE state = 'queued' AND kind IN \(kinds)
                AND (startedAt IS NULL OR notBefore <= \(IndochinaTime.text(moment))
                    OR notBefore > \(IndochinaTime.text(moment + 3_600)))
                ORDER BY notBefore, id LIMIT 1\(db.dialect == .postgres ? " FOR UPDATE SKIP LOCKED" as SQL : "")
                """
            guard var job = try JobRecord.fetchOne(db, due) else { return nil }
            job.bridge = bridge
            job.state = .running
            job.attempts += 1
            job.progress = 0
            job.keptBefore = job.kept
            job.startedAt = moment
            job.finishedAt = nil
            try job.update(db)
            if job.kind == .compose {
                var meeting = try Self.meeting(job.meetingID, db)
                try meeting.move(to: .composing)
                try meeting.update(db)
            }
            return job
        }
        if let claimed { forgetPace(of: claimed.id) }
        return claimed
    }

    private func forgetPace(of job: Int64) { paces.withLock { $0[job] = nil } }

    /// Notes how far a running job is, 0 to 1, and what it says of its pace. Less than half a per cent more is not written, but for
    /// what it has `kept`: done for good, of which the next attempt makes use.
    public func updateJob(
        _ id: Int64, progress: Double, kept: Double? = nil, remainingSeconds: TimeInterval? = nil, rate: Double? = nil
    ) async throws(ArchiveError) {
        guard progress.isFinite else { return }
        if let remainingSeconds, remainingSeconds.isFinite, progress < 1 {
            let pace = JobPace(at: now(), remainingSeconds: remainingSeconds, rate: rate)
            paces.withLock { $0[id] = pace }
        }
        let progress = min(1, max(0, progress))
        try await writeBeside { [mine] db in
            try db.execute(
                """
                UPDATE jobs SET progress = \(progress)
                WHERE id = \(id) AND state = 'running' AND progress <= \(progress - 0.005) AND \(mine)
                """)
            guard let kept, (0...1).contains(kept) else { return }
            try db.execute(
                "UPDATE jobs SET kept = \(kept) WHERE id = \(id) AND state = 'running' AND kept < \(kept) AND \(mine)")
        }
    }

    /// The job is done. Its meeting waits for the seal now.
    public func finishJob(_ id: Int64) async throws(ArchiveError) {
        let moment = now().roundedToMillisecond
        try await write { [self] db in
            var job = try ownJob(id, db)
            job.state = .finished
            job.progress = 1
            job.error = nil
            job.finishedAt = moment
            try job.update(db)
        }
        forgetPace(of: id)
    }

    /// The attempt failed. The job waits for its next one (30 s, 60 s, 120 s, …, at most an hour), or, after the last
    /// one or where another would not help, is failed, and so is its meeting, with a note.
    @discardableResult
    public func failJob(
        _ id: Int64, error: String, retry: Bool = true
    ) async throws(ArchiveError) -> JobRecord {
        let moment = now().roundedToMillisecond
        let error = VietnameseText.stored(String(error.prefix(2000)))
        defer { forgetPace(of: id) }
        return try await write { [self] db in
            var job = try ownJob(id, db)
            job.error = error
            job.forgiveAttempt()
            if retry, job.attempts < job.maximumAttempts {
                job.state = .queued
                let delay = min(3600, 30 * pow(2, Double(min(20, max(0, job.attempts - 1)))))
                job.notBefore = moment.addingTimeInterval(delay)
            } else {
                try Self.giveUp(&job, at: moment, db)
            }
            try job.update(db)
            return job
        }
    }

    /// Puts a running job back without counting the attempt: the daemon stops in order.
    public func releaseJob(_ id: Int64) async throws(ArchiveError) {
        try await write { [self] db in
            var job = try ownJob(id, db)
            guard job.state == .running else { return }
            job.state = .queued
            job.progress = 0
            job.attempts -= 1
            try job.update(db)
        }
    }

    /// Every job of a meeting, oldest first.
    public func jobs(of id: String) async throws(ArchiveError) -> [JobRecord] {
        withPaces(
            try await read { db in
                try Self.jobs(of: id, db)
            })
    }

    static func jobs(of id: String, _ db: SQLConnection) throws -> [JobRecord] {
        try JobRecord.fetchAll(db, sql: "SELECT * FROM jobs WHERE meetingID = ? ORDER BY id", arguments: [id])
    }

    /// What no longer runs has no pace.
    func withPaces(_ jobs: [JobRecord]) -> [JobRecord] {
        paces.withLock { paces in
            jobs.map { job in
                var job = job
                if job.state == .running { job.pace = paces[job.id] } else { paces[job.id] = nil }
                return job
            }
        }
    }

    /// The jobs that wait or run, oldest first, at most `limit`.
    public func activeJobs(limit: Int = 100) async throws(ArchiveError) -> [JobRecord] {
        withPaces(
            try await read { db in
                try JobRecord.fetchAll(
                    db, sql: "SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY id LIMIT ?",
                    arguments: [limit])
            })
    }

    /// Jobs that ran when the daemon went down wait again; one that went down with its last attempt, and had got no further in it, is
    /// failed.
    /// - Parameter bridge: whose jobs, where several share the archive.
    static func requeueInterruptedJobs(of bridge: String?, _ db: SQLConnection, at moment: Date) throws {
        let interrupted = try JobRecord.fetchAll(
            db, sql: "SELECT * FROM jobs WHERE state = 'running' AND bridge IS NOT DISTINCT FROM ? ORDER BY id",
            arguments: [bridge])
        for var job in interrupted {
            job.error = "the daemon stopped in the middle of attempt \(job.attempts)"
            job.forgiveAttempt()
            job.bridge = nil
            if job.attempts < job.maximumAttempts {
                job.state = .queued
                job.progress = 0
                job.notBefore = moment.roundedToMillisecond
            } else {
                try giveUp(&job, at: moment.roundedToMillisecond, db)
            }
            try job.update(db)
        }
    }

    private static func giveUp(_ job: inout JobRecord, at moment: Date, _ db: SQLConnection) throws {
        job.state = .failed
        job.finishedAt = moment
        // What became of a grant's copy stands on the grant.
        guard job.grantID == nil else { return }
        var meeting = try meeting(job.meetingID, db)
        if meeting.state.canBecome(.failed) {
            meeting.state = .failed
            try meeting.update(db)
        }
        let attempts = job.attempts == 1 ? "1 attempt" : "\(job.attempts) attempts"
        let text = "job \(job.kind.rawValue) given up after \(attempts): \(job.error ?? "no reason given")"
        try noteOnce(job.meetingID, at: moment, .fault, text, db)
    }

    /// A job that another bridge took back runs there, or will.
    private func ownJob(_ id: Int64, _ db: SQLConnection) throws -> JobRecord {
        let job = try Self.job(id, db)
        if let bridge, job.bridge != bridge || job.state != .running {
            throw ArchiveError.busyElsewhere(meeting: job.meetingID)
        }
        return job
    }

    private static func job(_ id: Int64, _ db: SQLConnection) throws -> JobRecord {
        guard let job = try JobRecord.fetchOne(db, key: id) else { throw ArchiveError.unknownJob(id) }
        return job
    }
}
