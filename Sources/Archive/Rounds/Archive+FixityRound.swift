import SQLDatabase

/// What came of one package in a round.
public enum FixityStep: Sendable {
    case checked(FixityOutcome)
    case unread(meeting: String, ArchiveError)
}

/// What a round of checks came to, and what is wrong in the archive after it.
public struct FixityRoundOutcome: Sendable, Equatable {
    /// Read whole and compared, in this round.
    public var packages = 0
    /// Of those: whole again, by the second location's copy.
    public var restored: [String] = []
    /// Meetings whose packages are damaged still, whichever round found it.
    public var damaged: [String] = []
    /// Meetings whose packages could not be read when they were due last.
    public var unread: [String] = []
    /// Another bridge is at it, and this one ended early.
    public var isElsewhere = false
    public init() {}
}

extension Archive {
    /// Checks each package that is due now, the oldest first, and returns when that is done. One that cannot be read holds no other up.
    /// Who calls while a round goes on waits for that one.
    public func checkDuePackages(
        progress: @escaping @Sendable (RoundProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> FixityRoundOutcome {
        try await fixityRound.run(looksAgain: false, watcher: progress) { tell async throws(ArchiveError) in
            try await self.checkRound(tell)
        }
    }

    private func checkRound(
        _ tell: @escaping @Sendable (RoundProgress) -> Void
    ) async throws(ArchiveError) -> FixityRoundOutcome {
        let due = try await duePackages()
        let start = RoundProgress(
            meetings: 0, totalMeetings: due.count, totalOctets: due.reduce(0) { $0 &+ $1.octets })
        var progress = start
        tell(progress)
        var outcome = FixityRoundOutcome()
        for package in due {
            let before = progress
            let step = try await checkIfDue(package) { done in
                var now = before
                now.octets += min(done, package.octets)
                tell(now)
            }
            progress.meetings += 1
            progress.octets += package.octets
            tell(progress)
            switch step {
            case .elsewhere: outcome.isElsewhere = true
            case .notDue: continue
            case .done(let step):
                hooks.withLock { $0.checked }(step)
                guard case .checked(let checked) = step else { continue }
                outcome.packages += 1
                if !checked.found.isIntact, checked.now.isIntact { outcome.restored.append(checked.meetingID) }
            }
            if outcome.isElsewhere { break }
        }
        if !outcome.isElsewhere { try await endFixityRun() }
        (outcome.damaged, outcome.unread) = try await faultyPackages()
        return outcome
    }

    private enum Turn {
        case done(FixityStep)
        /// Somebody verified or destroyed it meanwhile.
        case notDue
        case elsewhere
    }

    private func checkIfDue(
        _ package: DuePackage, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ArchiveError) -> Turn {
        try await alone("fixity", idle: .elsewhere) { () async throws(ArchiveError) in
            guard try await !duePackages(only: package.id).isEmpty, let meeting = try await find(package.id) else {
                return .notDue
            }
            do throws(ArchiveError) {
                return .done(.checked(try await check(meeting, progress: progress)))
            } catch .cancelled {
                throw .cancelled
            } catch {
                if try await isDestroyed(package.id) { return .notDue }
                return .done(.unread(meeting: package.id, error))
            }
        }
    }

    private func faultyPackages() async throws(ArchiveError) -> (damaged: [String], unread: [String]) {
        try await read { db in
            let damaged = try String.fetchAll(
                db, sql: "SELECT id FROM meetings WHERE state = 'sealed' AND damagedFiles > 0 ORDER BY id")
            let unread = try String.fetchAll(
                db,
                sql: """
                    SELECT id FROM meetings m WHERE state = 'sealed' AND EXISTS (
                        SELECT 1 FROM fixityFindings f WHERE f.meetingID = m.id AND f.failure IS NOT NULL
                        AND f.at > COALESCE(m.verifiedAt, m.sealedAt)) ORDER BY id
                    """)
            return (damaged, unread)
        }
    }
}
