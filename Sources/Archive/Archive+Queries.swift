import Evidence
import Foundation
import SQLDatabase
import Vietnamese

/// Which meetings to list, newest first.
public struct MeetingQuery: Sendable, Equatable {
    /// Opened at this time or later.
    public var from: Date?
    /// Opened before this time.
    public var to: Date?
    public var room: String?
    /// Words that title, convener, document or room contain, with or without marks; of more than eight the first eight.
    public var text: String?
    /// All states where empty.
    public var states: Set<MeetingState>
    /// 1 to 500.
    public var limit: Int
    /// The id that ended the page before.
    public var after: String?

    public static let maximumLimit = 500

    public init(
        from: Date? = nil, to: Date? = nil, room: String? = nil, text: String? = nil, states: Set<MeetingState> = [],
        limit: Int = 50, after: String? = nil
    ) {
        self.from = from
        self.to = to
        self.room = room
        self.text = text
        self.states = states
        self.limit = limit
        self.after = after
    }
}

/// A meeting in a list.
public struct MeetingListing: Sendable, Equatable {
    public var meeting: MeetingRecord
    public var participantCount: Int
    /// Bytes of the sealed files; 0 before the sealing.
    public var byteCount: Int64
}

public struct MeetingPage: Sendable, Equatable {
    public var meetings: [MeetingListing]
    /// What `MeetingQuery.after` takes for the next page; nil on the last.
    public var next: String?
}

/// All that the catalogue has on a meeting.
public struct MeetingDetails: Sendable, Equatable {
    public var meeting: MeetingRecord
    public var participants: [ParticipantRecord]
    public var notes: [MeetingNote]
    public var jobs: [JobRecord]
}

extension MeetingListing {
    init(_ row: SQLRow) throws {
        meeting = try MeetingRecord(row)
        participantCount = row["participantCount"]
        byteCount = row["byteCount"]
    }
}

extension Archive {
    /// The meeting with this id; nil where there is none.
    public func find(_ id: String) async throws(ArchiveError) -> MeetingRecord? {
        try await read { db in try MeetingRecord.fetchOne(db, key: id) }
    }

    /// How many meetings are in the catalogue, by state.
    public func meetingCounts() async throws(ArchiveError) -> [MeetingState: Int] {
        try await read { db in
            let rows = try SQLRow.fetchAll(db, sql: "SELECT state, COUNT(*) AS count FROM meetings GROUP BY state")
            return Dictionary(
                rows.compactMap { row in MeetingState(rawValue: row["state"]).map { ($0, row["count"]) } },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// A page of meetings, newest first.
    public func list(_ query: MeetingQuery) async throws(ArchiveError) -> MeetingPage {
        let limit = min(MeetingQuery.maximumLimit, max(1, query.limit))
        return try await read { db in
            var conditions: [SQL] = []
            if let from = query.from { conditions.append("m.openedAt >= \(IndochinaTime.text(from))") }
            if let to = query.to { conditions.append("m.openedAt < \(IndochinaTime.text(to))") }
            if let room = query.room { conditions.append("m.room = \(VietnameseText.stored(room))") }
            if !query.states.isEmpty { conditions.append("m.state IN \(query.states.map(\.rawValue))") }
            for word in VietnameseText.folded(query.text ?? "").split(whereSeparator: \.isWhitespace).prefix(8) {
                conditions.append("m.searchText LIKE \(Self.containing(word)) ESCAPE '\\'")
            }
            if let after = query.after {
                let last = try Self.meeting(after, db)
                conditions.append("(m.openedAt, m.id) < (\(IndochinaTime.text(last.openedAt)), \(last.id))")
            }
            let filter: SQL = conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
            let request: SQL = """
                SELECT m.*,
                    (SELECT COUNT(*) FROM participants WHERE meetingID = m.id) AS participantCount,
                    (SELECT COALESCE(SUM(size), 0) FROM files WHERE meetingID = m.id) AS byteCount
                FROM meetings m WHERE \(filter) ORDER BY m.openedAt DESC, m.id DESC LIMIT \(limit + 1)
                """
            var meetings = try SQLRow.fetchAll(db, request).map(MeetingListing.init)
            guard meetings.count > limit else { return MeetingPage(meetings: meetings, next: nil) }
            meetings.removeLast()
            return MeetingPage(meetings: meetings, next: meetings.last?.meeting.id)
        }
    }

    /// All that is known of a meeting.
    public func details(of id: String) async throws(ArchiveError) -> MeetingDetails {
        try await read { db in
            MeetingDetails(
                meeting: try Self.meeting(id, db),
                participants: try ParticipantRecord.fetchAll(
                    db, sql: "SELECT * FROM participants WHERE meetingID = ? ORDER BY joinedAt, point", arguments: [id]),
                notes: try MeetingNote.fetchAll(
                    db, sql: "SELECT * FROM notes WHERE meetingID = ? ORDER BY at, rowid", arguments: [id]),
                jobs: try Self.jobs(of: id, db))
        }
    }

    /// The sittings of a meeting of the schedule that were held, newest first, at most a thousand.
    public func meetings(ofSchedule id: String) async throws(ArchiveError) -> [MeetingRecord] {
        try await read { db in
            // `/` follows `.`, which divides a sitting's name.
            try MeetingRecord.fetchAll(
                db,
                sql: "SELECT * FROM meetings WHERE sitting >= ? AND sitting < ? ORDER BY openedAt DESC LIMIT 1000",
                arguments: [id + ".", id + "/"])
        }
    }

    /// Meetings whose confidentiality is above restricted, newest first: those that only their lists may know of.
    public func secretMeetings(limit: Int = 5_000) async throws(ArchiveError) -> [MeetingRecord] {
        try await read { db in
            try MeetingRecord.fetchAll(
                db,
                sql: """
                    SELECT * FROM meetings WHERE confidentiality NOT IN ('ordinary', 'restricted')
                    ORDER BY openedAt DESC LIMIT ?
                    """, arguments: [limit])
        }
    }

    /// The files of a package as they lie on the disk: as sealed, or, before that, as they lie there now, without hashes.
    func storedFiles(of meeting: MeetingRecord) async throws(ArchiveError) -> [PackageFile] {
        if meeting.state.isSealedForGood {
            return try await read { db in
                try PackageFile.of(meeting.id, db)
            }
        }
        let entries: [PackageFiles.Entry]
        do { entries = try PackageFiles.list(paths(of: meeting).directory) } catch { throw ArchiveError(error) }
        return entries.filter(\.isRegularFile).map {
            PackageFile(
                meetingID: meeting.id, path: $0.path, size: $0.size, mime: PackageMIME.type(of: $0.path))
        }
    }

    private static func containing(_ word: Substring) -> String {
        var pattern = "%"
        for character in word.prefix(64) {
            if "%_\\".contains(character) { pattern.append("\\") }
            pattern.append(character)
        }
        return pattern + "%"
    }
}
