import Foundation

/// What looking after sealed packages came to on a day: `GET /api/v1/fixity`.
public struct FixityReport: Codable, Sendable, Equatable {
    public var number: Int64
    public var startedAt: Date
    /// Nil while it goes on.
    public var endedAt: Date?
    /// So fast it might read, in octets a second.
    public var rateLimit: Int
    /// Read whole and compared with their seals.
    public var packages: Int
    /// Octets that were read.
    public var bytes: Int64
    /// What reading them took.
    public var seconds: Double
    /// Packages that were not as they were sealed, and those of them that are again.
    public var damaged: Int
    public var restored: Int
    /// Packages that could not be checked.
    public var unread: Int

    /// Octets a second, as it was; nil where nothing was read.
    public var rate: Double? { bytes > 0 && seconds > 0 ? Double(bytes) / seconds : nil }

    public init(
        number: Int64, startedAt: Date, endedAt: Date?, rateLimit: Int, packages: Int, bytes: Int64, seconds: Double,
        damaged: Int, restored: Int, unread: Int
    ) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.rateLimit = rateLimit
        self.packages = packages
        self.bytes = bytes
        self.seconds = seconds
        self.damaged = damaged
        self.restored = restored
        self.unread = unread
    }
}

/// Reports, the newest first.
public struct FixityReportPage: Codable, Sendable, Equatable {
    public var reports: [FixityReport]
    /// The number before which the next page begins; nil on the last.
    public var next: Int64?

    public init(reports: [FixityReport], next: Int64?) {
        self.reports = reports
        self.next = next
    }
}

/// One of them, with what was wrong: `GET /api/v1/fixity/NUMBER`.
public struct FixityReportDetail: Codable, Sendable, Equatable {
    public struct Damage: Codable, Sendable, Equatable {
        public var path: String
        /// `changed`, `missing`, `extra`, `unreadable`.
        public var verdict: String
        public var reason: String?

        public init(path: String, verdict: String, reason: String?) {
            self.path = path
            self.verdict = verdict
            self.reason = reason
        }
    }

    public struct Finding: Codable, Sendable, Equatable {
        public var recording: String
        public var title: String
        public var at: Date
        /// Files that were not as they were sealed.
        public var damaged: [Damage]
        /// Where in a recording damage lay, and what else was wrong.
        public var details: [String]
        /// Files that were replaced, and where from.
        public var restored: [String]
        public var source: String?
        /// Why others were not.
        public var hindrances: [String]
        /// Why it could not be checked at all.
        public var failure: String?
        /// It is now as it was sealed.
        public var isWhole: Bool

        public init(
            recording: String, title: String, at: Date, damaged: [Damage], details: [String], restored: [String],
            source: String?,
            hindrances: [String], failure: String?, isWhole: Bool
        ) {
            self.recording = recording
            self.title = title
            self.at = at
            self.damaged = damaged
            self.details = details
            self.restored = restored
            self.source = source
            self.hindrances = hindrances
            self.failure = failure
            self.isWhole = isWhole
        }
    }

    public var report: FixityReport
    public var findings: [Finding]
    /// How many more there are of meetings that the reader may not know.
    public var hidden: Int

    public init(report: FixityReport, findings: [Finding], hidden: Int) {
        self.report = report
        self.findings = findings
        self.hidden = hidden
    }
}
