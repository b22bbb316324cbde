import Foundation
import SQLDatabase
import Office
import Vietnamese

/// A meeting on the schedule, and what it clashes with.
public struct PlacedMeeting: Codable, Hashable, Sendable {
    public var meeting: ScheduledMeeting
    public var clashes: [Clash]
}

extension OfficeStore {
    /// Meetings whose last sitting ends after a time; also those that are cancelled.
    public func meetings(endingAfter time: Date) async throws(OfficeStoreError) -> [ScheduledMeeting] {
        try await read { db in try Self.meetings(db, endingAfter: time) }
    }

    public func meeting(_ id: String) async throws(OfficeStoreError) -> ScheduledMeeting {
        try await read { db in try Self.meeting(id, db) }
    }

    /// Those of these meetings that there are, by their ids.
    public func meetings(named ids: Set<String>) async throws(OfficeStoreError) -> [String: ScheduledMeeting] {
        guard !ids.isEmpty else { return [:] }
        return try await read { db in
            let found = try Self.rows(db, "SELECT content FROM meetings WHERE id", Array(ids)).map {
                try OfficeJSON.decode(ScheduledMeeting.self, $0["content"])
            }
            return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        }
    }

    /// The meeting that a sitting is of, and the sitting.
    public func sitting(_ id: String) async throws(OfficeStoreError) -> (ScheduledMeeting, ScheduledSitting) {
        let meeting = try await meeting(ScheduledMeeting.id(ofSitting: id))
        guard let sitting = meeting.sittings.first(where: { $0.id == id }) else {
            throw .refused(ScheduleFault.unknownMeeting(id))
        }
        return (meeting, sitting)
    }

    /// The meeting by whose sitting something was held, as the schedule has it now, with that sitting: where it was taken off since, the
    /// first that there is. Nil where nobody convened it, or the schedule does not know it any more.
    public func convened(
        bySitting id: String?
    ) async throws(OfficeStoreError) -> (meeting: ScheduledMeeting, sitting: ScheduledSitting?)? {
        guard let id else { return nil }
        let name = ScheduledMeeting.id(ofSitting: id)
        guard let meeting = try await meetings(named: [name])[name] else { return nil }
        return (meeting, meeting.sittings.first { $0.id == id } ?? meeting.sittings.first)
    }

    /// Puts a new meeting on the schedule.
    public func schedule(_ draft: ScheduledMeeting, by: String) async throws(OfficeStoreError) -> PlacedMeeting {
        try await write { [self] db in
            var meeting = completed(draft)
            meeting.id = "\(VietnameseText.slug(meeting.room, limit: 24))-\(RandomText.tail())"
            meeting.revision = 0
            meeting.isCancelled = false
            meeting.earlier = nil
            meeting.createdBy = by
            let clashes = try meeting.placed(among: try Self.meetings(db, endingAfter: now()), register, now: now())
            try Self.save(meeting, db, at: now())
            try Self.note("schedule meeting", meeting.id, by: by, db, at: now())
            return PlacedMeeting(meeting: meeting, clashes: clashes)
        }
    }

    /// Changes a meeting that is on the schedule.
    public func reschedule(_ changed: ScheduledMeeting, by: String) async throws(OfficeStoreError) -> PlacedMeeting {
        try await write { [self] db in
            let known = try Self.meeting(changed.id, db)
            if known.isCancelled { throw ScheduleFault.cancelled(known.id) }
            var wanted = changed
            wanted.rehearsalMinutes = changed.rehearsalMinutes ?? known.rehearsalMinutes
            return try replace(known, by: completed(wanted).moved(from: known), signed: by, db)
        }
    }

    /// Moves what is left of a series, or a meeting that has not begun; its next sitting to this time. What began stays.
    public func moveRest(
        of id: String, to starts: Date, by: String
    ) async throws(OfficeStoreError) -> PlacedMeeting {
        try await write { [self] db in
            let known = try Self.meeting(id, db)
            if known.isCancelled { throw ScheduleFault.cancelled(id) }
            return try replace(known, by: try known.movingRest(to: starts, now: now()), signed: by, db)
        }
    }

    private func replace(
        _ known: ScheduledMeeting, by changed: ScheduledMeeting, signed by: String, _ db: SQLConnection
    ) throws -> PlacedMeeting {
        var meeting = changed.keeping(begunOf: known, at: now())
        meeting.revision = known.revision + 1
        meeting.isCancelled = false
        meeting.createdBy = known.createdBy
        // What began may still get a paper or a point, but is not moved into the past.
        let moved = meeting.starts != known.starts
        let others = try Self.meetings(db, endingAfter: now())
        let clashes = try meeting.placed(among: others, register, now: moved ? now() : nil)
        try Self.save(meeting, db, at: now())
        try Self.note("change meeting", meeting.id, by: by, db, at: now())
        return PlacedMeeting(meeting: meeting, clashes: clashes)
    }

    /// Cancels a meeting, or one sitting of it.
    public func cancel(_ id: String, sitting: String?, by: String) async throws(OfficeStoreError) -> ScheduledMeeting {
        try await write { [self] db in
            var meeting = try Self.meeting(id, db)
            if meeting.isCancelled { throw ScheduleFault.cancelled(id) }
            if let sitting {
                guard let found = meeting.sittings.first(where: { $0.id == sitting }) else {
                    throw ScheduleFault.unknownMeeting(sitting)
                }
                meeting.exceptions.insert(found.starts)
            }
            if sitting == nil || meeting.sittings.isEmpty { meeting.isCancelled = true }
            meeting.revision += 1
            try Self.save(meeting, db, at: now())
            try Self.note("cancel meeting", sitting ?? id, by: by, db, at: now())
            return meeting
        }
    }

    /// What would come of putting this on the schedule; nothing is changed.
    public func clashes(of draft: ScheduledMeeting) async throws(OfficeStoreError) -> [Clash] {
        try await read { [self] db in
            completed(draft).clashes(with: try Self.meetings(db, endingAfter: now()))
        }
    }

    /// In order, with what it leaves to the site.
    public func completed(_ draft: ScheduledMeeting) -> ScheduledMeeting {
        var meeting = draft.normalised(register)
        meeting.rehearsalMinutes = meeting.rehearsalMinutes ?? rehearsalMinutes
        return meeting
    }

    // MARK: Rehearsals

    public func rehearsals(of sitting: String) async throws(OfficeStoreError) -> [String: PointRehearsal] {
        try await rehearsals(of: [sitting])[sitting] ?? [:]
    }

    /// Of several sittings at once.
    public func rehearsals(
        of sittings: [String]
    ) async throws(OfficeStoreError) -> [String: [String: PointRehearsal]] {
        try await read { db in
            let rows = try Self.rows(
                db, "SELECT sitting, point, content FROM rehearsals WHERE sitting", sittings)
            var found: [String: [String: PointRehearsal]] = [:]
            for row in rows {
                found[row["sitting"], default: [:]][row["point"]] = try OfficeJSON.decode(
                    PointRehearsal.self, row["content"])
            }
            return found
        }
    }

    /// Whether a sitting may begin, and what is missing.
    public func gate(of sitting: String) async throws(OfficeStoreError) -> RehearsalGate {
        let (meeting, _) = try await self.sitting(sitting)
        return RehearsalGate(invited: meeting.invited, rehearsals: try await rehearsals(of: sitting))
    }

    /// Changes what is known of a point's rehearsal.
    public func rehearse(
        _ point: String, of sitting: String, by: String,
        _ change: @escaping @Sendable (inout PointRehearsal, Date) -> Void
    ) async throws(OfficeStoreError) -> RehearsalGate {
        let (meeting, _) = try await self.sitting(sitting)
        guard meeting.invited.contains(where: { $0.point == point }) else {
            throw .refused(ScheduleFault.unknownPoint(point))
        }
        try await write(telling: nil) { [self] db in
            let row = try SQLRow.fetchOne(
                db, sql: "SELECT content FROM rehearsals WHERE sitting = ? AND point = ?", arguments: [sitting, point])
            var rehearsal =
                try row.map { try OfficeJSON.decode(PointRehearsal.self, $0["content"]) } ?? PointRehearsal()
            change(&rehearsal, now().roundedToMillisecond)
            try db.execute(
                sql: """
                    INSERT INTO rehearsals (sitting, point, content) VALUES (?, ?, ?)
                    ON CONFLICT (sitting, point) DO UPDATE SET content = excluded.content
                    """, arguments: [sitting, point, try OfficeJSON.encode(rehearsal)])
            try Self.note("rehearse", "\(sitting) \(point)", by: by, db, at: now())
        }
        return try await gate(of: sitting)
    }

    // MARK: Rows

    /// Of as many names as there may be: a statement has no more than some thousands of them.
    private static func rows(_ db: SQLConnection, _ sql: SQL, _ names: [String]) throws -> [SQLRow] {
        let most = 1_000
        return try stride(from: 0, to: names.count, by: most).flatMap { start in
            try SQLRow.fetchAll(db, "\(sql) IN \(names[start..<min(start + most, names.count)])")
        }
    }

    static func meetings(_ db: SQLConnection, endingAfter time: Date) throws -> [ScheduledMeeting] {
        try String.fetchAll(
            db, sql: "SELECT content FROM meetings WHERE endsAt > ? ORDER BY endsAt, id",
            arguments: [IndochinaTime.text(time)]
        ).map { try OfficeJSON.decode(ScheduledMeeting.self, $0) }
    }

    static func meeting(_ id: String, _ db: SQLConnection) throws -> ScheduledMeeting {
        guard let content = try String.fetchOne(db, sql: "SELECT content FROM meetings WHERE id = ?", arguments: [id])
        else { throw ScheduleFault.unknownMeeting(id) }
        return try OfficeJSON.decode(ScheduledMeeting.self, content)
    }

    private static func save(_ meeting: ScheduledMeeting, _ db: SQLConnection, at moment: Date) throws {
        let ends = meeting.sittings.last?.ends ?? meeting.starts
        try db.execute(
            sql: """
                INSERT INTO meetings (id, content, changedAt, endsAt) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE
                SET content = excluded.content, changedAt = excluded.changedAt, endsAt = excluded.endsAt
                """,
            arguments: [
                meeting.id, try OfficeJSON.encode(meeting), IndochinaTime.text(moment), IndochinaTime.text(ends),
            ])
    }
}

/// Values as the store keeps them: JSON with times as ``IndochinaTime`` writes them.
enum OfficeJSON {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(IndochinaTime.text(date))
        }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = IndochinaTime.date(from: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 time")
            }
            return date
        }
        return try decoder.decode(type, from: Data(text.utf8))
    }
}
