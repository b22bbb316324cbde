public import Foundation
public import Office

/// Who has which right now, to be looked through.
public struct AccessReviewSheet: Codable, Sendable, Equatable {
    /// Of the list; whoever confirms sends it back.
    public var digest: String
    /// Nil before the first review.
    public var last: AccessReviewSummary?
    /// When the next one is due.
    public var dueAt: Date?
    public var isDue: Bool
    public var rights: [ReviewedRight]
    public init(
        digest: String, last: AccessReviewSummary?, dueAt: Date?, isDue: Bool, rights: [ReviewedRight]
    ) {
        self.digest = digest
        self.last = last
        self.dueAt = dueAt
        self.isDue = isDue
        self.rights = rights
    }
}

/// A review that was made.
public struct AccessReviewSummary: Codable, Sendable, Equatable {
    public var number: Int64
    public var at: Date
    public var by: String
    public var remark: String
    /// How many rights were looked through.
    public var count: Int
    public init(number: Int64, at: Date, by: String, remark: String, count: Int) {
        self.number = number
        self.at = at
        self.by = by
        self.remark = remark
        self.count = count
    }
}

/// A review that was made, with what was looked through.
public struct AccessReviewRecord: Codable, Sendable, Equatable {
    public var summary: AccessReviewSummary
    public var rights: [RightLine]
    public init(summary: AccessReviewSummary, rights: [RightLine]) {
        self.summary = summary
        self.rights = rights
    }
}

/// That the list was looked through.
public struct AccessReviewOrder: Codable, Sendable, Equatable {
    public var digest: String
    public var remark: String?
    public init(digest: String, remark: String? = nil) {
        self.digest = digest
        self.remark = remark
    }
}

/// What happened in a year, from 15 December to 14 December.
public struct SecurityFigures: Codable, Sendable, Equatable {
    public struct Figure: Codable, Sendable, Equatable {
        public var name: SecurityFigure
        public var count: Int
        public var vietnamese: String
        public var english: String
        public init(_ name: SecurityFigure, _ count: Int) {
            self.name = name
            self.count = count
            vietnamese = name.title.vietnamese
            english = name.title.english
        }
    }

    /// In which it ends.
    public var year: Int
    public var from: Date
    /// The first moment after it.
    public var until: Date
    /// It is not over.
    public var isRunning: Bool
    public var figures: [Figure]
    /// For how many months the journal is kept; older lines are counted, not kept.
    public var journalMonths: Int
    public init(year: Int, from: Date, until: Date, isRunning: Bool, figures: [Figure], journalMonths: Int) {
        self.year = year
        self.from = from
        self.until = until
        self.isRunning = isRunning
        self.figures = figures
        self.journalMonths = journalMonths
    }
}
