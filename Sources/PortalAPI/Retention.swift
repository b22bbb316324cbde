import Foundation

/// What retention has on a recording: `GET /api/v1/recordings/ID/retention`. Days are text, `2036-12-31`, the last one each.
public struct RetentionStatus: Codable, Sendable, Equatable {
    public struct Class: Codable, Sendable, Equatable {
        public var code: String
        /// Nil for ever.
        public var years: Int?
        public var vietnamese: String
        public var english: String
        public init(code: String, years: Int?, vietnamese: String, english: String) {
            self.code = code
            self.years = years
            self.vietnamese = vietnamese
            self.english = english
        }
    }

    public struct Hold: Codable, Sendable, Equatable {
        public var id: Int64
        public var reason: String
        public var document: String?
        public var placedBy: String
        public var placedAt: Date
        public var releasedBy: String?
        /// Nil while it is in force.
        public var releasedAt: Date?
        public var releaseReason: String?
        public init(
            id: Int64, reason: String, document: String?, placedBy: String, placedAt: Date, releasedBy: String?,
            releasedAt: Date?, releaseReason: String?
        ) {
            self.id = id
            self.reason = reason
            self.document = document
            self.placedBy = placedBy
            self.placedAt = placedAt
            self.releasedBy = releasedBy
            self.releasedAt = releasedAt
            self.releaseReason = releaseReason
        }
    }

    /// A submission that the law asks for.
    public struct Submission: Codable, Sendable, Equatable {
        /// `current`, `historical`.
        public var archive: String
        public var due: String
        /// Nil while it was not.
        public var submittedAt: Date?
        public var document: String?
        public init(archive: String, due: String, submittedAt: Date?, document: String?) {
            self.archive = archive
            self.due = due
            self.submittedAt = submittedAt
            self.document = document
        }
    }

    public var recording: String
    public var title: String
    public var state: String
    public var retentionClass: Class
    public var endedYear: Int
    /// Nil for ever.
    public var keptUntil: String?
    public var holds: [Hold]
    public var submissions: [Submission]
    /// The proposal to destroy it that is not decided.
    public var proposal: Int64?
    public var destroyedAt: Date?
    /// What there is of the certificate of a destroyed one: names at `GET /api/v1/recordings/ID/destruction/NAME`.
    public var certificate: [String]?

    public init(
        recording: String, title: String, state: String, retentionClass: Class, endedYear: Int, keptUntil: String?,
        holds: [Hold], submissions: [Submission], proposal: Int64?, destroyedAt: Date?, certificate: [String]? = nil
    ) {
        self.recording = recording
        self.title = title
        self.state = state
        self.retentionClass = retentionClass
        self.endedYear = endedYear
        self.keptUntil = keptUntil
        self.holds = holds
        self.submissions = submissions
        self.proposal = proposal
        self.destroyedAt = destroyedAt
        self.certificate = certificate
    }
}

/// `GET /api/v1/retention?choice=all|due|clocks|held&limit=&after=`.
public struct RetentionList: Codable, Sendable, Equatable {
    public var recordings: [RetentionStatus]
    public var next: String?
    /// The retention table.
    public var classes: [RetentionStatus.Class]
    /// The code of the class of those that nobody gave another.
    public var standard: String
    public init(recordings: [RetentionStatus], next: String?, classes: [RetentionStatus.Class], standard: String) {
        self.recordings = recordings
        self.next = next
        self.classes = classes
        self.standard = standard
    }
}

/// `GET /api/v1/retention/classes`.
public struct RetentionClasses: Codable, Sendable, Equatable {
    public var classes: [RetentionStatus.Class]
    /// The code of the class of those that nobody gave another.
    public var standard: String
    public init(classes: [RetentionStatus.Class], standard: String) {
        self.classes = classes
        self.standard = standard
    }
}

/// A proposal to destroy recordings.
public struct DestructionStatus: Codable, Sendable, Equatable {
    public var id: Int64
    /// Those that the visitor may know of.
    public var recordings: [String]
    /// Of those.
    public var titles: [String: String]
    /// How many it names beside those.
    public var hidden: Int
    public var reason: String
    /// `proposed`, `approved`, `refused`, `withdrawn`, `destroyed`.
    public var state: String
    public var proposer: String
    public var proposedAt: Date
    public var reviewer: String?
    public var reviewedAt: Date?
    /// Number and date of the decision, or why it was refused.
    public var verdict: String?
    public var destroyedAt: Date?
    public init(
        id: Int64, recordings: [String], titles: [String: String], hidden: Int, reason: String, state: String,
        proposer: String,
        proposedAt: Date, reviewer: String?, reviewedAt: Date?, verdict: String?, destroyedAt: Date?
    ) {
        self.id = id
        self.recordings = recordings
        self.titles = titles
        self.hidden = hidden
        self.reason = reason
        self.state = state
        self.proposer = proposer
        self.proposedAt = proposedAt
        self.reviewer = reviewer
        self.reviewedAt = reviewedAt
        self.verdict = verdict
        self.destroyedAt = destroyedAt
    }
}

/// What is sent to the routes of retention.
public enum RetentionOrder {
    /// `PUT /recordings/ID/retention`.
    public struct Class: Codable, Sendable {
        /// Its code; nil for the standard class.
        public var code: String?
        public init(code: String?) { self.code = code }
        private enum CodingKeys: String, CodingKey { case code = "class" }
    }

    /// `POST /recordings/ID/holds`, and `…/holds/N/release` without a document.
    public struct Hold: Codable, Sendable {
        public var reason: String
        public var document: String?
        public init(reason: String, document: String? = nil) {
            self.reason = reason
            self.document = document
        }
    }

    /// `PUT /recordings/ID/submissions/current` or `…/historical`.
    public struct Submission: Codable, Sendable {
        public var document: String
        public init(document: String) { self.document = document }
    }

    /// `POST /retention/proposals`, and `…/proposals/judge` without a reason.
    public struct Proposal: Codable, Sendable {
        public var meetings: [String]
        public var reason: String?
        public init(meetings: [String], reason: String? = nil) {
            self.meetings = meetings
            self.reason = reason
        }
    }

    /// `POST /retention/proposals/N/review`.
    public struct Review: Codable, Sendable {
        public enum Verdict: String, Codable, Sendable, CaseIterable { case approve, refuse }
        public var verdict: Verdict
        /// Number and date of the decision; with `refuse`, the reason.
        public var text: String
        public init(verdict: Verdict, text: String) {
            self.verdict = verdict
            self.text = text
        }
    }
}

/// What stands in the way of destruction.
public struct DestructionJudgement: Codable, Sendable, Equatable {
    /// By recording, in words; empty where nothing does.
    public var obstacles: [String: [String]]
    public init(obstacles: [String: [String]]) { self.obstacles = obstacles }
}
