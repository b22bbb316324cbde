public import Foundation
public import SQLDatabase
import Vietnamese

/// A legal hold: while it is in force its meeting is not destroyed, whatever its term.
public struct LegalHold: Codable, Sendable, Equatable {
    /// So many in force a meeting may have.
    static let most = 100

    public var id: Int64
    public var meetingID: String
    public var reason: String
    /// By which it was ordered.
    public var document: String?
    public var placedBy: String
    public var placedAt: Date
    public var releasedBy: String?
    /// Nil while it is in force.
    public var releasedAt: Date?
    public var releaseReason: String?
}

/// That a dossier was handed over to an archive.
public struct DossierSubmission: Codable, Sendable, Equatable {
    public var meetingID: String
    public var archive: ReceivingArchive
    /// Number and date of the record of handing over.
    public var document: String
    public var by: String
    public var at: Date
}

extension LegalHold: SQLRecord {
    public static var tableName: String { "holds" }
    public static var keyColumns: [String] { ["id"] }

    public init(_ row: SQLRow) throws {
        id = row["id"]
        meetingID = row["meetingID"]
        reason = row["reason"]
        document = row["document"]
        placedBy = row["placedBy"]
        placedAt = try row.time("placedAt")
        releasedBy = row["releasedBy"]
        releasedAt = row.optionalTime("releasedAt")
        releaseReason = row["releaseReason"]
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "id": id, "meetingID": meetingID, "reason": reason, "document": document, "placedBy": placedBy,
            "placedAt": IndochinaTime.text(placedAt), "releasedBy": releasedBy,
            "releasedAt": releasedAt.map(IndochinaTime.text), "releaseReason": releaseReason,
        ]
    }
}

extension DossierSubmission: SQLRecord {
    public static var tableName: String { "submissions" }
    public static var keyColumns: [String] { ["meetingID", "archive"] }

    public init(_ row: SQLRow) throws {
        meetingID = row["meetingID"]
        archive = try row.choice("archive")
        document = row["document"]
        by = row["by"]
        at = try row.time("at")
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "meetingID": meetingID, "archive": archive.rawValue, "document": document, "by": by,
            "at": IndochinaTime.text(at),
        ]
    }
}

/// All that retention has on a meeting.
public struct RetentionDossier: Sendable, Equatable {
    public var meeting: MeetingRecord
    public var retentionClass: RetentionClass
    public var clock: RetentionClock
    /// In force and released, oldest first.
    public var holds: [LegalHold]
    public var submissions: [DossierSubmission]
    /// The proposal to destroy it that is not decided.
    public var proposal: Int64?

    public var keptUntil: String? { clock.keptUntil(retentionClass.term) }

    public var standing: RetentionStanding {
        RetentionStanding(
            isSealed: meeting.state == .sealed, isDestroyed: meeting.state == .destroyed, term: retentionClass.term,
            clock: clock, holds: holds.filter { $0.releasedAt == nil }.map(\.reason), proposal: proposal)
    }
}

/// Which meetings to list, the oldest first.
public struct RetentionQuery: Sendable, Equatable {
    public enum Choice: String, Sendable, CaseIterable {
        /// Every meeting that is over.
        case all
        /// Those whose term ends this year or has ended.
        case due
        /// Those that are to be submitted within 60 days, or were to be.
        case clocks
        /// Those that are held.
        case held
    }

    static let noticeDays = 60

    public var choice: Choice
    /// 1 to 500.
    public var limit: Int
    /// The id that ended the page before.
    public var after: String?

    public init(_ choice: Choice = .all, limit: Int = 100, after: String? = nil) {
        self.choice = choice
        self.limit = limit
        self.after = after
    }
}

public struct RetentionPage: Sendable, Equatable {
    public var dossiers: [RetentionDossier]
    public var next: String?
}
