public import Foundation

/// The four levels at which a copy is given out.
public enum CopyLevel: String, Sendable, CaseIterable, Codable {
    /// Watched, not taken away.
    case reading
    /// A copy without the archive's attestation.
    case unauthenticated
    /// A copy that the archive attests.
    case authenticated
    /// A dissemination package.
    case package

    public var mayDownload: Bool { self != .reading }
}

/// That a person of an agency may have a recording, or a span of it, for a time.
public struct AccessGrant: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable, Codable {
        /// Not yet.
        case early
        case inForce = "in-force"
        case expired, revoked
    }

    /// What an archivist grants.
    public struct Terms: Sendable, Equatable {
        public var meetingID: String?
        public var level: CopyLevel
        /// Milliseconds of the recording; nil for all of it.
        public var span: Range<Int64>?
        /// From now on where nothing is said.
        public var from: Date?
        public var until: Date
        public var remark: String

        public init(
            meetingID: String? = nil, level: CopyLevel = .reading, span: Range<Int64>? = nil, from: Date? = nil,
            until: Date, remark: String = ""
        ) {
            self.meetingID = meetingID
            self.level = level
            self.span = span
            self.from = from
            self.until = until
            self.remark = remark
        }
    }

    static let longestDays = 366

    public internal(set) var number: Int64
    /// What it answers.
    public let request: Int64
    public let meetingID: String
    public let holder: AccessPerson
    public let level: CopyLevel
    public let span: Range<Int64>?
    public let validFrom: Date
    public let validUntil: Date
    public let grantedBy: String
    public let grantedAt: Date
    public internal(set) var revokedBy: String?
    public internal(set) var revokedAt: Date?
    public internal(set) var revokeReason: String?

    public func state(at time: Date) -> State {
        if revokedAt != nil { return .revoked }
        if time < validFrom { return .early }
        return time < validUntil ? .inForce : .expired
    }

    init(
        number: Int64, request: Int64, meetingID: String, holder: AccessPerson, level: CopyLevel, span: Range<Int64>?,
        validFrom: Date, validUntil: Date, grantedBy: String, grantedAt: Date, revokedBy: String?, revokedAt: Date?,
        revokeReason: String?
    ) {
        self.number = number
        self.request = request
        self.meetingID = meetingID
        self.holder = holder
        self.level = level
        self.span = span
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.grantedBy = grantedBy
        self.grantedAt = grantedAt
        self.revokedBy = revokedBy
        self.revokedAt = revokedAt
        self.revokeReason = revokeReason
    }

    /// Grants a request. What is granted may be another span than was asked for, and another recording where the request
    /// only described one.
    init(
        number: Int64, to request: AccessRequest, _ terms: Terms, of meeting: MeetingRecord, by officer: String,
        at time: Date
    ) throws(AccessFault) {
        guard request.state == .waiting else { throw .decided(request.state) }
        guard meeting.state == .sealed else { throw .notSealed }
        guard !meeting.isStateSecret else { throw .stateSecret }
        let length = meeting.durationMilliseconds ?? 0
        if let span = terms.span, span.lowerBound < 0 || span.upperBound > length || span.count < 1000 {
            throw .badSpan
        }
        let from = terms.from ?? time
        guard terms.until > from, terms.until > time,
            terms.until.timeIntervalSince(from) <= Double(Self.longestDays) * 86_400
        else { throw .badTerm }
        self.init(
            number: number, request: request.number, meetingID: meeting.id, holder: request.requester,
            level: terms.level, span: terms.span, validFrom: from, validUntil: terms.until, grantedBy: officer,
            grantedAt: time, revokedBy: nil, revokedAt: nil, revokeReason: nil)
    }

    mutating func revoke(reason: String, by officer: String, at time: Date) throws(AccessFault) {
        guard revokedAt == nil else { throw .revoked }
        revokeReason = try AccessRequest.text(reason, "A reason")
        revokedBy = officer
        revokedAt = time
    }
}

/// That somebody used a grant.
public struct AccessUse: Sendable, Equatable {
    public var grant: Int64
    public var at: Date
    /// `watched`, `downloaded`, `refused`.
    public var what: String
    public var detail: String
}

extension MeetingRecord {
    /// *Mật* and above, when it opened. A level that nobody knows counts as one.
    public var isStateSecret: Bool {
        switch confidentiality {
        case nil, "ordinary", "restricted": false
        default: true
        }
    }
}
