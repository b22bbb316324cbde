public import Foundation
public import SQLDatabase
import Vietnamese

/// The packages of one day that were due, looked after one after the other: what there is to report of it.
public struct FixityRun: Codable, Sendable, Equatable, Identifiable {
    public var id: Int64
    public var startedAt: Date
    /// When nothing more was due; nil while it goes on.
    public var endedAt: Date?
    /// So fast it might read, in octets a second.
    public var octetsPerSecond: Int
    /// Read whole and compared.
    public var packages: Int
    /// Read, of packages that were restored twice.
    public var octets: Int64
    /// What reading took.
    public var milliseconds: Int64
    /// Packages that were not as they were sealed.
    public var damaged: Int
    /// Of those: whole again, by the second location's copy.
    public var restored: Int
    /// Packages that could not be checked.
    public var unread: Int
}

/// What was wrong with a package in a run.
public struct FixityFinding: Codable, Sendable, Equatable, Identifiable {
    public var id: Int64?
    public var runID: Int64
    public var meetingID: String
    public var at: Date
    /// Files that were not as they were sealed.
    public var damaged: [Damage]
    /// Where in a recording damage lay, and what else was wrong.
    public var details: [String]
    /// Files that were replaced.
    public var restored: [String]
    /// Where from; nil where there is no second location.
    public var source: String?
    /// Why others were not replaced.
    public var hindrances: [String]
    /// Why it could not be checked at all; nil where it was.
    public var failure: String?
    /// It is now as it was sealed.
    public var isWhole: Bool

    public struct Damage: Codable, Sendable, Equatable {
        public enum Verdict: String, Codable, Sendable { case changed, missing, extra, unreadable }
        public var path: String
        public var verdict: Verdict
        /// Of what could not be read.
        public var reason: String?
        public init(path: String, verdict: Verdict, reason: String? = nil) {
            self.path = path
            self.verdict = verdict
            self.reason = reason
        }
    }
}

extension FixityRun: SQLRecord {
    public static var tableName: String { "fixityRuns" }
    public static var keyColumns: [String] { ["id"] }

    public init(_ row: SQLRow) throws {
        id = row["id"]
        startedAt = try row.time("startedAt")
        endedAt = row.optionalTime("endedAt")
        octetsPerSecond = row["octetsPerSecond"]
        packages = row["packages"]
        octets = row["octets"]
        milliseconds = row["milliseconds"]
        damaged = row["damaged"]
        restored = row["restored"]
        unread = row["unread"]
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "id": id, "startedAt": IndochinaTime.text(startedAt), "endedAt": endedAt.map(IndochinaTime.text),
            "octetsPerSecond": octetsPerSecond, "packages": packages, "octets": octets, "milliseconds": milliseconds,
            "damaged": damaged, "restored": restored, "unread": unread,
        ]
    }

    static func addTables(_ db: SQLConnection) throws {
        try db.create(table: "fixityRuns", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("startedAt", .text).notNull()
            table.column("endedAt", .text)
            table.column("octetsPerSecond", .integer).notNull()
            table.column("packages", .integer).notNull().defaults(to: 0)
            table.column("octets", .integer).notNull().defaults(to: 0)
            table.column("milliseconds", .integer).notNull().defaults(to: 0)
            table.column("damaged", .integer).notNull().defaults(to: 0)
            table.column("restored", .integer).notNull().defaults(to: 0)
            table.column("unread", .integer).notNull().defaults(to: 0)
        }
        try db.create(table: "fixityFindings", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("runID", .integer).notNull().indexed().references("fixityRuns", onDelete: .cascade)
            table.column("meetingID", .text).notNull().indexed().references("meetings", onDelete: .cascade)
            table.column("at", .text).notNull()
            // JSON, lists.
            table.column("damaged", .text).notNull()
            table.column("details", .text).notNull()
            table.column("restored", .text).notNull()
            table.column("source", .text)
            table.column("hindrances", .text).notNull()
            table.column("failure", .text)
            table.column("isWhole", .integer).notNull()
        }
    }
}

extension FixityFinding: SQLRecord {
    public static var tableName: String { "fixityFindings" }
    public static var keyColumns: [String] { ["id"] }

    public init(_ row: SQLRow) throws {
        id = row["id"]
        runID = row["runID"]
        meetingID = row["meetingID"]
        at = try row.time("at")
        damaged = try row.decoded("damaged")
        details = try row.decoded("details")
        restored = try row.decoded("restored")
        source = row["source"]
        hindrances = try row.decoded("hindrances")
        failure = row["failure"]
        isWhole = row["isWhole"]
    }

    public var columns: KeyValuePairs<String, (any SQLConvertible)?> {
        [
            "id": id, "runID": runID, "meetingID": meetingID, "at": IndochinaTime.text(at),
            "damaged": Self.json(damaged), "details": Self.json(details), "restored": Self.json(restored),
            "source": source, "hindrances": Self.json(hindrances), "failure": failure, "isWhole": isWhole,
        ]
    }

    private static func json(_ list: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(list)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
