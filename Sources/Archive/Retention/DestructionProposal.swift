public import Foundation

/// Why something that is asked of retention is refused.
public enum RetentionFault: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownClass(String)
    case unknownHold(Int64)
    case alreadyReleased(Int64)
    case tooManyHolds
    case unknownProposal(Int64)
    /// A list of 1 to 500 meetings, each once.
    case unusableList
    /// A reason or document of 1 to 1000 characters is missing.
    case missing(String)
    case obstacles([String: [RetentionObstacle]])
    /// Who proposed does not review.
    case samePerson
    /// Nobody knows who it is.
    case anonymous
    case notTheProposer
    case decided(DestructionProposal.State)

    public var description: String {
        switch self {
        case .unknownClass(let code): "The retention table has no class \(ForeignText.quoted(code))."
        case .unknownHold(let number): "There is no hold \(number)."
        case .alreadyReleased(let number): "Hold \(number) was released already."
        case .tooManyHolds: "The meeting has as many holds as there may be; release one first."
        case .unknownProposal(let number): "There is no proposal \(number)."
        case .unusableList: "A proposal names 1 to \(DestructionProposal.mostMeetings) meetings, each once."
        case .missing(let what): "\(what) is needed, of 1 to \(DestructionProposal.longestText) characters."
        case .obstacles(let found):
            found.sorted { $0.key < $1.key }.prefix(20).map { id, obstacles in
                "\(id) cannot be destroyed: \(obstacles.map(\.description).joined(separator: ", "))"
            }.joined(separator: "; ") + "."
        case .samePerson: "Who proposed a destruction does not review it; another person has to."
        case .anonymous: "Two persons decide on a destruction, so this needs somebody who signed in, or a token."
        case .notTheProposer: "Only who proposed it, or an administrator, withdraws a proposal."
        case .decided(let state): "The proposal is \(state.rawValue) already."
        }
    }
}

/// A proposal to destroy meetings: one person makes it, another reviews it. What was approved is carried out, and cannot be taken
/// back.
public struct DestructionProposal: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        case proposed
        /// The two persons agree; it is being carried out.
        case approved
        case refused, withdrawn
        /// Carried out.
        case destroyed
    }

    /// What happens to it.
    public enum Step: Sendable, Equatable {
        /// - Parameter document: number and date of the decision.
        case approve(by: RetentionOfficer, document: String, at: Date)
        case refuse(by: RetentionOfficer, reason: String, at: Date)
        case withdraw(by: RetentionOfficer, isAdministrator: Bool, at: Date)
        case carryOut(at: Date)
    }

    static let mostMeetings = 500
    static let longestText = 1000

    public internal(set) var id: Int64
    public let meetings: [String]
    public let reason: String
    public let proposer: RetentionOfficer
    public let proposedAt: Date
    public internal(set) var state: State = .proposed
    /// Who approved, refused or withdrew it.
    public internal(set) var reviewer: RetentionOfficer?
    public internal(set) var reviewedAt: Date?
    /// Of the decision, where it was approved; the reason, where it was refused.
    public internal(set) var verdict: String?
    public internal(set) var carriedOutAt: Date?

    /// Restores what was kept.
    init(
        id: Int64, meetings: [String], reason: String, proposer: RetentionOfficer, proposedAt: Date, state: State,
        reviewer: RetentionOfficer?, reviewedAt: Date?, verdict: String?, carriedOutAt: Date?
    ) {
        self.id = id
        self.meetings = meetings
        self.reason = reason
        self.proposer = proposer
        self.proposedAt = proposedAt
        self.state = state
        self.reviewer = reviewer
        self.reviewedAt = reviewedAt
        self.verdict = verdict
        self.carriedOutAt = carriedOutAt
    }

    /// Proposes; `standings` are the meetings'.
    public init(
        id: Int64, of meetings: [String], reason: String, by proposer: RetentionOfficer, at time: Date,
        _ standings: [String: RetentionStanding]
    ) throws(RetentionFault) {
        guard (1...Self.mostMeetings).contains(meetings.count), Set(meetings).count == meetings.count else {
            throw .unusableList
        }
        self.id = id
        self.meetings = meetings
        self.reason = try Self.text(reason, "A reason")
        self.proposer = proposer
        proposedAt = time
        try check(standings, at: time)
    }

    /// Takes a step, or says why it is not taken; then nothing has changed.
    public mutating func take(_ step: Step, _ standings: [String: RetentionStanding]) throws(RetentionFault) {
        switch step {
        case .approve(let officer, let document, let time):
            try review(by: officer)
            let document = try Self.text(document, "Number and date of the decision")
            try check(standings, at: time)
            close(.approved, officer, time, document)
        case .refuse(let officer, let reason, let time):
            try review(by: officer)
            close(.refused, officer, time, try Self.text(reason, "A reason"))
        case .withdraw(let officer, let isAdministrator, let time):
            guard state == .proposed else { throw .decided(state) }
            guard isAdministrator || officer.id == proposer.id else { throw .notTheProposer }
            close(.withdrawn, officer, time, nil)
        case .carryOut(let time):
            guard state == .approved else { throw .decided(state) }
            state = .destroyed
            carriedOutAt = time
        }
    }

    private func review(by officer: RetentionOfficer) throws(RetentionFault) {
        guard state == .proposed else { throw .decided(state) }
        guard !officer.isPerhaps(proposer) else { throw .samePerson }
    }

    private mutating func close(_ state: State, _ officer: RetentionOfficer, _ time: Date, _ verdict: String?) {
        self.state = state
        reviewer = officer
        reviewedAt = time
        self.verdict = verdict
    }

    /// A meeting that nothing is known of is not sealed.
    private func check(_ standings: [String: RetentionStanding], at time: Date) throws(RetentionFault) {
        var found: [String: [RetentionObstacle]] = [:]
        for meeting in meetings {
            let obstacles = standings[meeting]?.obstacles(at: time, for: id) ?? [.notSealed]
            if !obstacles.isEmpty { found[meeting] = obstacles }
        }
        guard found.isEmpty else { throw .obstacles(found) }
    }

    static func text(_ text: String, _ name: String) throws(RetentionFault) -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...longestText).contains(text.count), text.utf8.count <= 4 * longestText else { throw .missing(name) }
        return text
    }
}
