import Foundation

/// A recording in a list.
public struct RecordingSummary: Codable, Sendable, Equatable, Identifiable {
    public var id: String
    public var room: String
    public var title: String
    public var convener: String?
    public var document: String?
    public var openedAt: Date
    public var closedAt: Date?
    /// `running`, `recording`, `recovering`, `closed`, `composing`, `sealed`, `failed`, `destroyed`.
    public var state: String
    public var durationMilliseconds: Int64?
    public var participants: Int
    /// Of the sealed files; 0 before.
    public var bytes: Int64
    public var verifiedAt: Date?
    /// What the last verification found; nil before the first.
    public var isIntact: Bool?

    public init(
        id: String, room: String, title: String, convener: String?, document: String?, openedAt: Date, closedAt: Date?,
        state: String, durationMilliseconds: Int64?, participants: Int, bytes: Int64, verifiedAt: Date?, isIntact: Bool?
    ) {
        self.id = id
        self.room = room
        self.title = title
        self.convener = convener
        self.document = document
        self.openedAt = openedAt
        self.closedAt = closedAt
        self.state = state
        self.durationMilliseconds = durationMilliseconds
        self.participants = participants
        self.bytes = bytes
        self.verifiedAt = verifiedAt
        self.isIntact = isIntact
    }
}

/// `GET /api/v1/recordings`.
public struct RecordingPage: Codable, Sendable, Equatable {
    /// Newest first.
    public var recordings: [RecordingSummary]
    /// What `after` takes for the next page; nil on the last.
    public var next: String?
    public init(recordings: [RecordingSummary], next: String?) {
        self.recordings = recordings
        self.next = next
    }
}

/// `GET /api/v1/recordings/{id}`.
public struct RecordingDetail: Codable, Sendable, Equatable {
    public struct Participant: Codable, Sendable, Equatable {
        public var point: String
        public var name: String
        public var unit: String?
        public var joinedAt: Date
        public var leftAt: Date?
        public var reconnects: Int
        public init(point: String, name: String, unit: String?, joinedAt: Date, leftAt: Date?, reconnects: Int) {
            self.point = point
            self.name = name
            self.unit = unit
            self.joinedAt = joinedAt
            self.leftAt = leftAt
            self.reconnects = reconnects
        }
    }
    public struct File: Codable, Sendable, Equatable {
        public var path: String
        public var bytes: Int64
        public var sha256: String?
        public var mime: String
        public init(path: String, bytes: Int64, sha256: String?, mime: String) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
            self.mime = mime
        }
    }
    public struct Note: Codable, Sendable, Equatable {
        public var at: Date
        /// `information`, `warning`, `fault`.
        public var severity: String
        public var text: String
        public init(at: Date, severity: String, text: String) {
            self.at = at
            self.severity = severity
            self.text = text
        }
    }
    public var summary: RecordingSummary
    /// The package's name: its directory on the server, and what a copy of it is called.
    public var package: String
    /// Where the package lies on the server; only for an administrator.
    public var directory: String?
    public var closeReason: String?
    public var sealedAt: Date?
    public var participants: [Participant]
    public var files: [File]
    public var notes: [Note]
    public var jobs: [JobStatus]
    /// Once the meeting is over.
    public var retention: RetentionStatus?
    /// True of a package that lies encrypted on the server; its files are listed, and given, as they are in clear.
    public var isEncrypted: Bool?

    public init(
        summary: RecordingSummary, package: String, directory: String?, closeReason: String?, sealedAt: Date?,
        participants: [Participant], files: [File], notes: [Note], jobs: [JobStatus]
    ) {
        self.summary = summary
        self.package = package
        self.directory = directory
        self.closeReason = closeReason
        self.sealedAt = sealedAt
        self.participants = participants
        self.files = files
        self.notes = notes
        self.jobs = jobs
    }
}

/// What a verification found: the answer to `POST /api/v1/recordings/{id}/verify`.
public struct VerificationOutcome: Codable, Sendable, Equatable {
    public struct File: Codable, Sendable, Equatable {
        public enum Verdict: String, Codable, Sendable, CaseIterable { case ok, changed, missing, extra, unreadable }
        public var path: String
        public var verdict: Verdict
        public var sealedSHA256: String?
        /// Of a changed file.
        public var foundSHA256: String?
        /// Of an unreadable file.
        public var reason: String?
        public init(
            path: String, verdict: Verdict, sealedSHA256: String?, foundSHA256: String? = nil, reason: String? = nil
        ) {
            self.path = path
            self.verdict = verdict
            self.sealedSHA256 = sealedSHA256
            self.foundSHA256 = foundSHA256
            self.reason = reason
        }
    }
    /// Something that is wrong beside files' hashes, or where damage lies.
    public struct Finding: Codable, Sendable, Equatable {
        /// `clusterChanged`, `signature`, `ledger`, …
        public var kind: String
        public var path: String?
        /// Which time of the master.
        public var fromMilliseconds: Int64?
        public var toMilliseconds: Int64?
        public var text: String
        public init(kind: String, path: String?, fromMilliseconds: Int64?, toMilliseconds: Int64?, text: String) {
            self.kind = kind
            self.path = path
            self.fromMilliseconds = fromMilliseconds
            self.toMilliseconds = toMilliseconds
            self.text = text
        }
    }
    public var recording: String
    public var checkedAt: Date
    public var isIntact: Bool
    public var files: [File]
    public var findings: [Finding]
    public init(recording: String, checkedAt: Date, isIntact: Bool, files: [File], findings: [Finding] = []) {
        self.recording = recording
        self.checkedAt = checkedAt
        self.isIntact = isIntact
        self.files = files
        self.findings = findings
    }
}

/// A line of the answer where `Accept: application/x-ndjson` asks for the verification's progress: every line but the
/// last has `progress`, the last has `outcome` or `failure`.
public struct VerificationLine: Codable, Sendable, Equatable {
    public struct Progress: Codable, Sendable, Equatable {
        public var doneBytes: Int64
        public var totalBytes: Int64
        public init(doneBytes: Int64, totalBytes: Int64) {
            self.doneBytes = doneBytes
            self.totalBytes = totalBytes
        }
    }
    public var progress: Progress?
    public var outcome: VerificationOutcome?
    public var failure: APIError?
    public init(progress: Progress? = nil, outcome: VerificationOutcome? = nil, failure: APIError? = nil) {
        self.progress = progress
        self.outcome = outcome
        self.failure = failure
    }
}

/// `GET /api/v1/reports`: meetings of which there are reports. What is recorded of them, and who took part, is another right.
public struct ReportPage: Codable, Sendable, Equatable {
    public struct Item: Codable, Sendable, Equatable, Identifiable {
        public var id: String
        public var room: String
        public var title: String
        public var openedAt: Date
        public var closedAt: Date?
        public init(id: String, room: String, title: String, openedAt: Date, closedAt: Date?) {
            self.id = id
            self.room = room
            self.title = title
            self.openedAt = openedAt
            self.closedAt = closedAt
        }
    }

    /// Newest first.
    public var reports: [Item]
    /// What `after` takes for the next page; nil on the last.
    public var next: String?
    public init(reports: [Item], next: String?) {
        self.reports = reports
        self.next = next
    }
}
