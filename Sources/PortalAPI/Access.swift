public import Foundation
import Vietnamese

/// What an agency asks for.
public struct AccessWish: Codable, Sendable, Equatable {
    /// Nil where the recording is only described.
    public var recording: String?
    public var description: String?
    /// A code of the national form; official duty where nothing is said.
    public var purpose: String?
    public var reason: String
    /// Seconds of the recording; all of it where nothing is said.
    public var from: Double?
    public var to: Double?
    public var wantsDownload: Bool?

    public init(
        recording: String? = nil, description: String? = nil, purpose: String? = nil, reason: String,
        from: Double? = nil, to: Double? = nil, wantsDownload: Bool? = nil
    ) {
        self.recording = recording
        self.description = description
        self.purpose = purpose
        self.reason = reason
        self.from = from
        self.to = to
        self.wantsDownload = wantsDownload
    }
}

/// What an archivist grants.
public struct AccessTerms: Codable, Sendable, Equatable {
    /// Where the request names none.
    public var recording: String?
    /// `reading`, `unauthenticated`, `authenticated`, `package`.
    public var level: String
    /// Seconds of the recording; all of it where nothing is said.
    public var from: Double?
    public var to: Double?
    public var validFrom: Date?
    public var validUntil: Date
    public var remark: String?

    public init(
        recording: String? = nil, level: String = "reading", from: Double? = nil, to: Double? = nil,
        validFrom: Date? = nil, validUntil: Date, remark: String? = nil
    ) {
        self.recording = recording
        self.level = level
        self.from = from
        self.to = to
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.remark = remark
    }
}

/// Why something is refused or taken back.
public struct AccessReason: Codable, Sendable, Equatable {
    public var reason: String
    public init(reason: String) { self.reason = reason }
}

/// A request as it stands.
public struct AccessRequestStatus: Codable, Sendable, Equatable {
    public var number: Int64
    /// `waiting`, `granted`, `refused`, `withdrawn`.
    public var state: String
    public var recording: String?
    /// Of the recording, for who may know it.
    public var title: String?
    public var description: String
    public var purpose: String
    public var reason: String
    public var from: Double?
    public var to: Double?
    public var wantsDownload: Bool
    public var requester: String
    public var requesterName: String
    public var agency: String
    public var requestedAt: Date
    public var decidedBy: String?
    public var decidedAt: Date?
    public var remark: String?

    public init(
        number: Int64, state: String, recording: String?, title: String?, description: String, purpose: String,
        reason: String, from: Double?, to: Double?, wantsDownload: Bool, requester: String, requesterName: String,
        agency: String, requestedAt: Date, decidedBy: String?, decidedAt: Date?, remark: String?
    ) {
        self.number = number
        self.state = state
        self.recording = recording
        self.title = title
        self.description = description
        self.purpose = purpose
        self.reason = reason
        self.from = from
        self.to = to
        self.wantsDownload = wantsDownload
        self.requester = requester
        self.requesterName = requesterName
        self.agency = agency
        self.requestedAt = requestedAt
        self.decidedBy = decidedBy
        self.decidedAt = decidedAt
        self.remark = remark
    }
}

/// A grant as it stands.
public struct AccessGrantStatus: Codable, Sendable, Equatable {
    public struct Use: Codable, Sendable, Equatable {
        public var at: Date
        /// `watched`, `downloaded`, `refused`.
        public var what: String
        public var detail: String
        public init(at: Date, what: String, detail: String) {
            self.at = at
            self.what = what
            self.detail = detail
        }
    }

    /// The copy that the grant is for; it is there while the grant lasts.
    public struct Copy: Codable, Sendable, Equatable {
        /// `queued`, `running`, `ready`, `failed`.
        public var state: String
        /// 0 to 1.
        public var progress: Double
        public var remainingSeconds: Double?
        /// Why the last attempt failed, for who decides.
        public var error: String?
        public var bytes: Int64?
        public var mime: String?
        public init(
            state: String, progress: Double, remainingSeconds: Double? = nil, error: String? = nil,
            bytes: Int64? = nil, mime: String? = nil
        ) {
            self.state = state
            self.progress = progress
            self.remainingSeconds = remainingSeconds
            self.error = error
            self.bytes = bytes
            self.mime = mime
        }
    }

    public var number: Int64
    /// `early`, `in-force`, `expired`, `revoked`.
    public var state: String
    public var request: Int64
    public var recording: String
    public var title: String?
    public var holder: String
    public var holderName: String
    public var agency: String
    public var level: String
    public var from: Double?
    public var to: Double?
    public var validFrom: Date
    public var validUntil: Date
    public var grantedBy: String
    public var grantedAt: Date
    public var revokedBy: String?
    public var revokedAt: Date?
    public var revokeReason: String?
    /// Nil where the grant lasts no more.
    public var copy: Copy?
    /// Newest first; where one grant is asked for.
    public var uses: [Use]?

    public init(
        number: Int64, state: String, request: Int64, recording: String, title: String?, holder: String,
        holderName: String, agency: String, level: String, from: Double?, to: Double?, validFrom: Date,
        validUntil: Date, grantedBy: String, grantedAt: Date, revokedBy: String?, revokedAt: Date?,
        revokeReason: String?, uses: [Use]? = nil
    ) {
        self.number = number
        self.state = state
        self.request = request
        self.recording = recording
        self.title = title
        self.holder = holder
        self.holderName = holderName
        self.agency = agency
        self.level = level
        self.from = from
        self.to = to
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.grantedBy = grantedBy
        self.grantedAt = grantedAt
        self.revokedBy = revokedBy
        self.revokedAt = revokedAt
        self.revokeReason = revokeReason
        self.uses = uses
    }
}

/// Asks whose copy somebody has, by how loud it is.
public struct TraceQuestion: Codable, Sendable, Equatable {
    /// So many levels at most: ten minutes.
    public static let mostLevels = 60_000

    /// The recording that it is a copy of.
    public var recording: String
    /// Hundredths of dBFS in the middle of a telephone's band, a hundred a second.
    public var levels: [Int16]

    public init(recording: String, levels: [Int16]) {
        self.recording = recording
        self.levels = levels
    }
}

/// Whose copy it is, as far as that can be told.
public struct TraceAnswer: Codable, Sendable, Equatable {
    public struct Finding: Codable, Sendable, Equatable {
        public var grant: Int64
        public var holder: String
        public var holderName: String
        public var agency: String
        /// Standard deviations above chance.
        public var score: Double
        /// Chance makes this of one copy in a billion.
        public var isCertain: Bool
        public init(
            grant: Int64, holder: String, holderName: String, agency: String, score: Double, isCertain: Bool
        ) {
            self.grant = grant
            self.holder = holder
            self.holderName = holderName
            self.agency = agency
            self.score = score
            self.isCertain = isCertain
        }
    }

    public var recording: String
    /// Where in the recording the piece begins, in seconds; nil where it does not sound like any part of it.
    public var begins: Double?
    /// The best first.
    public var findings: [Finding]

    public init(recording: String, begins: Double?, findings: [Finding]) {
        self.recording = recording
        self.begins = begins
        self.findings = findings
    }
}
