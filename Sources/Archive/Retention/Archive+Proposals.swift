import Foundation
import SQLDatabase
import Vietnamese

/// Proposals to destroy, and their review.
extension Archive {
    /// What stands in the way of these meetings' destruction now; nothing of those that nothing does.
    public func obstacles(
        to meetings: [String], for proposal: Int64? = nil
    ) async throws(ArchiveError) -> [String: [RetentionObstacle]] {
        guard (1...DestructionProposal.mostMeetings).contains(meetings.count) else { throw .retention(.unusableList) }
        let moment = now()
        return try await read { [retention] db in
            try Self.standings(of: meetings, retention, db).compactMapValues {
                let found = $0.obstacles(at: moment, for: proposal)
                return found.isEmpty ? nil : found
            }
        }
    }

    /// Proposes that these meetings be destroyed.
    public func proposeDestruction(
        of meetings: [String], reason: String, by officer: RetentionOfficer
    ) async throws(ArchiveError) -> DestructionProposal {
        let moment = now().roundedToMillisecond
        return try await write { [retention] db in
            guard meetings.count <= DestructionProposal.mostMeetings else { throw RetentionFault.unusableList }
            var proposal = try DestructionProposal(
                id: 0, of: meetings, reason: VietnameseText.stored(reason), by: officer, at: moment,
                try Self.standings(of: meetings, retention, db))
            proposal.id = try db.insert(
                sql: """
                    INSERT INTO proposals (state, reason, proposerID, proposerName, proposedAt) VALUES (?, ?, ?, ?, ?)
                    RETURNING id
                    """,
                arguments: [
                    proposal.state.rawValue, proposal.reason, officer.id, officer.name, IndochinaTime.text(moment),
                ])
            for meeting in meetings {
                try db.execute(
                    sql: "INSERT INTO proposalMeetings (proposalID, meetingID) VALUES (?, ?)",
                    arguments: [proposal.id, meeting])
            }
            return proposal
        }
    }

    /// Decides on a proposal. What is approved counts as destroyed from then on; `carryOutDestructions` does the work.
    @discardableResult
    public func review(
        proposal number: Int64, _ step: DestructionReview, by officer: RetentionOfficer
    ) async throws(ArchiveError) -> DestructionProposal {
        let moment = now().roundedToMillisecond
        return try await write { [retention] db in
            var proposal = try Self.proposal(number, db)
            let standings = try Self.standings(of: proposal.meetings, retention, db)
            switch step {
            case .approve(let document):
                let document = VietnameseText.stored(document)
                try proposal.take(.approve(by: officer, document: document, at: moment), standings)
                try Self.markDestroyed(proposal, retention, at: moment, db)
            case .refuse(let reason):
                let reason = VietnameseText.stored(reason)
                try proposal.take(.refuse(by: officer, reason: reason, at: moment), standings)
            case .withdraw(let isAdministrator):
                try proposal.take(.withdraw(by: officer, isAdministrator: isAdministrator, at: moment), standings)
            }
            try Self.update(proposal, db)
            return proposal
        }
    }

    public func proposal(_ number: Int64) async throws(ArchiveError) -> DestructionProposal {
        try await read { db in try Self.proposal(number, db) }
    }

    /// The newest proposals, at most `limit`.
    ///
    /// - Parameter states: all where empty.
    public func proposals(
        in states: Set<DestructionProposal.State> = [], limit: Int = 100
    ) async throws(ArchiveError) -> [DestructionProposal] {
        let wanted = (states.isEmpty ? Set(DestructionProposal.State.allCases) : states).map(\.rawValue)
        return try await read { db in
            let request: SQL = """
                SELECT id FROM proposals WHERE state IN \(wanted) ORDER BY id DESC LIMIT \(min(500, max(1, limit)))
                """
            return try Int64.fetchAll(db, request).map { try Self.proposal($0, db) }
        }
    }

    private static func markDestroyed(
        _ proposal: DestructionProposal, _ table: RetentionTable, at moment: Date, _ db: SQLConnection
    ) throws {
        for id in proposal.meetings {
            var meeting = try meeting(id, db)
            let row = table.retentionClass(of: meeting)
            let clock = RetentionClock(endedAt: meeting.closedAt ?? meeting.openedAt)
            try meeting.move(to: .destroyed)
            meeting.destroyedAt = moment
            try meeting.update(db)
            try db.execute(
                sql: """
                    UPDATE proposalMeetings SET classCode = ?, classNames = ?, keptUntil = ?
                    WHERE proposalID = ? AND meetingID = ?
                    """,
                arguments: [
                    row.code, "\(row.vietnamese) / \(row.english)", clock.keptUntil(row.term), proposal.id, id,
                ])
        }
    }

    static func update(_ proposal: DestructionProposal, _ db: SQLConnection) throws {
        try db.execute(
            sql: """
                UPDATE proposals SET state = ?, reviewerID = ?, reviewerName = ?, reviewedAt = ?, verdict = ?,
                carriedOutAt = ? WHERE id = ?
                """,
            arguments: [
                proposal.state.rawValue, proposal.reviewer?.id, proposal.reviewer?.name,
                proposal.reviewedAt.map(IndochinaTime.text), proposal.verdict,
                proposal.carriedOutAt.map(IndochinaTime.text), proposal.id,
            ])
    }

    static func proposal(_ number: Int64, _ db: SQLConnection) throws -> DestructionProposal {
        guard let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM proposals WHERE id = ?", arguments: [number]),
            let state = DestructionProposal.State(rawValue: row["state"]),
            let proposedAt = IndochinaTime.date(from: row["proposedAt"])
        else { throw RetentionFault.unknownProposal(number) }
        let reviewerID: String? = row["reviewerID"]
        let reviewerName: String? = row["reviewerName"]
        return DestructionProposal(
            id: number,
            meetings: try String.fetchAll(
                db, sql: "SELECT meetingID FROM proposalMeetings WHERE proposalID = ? ORDER BY meetingID",
                arguments: [number]),
            reason: row["reason"], proposer: RetentionOfficer(id: row["proposerID"], name: row["proposerName"]),
            proposedAt: proposedAt, state: state,
            reviewer: reviewerID.map { RetentionOfficer(id: $0, name: reviewerName ?? "") },
            reviewedAt: (row["reviewedAt"] as String?).flatMap(IndochinaTime.date(from:)), verdict: row["verdict"],
            carriedOutAt: (row["carriedOutAt"] as String?).flatMap(IndochinaTime.date(from:)))
    }

    private static func standings(
        of meetings: [String], _ table: RetentionTable, _ db: SQLConnection
    ) throws -> [String: RetentionStanding] {
        var standings: [String: RetentionStanding] = [:]
        for id in meetings { standings[id] = try dossier(of: try meeting(id, db), table, db).standing }
        return standings
    }
}

/// What somebody decides on a proposal.
public enum DestructionReview: Sendable, Equatable {
    /// By the decision with this number and date.
    case approve(document: String)
    case refuse(reason: String)
    case withdraw(isAdministrator: Bool)
}
