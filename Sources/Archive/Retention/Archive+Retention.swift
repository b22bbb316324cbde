import Foundation
import SQLDatabase
import Vietnamese

/// Classes, legal holds and the clocks of meetings.
extension Archive {
    /// What retention has on a meeting.
    public func retention(of id: String) async throws(ArchiveError) -> RetentionDossier {
        try await read { [retention] db in try Self.dossier(of: try Self.meeting(id, db), retention, db) }
    }

    /// A page of meetings that are over, the oldest first.
    public func retention(_ query: RetentionQuery) async throws(ArchiveError) -> RetentionPage {
        let limit = min(500, max(1, query.limit))
        let moment = now()
        return try await read { [retention] db in
            var conditions: [SQL] = ["m.state NOT IN ('running', 'recording', 'recovering')"]
            if query.choice != .all { conditions.append("m.state <> 'destroyed'") }
            switch query.choice {
            case .all: break
            case .due: conditions.append(Self.isDue(retention, in: RetentionClock.year(moment)))
            case .clocks: conditions.append(Self.isToBeSubmitted(by: moment))
            case .held:
                conditions.append("EXISTS (SELECT 1 FROM holds WHERE meetingID = m.id AND releasedAt IS NULL)")
            }
            if let after = query.after {
                let last = try Self.meeting(after, db)
                conditions.append("(m.openedAt, m.id) > (\(IndochinaTime.text(last.openedAt)), \(last.id))")
            }
            let request: SQL = """
                SELECT m.* FROM meetings m WHERE \(conditions.joined(separator: " AND "))
                ORDER BY m.openedAt, m.id LIMIT \(limit + 1)
                """
            let found = try MeetingRecord.fetchAll(db, request)
            let dossiers = try found.prefix(limit).map { try Self.dossier(of: $0, retention, db) }
            return RetentionPage(dossiers: dossiers, next: found.count > limit ? dossiers.last?.meeting.id : nil)
        }
    }

    /// The year in which the work ended: times are kept with Vietnam's offset.
    private static let endedYear: SQL = "CAST(substr(COALESCE(m.closedAt, m.openedAt), 1, 4) AS INTEGER)"

    /// How many sealed meetings may be destroyed by their terms, where nobody holds or proposed them.
    func countOfOver() async throws(ArchiveError) -> Int {
        let year = RetentionClock.year(now())
        return try await read { [retention] db in
            try Int.fetchOne(
                db,
                """
                SELECT COUNT(*) FROM meetings m WHERE m.state = 'sealed' AND \(Self.isDue(retention, in: year - 1))
                AND NOT EXISTS (SELECT 1 FROM holds WHERE meetingID = m.id AND releasedAt IS NULL)
                AND NOT EXISTS (SELECT 1 FROM proposalMeetings p WHERE p.meetingID = m.id
                    AND p.proposalID IN (SELECT id FROM proposals WHERE state = 'proposed'))
                """) ?? 0
        }
    }

    static func isDue(_ table: RetentionTable, in year: Int) -> SQL {
        let terms: [SQL] = table.classes.compactMap { row in
            guard case .years(let years) = row.term else { return nil }
            return """
                (COALESCE(m.retentionClass, \(table.standard.code)) = \(row.code) AND \(endedYear) <= \(year - years))
                """
        }
        return terms.isEmpty ? "FALSE" : "(\(terms.joined(separator: " OR ")))"
    }

    private static func isToBeSubmitted(by moment: Date) -> SQL {
        let last = IndochinaTime.day(moment.addingTimeInterval(Double(RetentionQuery.noticeDays) * 86_400))
        // The last year whose end is no later.
        let year = (Int(last.prefix(4)) ?? 0) - (last.hasSuffix("12-31") ? 0 : 1)
        let clocks: [SQL] = ReceivingArchive.allCases.map { archive in
            """
            (\(endedYear) <= \(year - archive.years) AND NOT EXISTS
            (SELECT 1 FROM submissions WHERE meetingID = m.id AND archive = \(archive.rawValue)))
            """
        }
        return "(\(clocks.joined(separator: " OR ")))"
    }

    /// Gives a meeting another class; nil for the standard one. One that is proposed for destruction keeps its own.
    public func setRetentionClass(_ code: String?, of id: String) async throws(ArchiveError) {
        if let code, retention[code] == nil { throw .retention(.unknownClass(code)) }
        try await write { db in
            var meeting = try Self.meeting(id, db)
            try meeting.refuseDestroyed()
            if let proposal = try Self.openProposal(of: id, db) {
                throw RetentionFault.obstacles([id: [.proposed(proposal)]])
            }
            meeting.retentionClass = code
            try meeting.update(db)
        }
    }

    /// Holds a meeting, whatever its term.
    @discardableResult
    public func hold(
        _ id: String, reason: String, document: String? = nil, by officer: String
    ) async throws(ArchiveError) -> LegalHold {
        let moment = now().roundedToMillisecond
        return try await write { db in
            try Self.meeting(id, db).refuseDestroyed()
            let reason = try Self.text(reason, "A reason")
            let document = try document.map { try Self.text($0, "The document") }
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM holds WHERE meetingID = ? AND releasedAt IS NULL", arguments: [id])
            guard count ?? 0 < LegalHold.most else {
                throw RetentionFault.tooManyHolds
            }
            let number = try db.insert(
                sql: """
                    INSERT INTO holds (meetingID, reason, document, placedBy, placedAt) VALUES (?, ?, ?, ?, ?)
                    RETURNING id
                    """,
                arguments: [id, reason, document, VietnameseText.stored(officer), IndochinaTime.text(moment)])
            return try Self.hold(number, db)
        }
    }

    /// Ends a hold; others on the same meeting stay.
    @discardableResult
    public func release(
        hold number: Int64, of id: String, reason: String, by officer: String
    ) async throws(ArchiveError) -> LegalHold {
        let moment = now().roundedToMillisecond
        return try await write { db in
            var hold = try Self.hold(number, db)
            guard hold.meetingID == id else { throw RetentionFault.unknownHold(number) }
            guard hold.releasedAt == nil else { throw RetentionFault.alreadyReleased(number) }
            hold.releaseReason = try Self.text(reason, "A reason")
            hold.releasedBy = VietnameseText.stored(officer)
            hold.releasedAt = moment
            try hold.update(db)
            return hold
        }
    }

    /// Notes that a dossier was handed over; what was noted of it before is replaced.
    public func noteSubmission(
        of id: String, to archive: ReceivingArchive, document: String, by officer: String
    ) async throws(ArchiveError) {
        let moment = now().roundedToMillisecond
        try await write { db in
            try Self.meeting(id, db).refuseDestroyed()
            try DossierSubmission(
                meetingID: id, archive: archive, document: try Self.text(document, "The document"),
                by: VietnameseText.stored(officer), at: moment
            ).save(db)
        }
    }

    static func text(_ text: String, _ name: String) throws(RetentionFault) -> String {
        try DestructionProposal.text(VietnameseText.stored(text), name)
    }

    private static func hold(_ number: Int64, _ db: SQLConnection) throws -> LegalHold {
        guard let hold = try LegalHold.fetchOne(db, key: number) else { throw RetentionFault.unknownHold(number) }
        return hold
    }

    static func dossier(
        of meeting: MeetingRecord, _ table: RetentionTable, _ db: SQLConnection
    ) throws -> RetentionDossier {
        RetentionDossier(
            meeting: meeting, retentionClass: table.retentionClass(of: meeting),
            clock: RetentionClock(endedAt: meeting.closedAt ?? meeting.openedAt),
            holds: try LegalHold.fetchAll(
                db, sql: "SELECT * FROM holds WHERE meetingID = ? ORDER BY id", arguments: [meeting.id]),
            submissions: try DossierSubmission.fetchAll(
                db, sql: "SELECT * FROM submissions WHERE meetingID = ? ORDER BY archive", arguments: [meeting.id]),
            proposal: try openProposal(of: meeting.id, db))
    }

    static func openProposal(of id: String, _ db: SQLConnection) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT p.id FROM proposals p JOIN proposalMeetings m ON m.proposalID = p.id
                WHERE m.meetingID = ? AND p.state = 'proposed'
                """, arguments: [id])
    }
}

extension RetentionTable {
    /// A class that the table has no more is as good as for ever, until somebody gives the meeting another.
    func retentionClass(of meeting: MeetingRecord) -> RetentionClass {
        guard let code = meeting.retentionClass else { return standard }
        return self[code]
            ?? RetentionClass(
                code: code, term: .permanent, vietnamese: "Không còn trong bảng thời hạn",
                english: "No longer in the retention table")
    }
}

extension MeetingRecord {
    /// Of what was destroyed there is nothing to read or to make.
    public func refuseDestroyed() throws(ArchiveError) {
        guard state == .destroyed else { return }
        throw .destroyed(
            meeting: id, at: destroyedAt.map(IndochinaTime.day) ?? "", certificate: DestructionCertificate.textName)
    }
}
