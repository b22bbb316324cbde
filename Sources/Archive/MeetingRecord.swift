import Foundation
import GRDB
import Vietnamese

/// What is known of a meeting when it opens.
public struct NewMeeting: Sendable, Equatable {
    /// Names the meeting in the catalogue, in addresses and in its directory; ASCII, made by the conference.
    public var id: String
    public var room: String
    public var title: String
    public var convener: String?
    /// The document by which the meeting was convened.
    public var document: String?
    /// The sitting of the schedule that it is, and its level of confidentiality; nil where nobody convened it.
    public var sitting: String?
    public var confidentiality: String?
    public var openedAt: Date

    public init(
        id: String, room: String, title: String, convener: String? = nil, document: String? = nil,
        sitting: String? = nil, confidentiality: String? = nil, openedAt: Date
    ) {
        self.id = id
        self.room = room
        self.title = title
        self.convener = convener
        self.document = document
        self.sitting = sitting
        self.confidentiality = confidentiality
        self.openedAt = openedAt
    }
}

/// A meeting in the catalogue.
public struct MeetingRecord: Codable, Sendable, Equatable, Identifiable {
    public var id: String
    public var room: String
    public var title: String
    public var convener: String?
    public var document: String?
    /// The sitting of the schedule that it is, and its level of confidentiality when it opened; nil where nobody convened it.
    public var sitting: String?
    public var confidentiality: String?
    /// The package's directory, relative to the archive's root: `packages/2026/2026-11-24-giaoban-k3f9`.
    public var package: String
    public var layout: PackageLayout
    public var openedAt: Date
    public var closedAt: Date?
    public var closeReason: String?
    public var state: MeetingState
    /// Length of the master.
    public var durationMilliseconds: Int64?
    public var sealedAt: Date?
    public var verifiedAt: Date?
    /// How many files the last verification found changed, missing or added, 1 where only something else is wrong; nil
    /// before the first.
    public var damagedFiles: Int?
    /// Of the seal, by an authority (RFC 3161); nil where none is configured.
    public var timeStamp: TimeStampState?
    /// The code of its class in the retention table; nil for the standard one.
    public var retentionClass: String?
    /// When two persons had decided on it.
    public var destroyedAt: Date?
    /// Title, convener, document and room as `VietnameseText.folded` has them.
    var searchText: String
}

/// A point's presence in a meeting; one row a point, however often it came back.
public struct ParticipantRecord: Codable, Sendable, Equatable {
    var meetingID: String
    public var point: String
    public var name: String
    public var unit: String?
    public var joinedAt: Date
    /// Nil while it is in the meeting.
    public var leftAt: Date?
    public var leaveReason: String?
    public var reconnects: Int
}

/// A file of a package.
public struct PackageFile: Codable, Sendable, Equatable {
    var meetingID: String
    /// Relative to the package's directory, parts divided by `/`.
    public var path: String
    public var size: Int64
    /// Lower-case hexadecimal; nil before the package is sealed.
    public var sha256: String?
    public var mime: String
    /// Nil in flat packages, as what follows.
    public var sha512: String?
    /// The program that made it, or who brought it in.
    public var madeBy: String?
    public var madeAt: Date?
}

/// Whether a seal has its time stamp.
public enum TimeStampState: String, Codable, Sendable, CaseIterable { case waiting, there }

/// Something an operator or archivist should know of a meeting.
public struct MeetingNote: Codable, Sendable, Equatable {
    public enum Severity: String, Codable, Sendable, CaseIterable { case information, warning, fault }
    var meetingID: String
    public var at: Date
    public var severity: Severity
    public var text: String
}

/// A row of the catalogue: times are text as `IndochinaTime` writes it.
protocol CatalogueRow: Codable, FetchableRecord, PersistableRecord {}

extension CatalogueRow {
    public static func databaseDateEncodingStrategy(for column: String) -> DatabaseDateEncodingStrategy {
        .custom { IndochinaTime.text($0) }
    }
    public static func databaseDateDecodingStrategy(for column: String) -> DatabaseDateDecodingStrategy {
        .custom { String.fromDatabaseValue($0).flatMap(IndochinaTime.date(from:)) }
    }
}

extension MeetingRecord: CatalogueRow {
    public static var databaseTableName: String { "meetings" }
}
extension ParticipantRecord: CatalogueRow {
    public static var databaseTableName: String { "participants" }
}
extension PackageFile: CatalogueRow {
    public static var databaseTableName: String { "files" }
}
extension MeetingNote: CatalogueRow {
    public static var databaseTableName: String { "notes" }
}
