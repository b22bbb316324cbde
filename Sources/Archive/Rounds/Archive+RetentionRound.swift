import SQLDatabase

/// What a round of retention came to, and what waits after it.
public struct RetentionRoundOutcome: Sendable, Equatable {
    /// Meetings whose payload is gone since.
    public var destroyed: [String] = []
    /// Meetings whose destruction is approved and could not be carried out: it is overdue.
    public var overdue: [String] = []
    /// Proposals that nobody decided on.
    public var proposals = 0
    /// Sealed meetings whose term is over, and that nobody holds or proposed.
    public var over = 0
    /// Another bridge is at it, and this one did nothing.
    public var isElsewhere = false
    public init() {}
}

extension Archive {
    /// Carries out what is approved, and counts what waits for persons. Who calls while another does waits for that one, and has it look again.
    public func carryOutRetention(
        progress: @escaping @Sendable (RoundProgress) -> Void = { _ in }
    ) async throws(ArchiveError) -> (outcome: RetentionRoundOutcome, failures: [String: ArchiveError]) {
        let carriedOut = try await carryOutDestructions(progress: progress)
        var outcome = RetentionRoundOutcome()
        outcome.destroyed = carriedOut.destroyed
        outcome.isElsewhere = carriedOut.isElsewhere
        outcome.overdue = carriedOut.failures.keys.sorted()
        outcome.proposals = try await read { db in
            try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM proposals WHERE state = 'proposed'") ?? 0
        }
        outcome.over = try await countOfOver()
        return (outcome, carriedOut.failures)
    }
}
