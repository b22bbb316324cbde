import Foundation
import SQLDatabase

/// What archive systems harvest, in the order in which it changed.
extension Archive {
    private static let longestPage = 500

    /// Meetings whose package was sealed or destroyed since the last opinion of them, at most so many.
    public func harvestPending(limit: Int = 200) async throws(ArchiveError) -> [MeetingRecord] {
        try await read { db in
            try MeetingRecord.fetchAll(
                db,
                sql: """
                    SELECT m.* FROM meetings m LEFT JOIN harvest h ON h.meetingID = m.id
                    WHERE m.state IN ('sealed', 'destroyed') AND (h.meetingID IS NULL OR h.meetingState <> m.state)
                    ORDER BY m.sealedAt, m.id LIMIT ?
                    """, arguments: [max(1, limit)])
        }
    }

    /// The last line of the Office's journal by which opinions were formed; nil before the first.
    public func harvestMark() async throws(ArchiveError) -> Int64? {
        try await read { db in try Int64.fetchOne(db, sql: "SELECT line FROM harvestMark") }
    }

    public func setHarvestMark(_ line: Int64) async throws(ArchiveError) {
        try await write { db in
            try db.execute(
                sql:
                    "INSERT INTO harvestMark (one, line) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET line = excluded.line",
                arguments: [line])
        }
    }

    /// Takes opinions over.
    ///
    /// - Parameter stamp: seconds since 1970, for what changes by them; nil for the time of sealing or destruction, where
    ///   nobody has harvested yet.
    public func harvest(_ opinions: [HarvestRecord.Opinion], at stamp: Int64?) async throws(ArchiveError) {
        try await write { db in
            for opinion in opinions {
                let meeting = opinion.meeting
                let own = (meeting.destroyedAt ?? meeting.sealedAt ?? meeting.openedAt).timeIntervalSince1970
                let old = try Self.harvestRecord(meeting.id, db)
                let record = HarvestRecord.next(after: old, opinion, at: stamp ?? Int64(own.rounded(.down)))
                try db.execute(
                    sql: """
                        INSERT INTO harvest (meetingID, datestamp, state, meetingState) VALUES (?, ?, ?, ?)
                        ON CONFLICT (meetingID) DO UPDATE SET datestamp = excluded.datestamp, state = excluded.state,
                            meetingState = excluded.meetingState
                        """,
                    arguments: [meeting.id, record.datestamp, record.state.rawValue, meeting.state.rawValue])
                guard record.sets != old?.sets ?? [] else { continue }
                try db.execute(sql: "DELETE FROM harvestSets WHERE meetingID = ?", arguments: [meeting.id])
                for set in record.sets {
                    try db.execute(
                        sql: "INSERT INTO harvestSets (meetingID, spec, name) VALUES (?, ?, ?)",
                        arguments: [meeting.id, set.spec, set.name])
                }
            }
        }
    }

    /// A record that may be told, and its meeting.
    public func harvestItem(_ id: String) async throws(ArchiveError) -> HarvestPage.Item? {
        try await read { db in
            guard let record = try Self.harvestRecord(id, db), record.state != .hidden else { return nil }
            return HarvestPage.Item(record: record, meeting: try Self.meeting(id, db))
        }
    }

    /// The next records that are wanted, those that changed first first.
    public func harvestPage(
        _ selection: HarvestSelection, after cursor: HarvestCursor? = nil, limit: Int
    ) async throws(ArchiveError) -> HarvestPage {
        let limit = min(Self.longestPage, max(1, limit))
        return try await read { db in
            var conditions = Self.conditions(selection)
            if let cursor {
                conditions.append("(h.datestamp, h.meetingID) > (\(cursor.datestamp), \(cursor.meetingID))")
            }
            let request: SQL = """
                SELECT h.meetingID, h.datestamp, h.state FROM harvest h WHERE \(conditions.joined(separator: " AND "))
                ORDER BY h.datestamp, h.meetingID LIMIT \(limit + 1)
                """
            let rows = try SQLRow.fetchAll(db, request)
            let items = try rows.prefix(limit).map { row in
                HarvestPage.Item(record: try Self.record(row, db), meeting: try Self.meeting(row["meetingID"], db))
            }
            let next = rows.count > limit ? items.last?.record : nil
            return HarvestPage(
                items: items,
                next: next.map { HarvestCursor(datestamp: $0.datestamp, meetingID: $0.meetingID) })
        }
    }

    /// How many records are wanted.
    public func harvestCount(_ selection: HarvestSelection) async throws(ArchiveError) -> Int {
        try await read { db in
            let filter = Self.conditions(selection).joined(separator: " AND ")
            let request: SQL = "SELECT count(*) FROM harvest h WHERE \(filter)"
            return try Int.fetchOne(db, request) ?? 0
        }
    }

    /// Seconds since 1970; nil where there is no record.
    public func earliestHarvestStamp() async throws(ArchiveError) -> Int64? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT min(datestamp) FROM harvest WHERE state <> 'hidden'")
        }
    }

    /// Sets with records that may be told, in the order of their specs.
    public func harvestSets(after spec: String?, limit: Int) async throws(ArchiveError) -> [HarvestSet] {
        try await read { db in
            try SQLRow.fetchAll(
                db,
                sql: """
                    SELECT s.spec AS spec, min(s.name) AS name FROM harvestSets s
                    JOIN harvest h ON h.meetingID = s.meetingID AND h.state <> 'hidden'
                    WHERE s.spec > ? GROUP BY s.spec ORDER BY s.spec LIMIT ?
                    """, arguments: [spec ?? "", max(1, limit)]
            ).map { HarvestSet(spec: $0["spec"], name: $0["name"]) }
        }
    }

    private static func conditions(_ selection: HarvestSelection) -> [SQL] {
        var conditions: [SQL] = ["h.state <> 'hidden'"]
        if let from = selection.from { conditions.append("h.datestamp >= \(from)") }
        if let until = selection.until { conditions.append("h.datestamp <= \(until)") }
        if let set = selection.set {
            conditions.append("h.meetingID IN (SELECT meetingID FROM harvestSets WHERE spec = \(set))")
        }
        return conditions
    }

    private static func harvestRecord(_ id: String, _ db: SQLConnection) throws -> HarvestRecord? {
        let row = try SQLRow.fetchOne(
            db, sql: "SELECT meetingID, datestamp, state FROM harvest WHERE meetingID = ?", arguments: [id])
        return try row.map { try record($0, db) }
    }

    private static func record(_ row: SQLRow, _ db: SQLConnection) throws -> HarvestRecord {
        let id: String = row["meetingID"]
        let sets = try SQLRow.fetchAll(
            db, sql: "SELECT spec, name FROM harvestSets WHERE meetingID = ? ORDER BY spec", arguments: [id])
        return HarvestRecord(
            meetingID: id, datestamp: row["datestamp"],
            // Of a state that a later version wrote nothing is told.
            state: HarvestRecord.State(rawValue: row["state"]) ?? .hidden,
            sets: sets.map { HarvestSet(spec: $0["spec"], name: $0["name"]) })
    }
}

extension HarvestRecord {
    static func addTables(_ db: SQLConnection) throws {
        try db.create(table: "harvest", options: [.strict, .withoutRowID]) { table in
            table.primaryKey("meetingID", .text).references("meetings", onDelete: .restrict)
            // Seconds since 1970.
            table.column("datestamp", .integer).notNull()
            table.column("state", .text).notNull()
            // Of the meeting, when the opinion was formed.
            table.column("meetingState", .text).notNull()
        }
        try db.execute(
            sql: "CREATE INDEX harvestByTime ON harvest (datestamp, meetingID) WHERE state <> 'hidden'")
        try db.create(table: "harvestSets", options: [.strict, .withoutRowID]) { table in
            table.column("meetingID", .text).notNull().references("meetings", onDelete: .restrict)
            table.column("spec", .text).notNull()
            table.column("name", .text).notNull()
            table.primaryKey(["spec", "meetingID"])
        }
        try db.create(index: "harvestSetsByMeeting", on: "harvestSets", columns: ["meetingID"])
        try db.create(table: "harvestMark", options: [.strict]) { table in
            table.primaryKey("one", .integer)
            table.column("line", .integer).notNull()
        }
    }
}
