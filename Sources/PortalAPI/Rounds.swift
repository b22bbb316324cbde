import Foundation

/// How far a round is: `POST /api/v1/fixity/due`, `POST /api/v1/retention/due`.
public struct RoundStanding: Codable, Sendable, Equatable {
    /// Meetings that are through, of those that were due as it began.
    public var recordings: Int
    public var totalRecordings: Int
    /// Of octets to be read; 0 of 0 where none are.
    public var bytes: Int64
    public var totalBytes: Int64

    public init(recordings: Int, totalRecordings: Int, bytes: Int64, totalBytes: Int64) {
        self.recordings = recordings
        self.totalRecordings = totalRecordings
        self.bytes = bytes
        self.totalBytes = totalBytes
    }
}

/// A line of a round's answer: every line but the last has `progress`, the last has `outcome` or `failure`.
public struct RoundLine<Outcome: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    public var progress: RoundStanding?
    public var outcome: Outcome?
    public var failure: APIError?

    public init(progress: RoundStanding? = nil, outcome: Outcome? = nil, failure: APIError? = nil) {
        self.progress = progress
        self.outcome = outcome
        self.failure = failure
    }
}

/// Some of the archive's recordings: those that the reader may know, and how many there are.
public struct NamedRecordings: Codable, Sendable, Equatable {
    public var recordings: [String]
    public var count: Int

    public init(recordings: [String], count: Int) {
        self.recordings = recordings
        self.count = count
    }
}

/// What a round of checks came to, and what is wrong in the archive after it.
public struct FixityRoundResult: Codable, Sendable, Equatable {
    /// Read whole and compared, in this round.
    public var packages: Int
    /// Of those: damaged, and whole again by the second location's copy.
    public var restored: NamedRecordings
    /// Damaged still, whichever round found it.
    public var damaged: NamedRecordings
    /// Not readable when they were due last.
    public var unread: NamedRecordings
    /// Another bridge is at it, and this one ended early.
    public var isElsewhere: Bool

    public init(
        packages: Int, restored: NamedRecordings, damaged: NamedRecordings, unread: NamedRecordings, isElsewhere: Bool
    ) {
        self.packages = packages
        self.restored = restored
        self.damaged = damaged
        self.unread = unread
        self.isElsewhere = isElsewhere
    }
}

/// What a round of retention came to, and what waits after it.
public struct RetentionRoundResult: Codable, Sendable, Equatable {
    /// Whose payload is gone since.
    public var destroyed: NamedRecordings
    /// Whose destruction is approved, and could not be carried out.
    public var overdue: NamedRecordings
    /// Proposals that nobody decided on.
    public var proposals: Int
    /// Recordings whose term is over, and that nobody holds or proposed.
    public var over: Int
    /// Another bridge is at it, and this one did nothing.
    public var isElsewhere: Bool

    public init(
        destroyed: NamedRecordings, overdue: NamedRecordings, proposals: Int, over: Int, isElsewhere: Bool
    ) {
        self.destroyed = destroyed
        self.overdue = overdue
        self.proposals = proposals
        self.over = over
        self.isElsewhere = isElsewhere
    }
}
