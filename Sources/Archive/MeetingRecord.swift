import Foundation
public import SQLDatabase
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
    /// Which of several bridges has it; nil where there is one.
    var bridge: String?
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

extension MeetingRecord: SQLRecord {
    public static var tableName: String { "meetings" }
    public static var keyColumns: [String] { ["id"] }

    public init(_ row: SQLRow) throws {
        id = row["id"]
        room = row["room"]
        title = row["title"]
        convener = row["convener"]
        document = row["document"]
        sitting = row["sitting"]
        confidentiality = row["confidentiality"]
        package = row["package"]
        layout = try row.choice("layout")
        openedAt = try row.time("openedAt")
        closedAt = row.optionalTime("closedAt")
        closeReason = row["closeReason"]
        state = try row.choice("state")
        durationMilliseconds = row["durationMilliseconds"]
        sealedAt = row.optionalTime("sealedAt")
        verifiedAt = row.optionalTime("verifiedAt")
        damagedFiles = row["damagedFiles"]
        timeStamp = try row.optionalChoice("timeStamp")
        retentionClass = row["retentionClass"]
        destroyedAt = row.optionalTime("destroyedAt")
        bridge = row["bridge"]
        searchText = row["searchText"]
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "id": id, "room": room, "title": title, "convener": convener, "document": document, "sitting": sitting,
            "confidentiality": confidentiality, "package": package, "layout": layout.rawValue,
            "openedAt": IndochinaTime.text(openedAt), "closedAt": closedAt.map(IndochinaTime.text),
            "closeReason": closeReason, "state": state.rawValue, "durationMilliseconds": durationMilliseconds,
            "sealedAt": sealedAt.map(IndochinaTime.text), "verifiedAt": verifiedAt.map(IndochinaTime.text),
            "damagedFiles": damagedFiles, "timeStamp": timeStamp?.rawValue, "retentionClass": retentionClass,
            "destroyedAt": destroyedAt.map(IndochinaTime.text), "bridge": bridge, "searchText": searchText,
        ]
    }
}

extension ParticipantRecord: SQLRecord {
    public static var tableName: String { "participants" }
    public static var keyColumns: [String] { ["meetingID", "point"] }

    public init(_ row: SQLRow) throws {
        meetingID = row["meetingID"]
        point = row["point"]
        name = row["name"]
        unit = row["unit"]
        joinedAt = try row.time("joinedAt")
        leftAt = row.optionalTime("leftAt")
        leaveReason = row["leaveReason"]
        reconnects = row["reconnects"]
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "meetingID": meetingID, "point": point, "name": name, "unit": unit,
            "joinedAt": IndochinaTime.text(joinedAt), "leftAt": leftAt.map(IndochinaTime.text),
            "leaveReason": leaveReason, "reconnects": reconnects,
        ]
    }
}

extension PackageFile: SQLRecord {
    public static var tableName: String { "files" }
    public static var keyColumns: [String] { ["meetingID", "path"] }

    public init(_ row: SQLRow) throws {
        meetingID = row["meetingID"]
        path = row["path"]
        size = row["size"]
        sha256 = row["sha256"]
        mime = row["mime"]
        sha512 = row["sha512"]
        madeBy = row["madeBy"]
        madeAt = row.optionalTime("madeAt")
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "meetingID": meetingID, "path": path, "size": size, "sha256": sha256, "mime": mime, "sha512": sha512,
            "madeBy": madeBy, "madeAt": madeAt.map(IndochinaTime.text),
        ]
    }

    static func of(_ meeting: String, _ db: SQLConnection) throws -> [PackageFile] {
        try fetchAll(db, sql: "SELECT * FROM files WHERE meetingID = ? ORDER BY path", arguments: [meeting])
    }
}

extension MeetingNote: SQLRecord {
    public static var tableName: String { "notes" }
    public static var keyColumns: [String] { [] }

    public init(_ row: SQLRow) throws {
        meetingID = row["meetingID"]
        at = try row.time("at")
        severity = try row.choice("severity")
        text = row["text"]
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        ["meetingID": meetingID, "at": IndochinaTime.text(at), "severity": severity.rawValue, "text": text]
    }
}

/// How the catalogue writes what its columns have no type for: times are text as `IndochinaTime` writes it.
extension SQLRow {
    func time(_ column: String) throws -> Date {
        guard let time = optionalTime(column) else {
            throw SQLDatabaseError.corrupt(reason: "\(column) has no time where it always has one")
        }
        return time
    }

    func optionalTime(_ column: String) -> Date? { (self[column] as String?).flatMap(IndochinaTime.date(from:)) }

    func choice<Choice: RawRepresentable<String>>(_ column: String) throws -> Choice {
        let text: String = self[column]
        guard let choice = Choice(rawValue: text) else {
            throw SQLDatabaseError.corrupt(reason: "\(column) has a value that nobody knows")
        }
        return choice
    }

    func optionalChoice<Choice: RawRepresentable<String>>(_ column: String) throws -> Choice? {
        value(column) == .null ? nil : try choice(column)
    }

    func decoded<Value: Decodable>(_ column: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data((self[column] as String).utf8))
        } catch { throw SQLDatabaseError.corrupt(reason: "\(column) cannot be read") }
    }
}
