import Foundation
import SQLDatabase
import Vietnamese

/// Requests of agencies, what was granted, and what came of it: the supply register.
extension Archive {
    private static let longestDetail = 200

    /// Asks for a recording.
    public func requestAccess(
        _ wish: AccessRequest.Wish, by requester: AccessPerson
    ) async throws(ArchiveError) -> AccessRequest {
        let moment = now().roundedToMillisecond
        return try await write { db in
            // Whether there is such a recording is not told to who may not know of it: the archivist sees it.
            let waiting =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM accessRequests WHERE requesterID = ? AND state = 'waiting'",
                    arguments: [requester.id]) ?? 0
            var request = try AccessRequest(number: 0, wish, by: requester, waiting: waiting, at: moment)
            request.number = try db.insert(
                sql: """
                    INSERT INTO accessRequests (meetingID, description, purpose, reason, spanFrom, spanTo, wantsDownload,
                    requesterID, requesterName, agency, requestedAt, state)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
                    """,
                arguments: [
                    request.wish.meetingID, request.wish.description, request.wish.purpose, request.wish.reason,
                    request.wish.span?.lowerBound, request.wish.span?.upperBound, request.wish.wantsDownload,
                    requester.id, requester.name, requester.agency, IndochinaTime.text(moment), request.state.rawValue,
                ])
            return request
        }
    }

    /// Grants a request, in other words where `terms` differ from the wish.
    public func grantAccess(
        to number: Int64, _ terms: AccessGrant.Terms, by officer: String
    ) async throws(ArchiveError) -> AccessGrant {
        let moment = now().roundedToMillisecond
        return try await write { db in
            var request = try Self.accessRequest(number, db)
            guard let id = terms.meetingID ?? request.wish.meetingID else { throw AccessFault.noMeeting }
            var grant = try AccessGrant(
                number: 0, to: request, terms, of: try Self.meeting(id, db), by: officer, at: moment)
            let remark = terms.remark.isEmpty ? nil : try AccessRequest.text(terms.remark, "A remark")
            try request.close(.granted, by: officer, at: moment, remark)
            try Self.update(request, db)
            grant.number = try db.insert(
                sql: """
                    INSERT INTO accessGrants (requestID, meetingID, holderID, holderName, agency, level, spanFrom, spanTo,
                    validFrom, validUntil, grantedBy, grantedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    RETURNING id
                    """,
                arguments: [
                    grant.request, grant.meetingID, grant.holder.id, grant.holder.name, grant.holder.agency,
                    grant.level.rawValue, grant.span?.lowerBound, grant.span?.upperBound,
                    IndochinaTime.text(grant.validFrom), IndochinaTime.text(grant.validUntil), officer,
                    IndochinaTime.text(moment),
                ])
            try Self.enqueueCopy(of: grant, at: moment, db)
            return grant
        }
    }

    public func refuseAccess(
        to number: Int64, reason: String, by officer: String
    ) async throws(ArchiveError) -> AccessRequest {
        let moment = now().roundedToMillisecond
        return try await change(number) { request throws(AccessFault) in
            try request.refuse(reason: reason, by: officer, at: moment)
        }
    }

    public func withdrawAccessRequest(
        _ number: Int64, by person: String
    ) async throws(ArchiveError) -> AccessRequest {
        let moment = now().roundedToMillisecond
        return try await change(number) { request throws(AccessFault) in
            try request.withdraw(by: person, at: moment)
        }
    }

    /// Takes a grant back, at once.
    public func revokeAccess(
        _ number: Int64, reason: String, by officer: String
    ) async throws(ArchiveError) -> AccessGrant {
        let moment = now().roundedToMillisecond
        return try await write { db in
            var grant = try Self.accessGrant(number, db)
            try grant.revoke(reason: reason, by: officer, at: moment)
            try db.execute(
                sql: "UPDATE accessGrants SET revokedBy = ?, revokedAt = ?, revokeReason = ? WHERE id = ?",
                arguments: [officer, IndochinaTime.text(moment), grant.revokeReason, number])
            try Self.dropCopyJobs(of: number, db)
            return grant
        }
    }

    /// The newest requests first, at most `limit`.
    ///
    /// - Parameters:
    ///   - requester: of this account alone.
    ///   - states: all where empty.
    ///   - before: older than the one with this number.
    public func accessRequests(
        of requester: String? = nil, in states: Set<AccessRequest.State> = [], before: Int64? = nil, limit: Int = 100
    ) async throws(ArchiveError) -> [AccessRequest] {
        let wanted = (states.isEmpty ? Set(AccessRequest.State.allCases) : states).map(\.rawValue)
        return try await read { db in
            var conditions: [SQL] = ["state IN \(wanted)"]
            if let requester { conditions.append("requesterID = \(requester)") }
            if let before { conditions.append("id < \(before)") }
            let request: SQL = """
                SELECT * FROM accessRequests WHERE \(conditions.joined(separator: " AND "))
                ORDER BY id DESC LIMIT \(min(500, max(1, limit)))
                """
            return try SQLRow.fetchAll(db, request).compactMap(AccessRequest.init)
        }
    }

    public func accessRequest(_ number: Int64) async throws(ArchiveError) -> AccessRequest {
        try await read { db in try Self.accessRequest(number, db) }
    }

    public func accessGrant(_ number: Int64) async throws(ArchiveError) -> AccessGrant {
        try await read { db in try Self.accessGrant(number, db) }
    }

    /// The newest grants first, at most `limit`.
    public func accessGrants(
        of holder: String? = nil, meeting: String? = nil, before: Int64? = nil, limit: Int = 100
    ) async throws(ArchiveError) -> [AccessGrant] {
        try await read { db in
            var conditions: [SQL] = ["TRUE"]
            if let holder { conditions.append("holderID = \(holder)") }
            if let meeting { conditions.append("meetingID = \(meeting)") }
            if let before { conditions.append("id < \(before)") }
            let request: SQL = """
                SELECT * FROM accessGrants WHERE \(conditions.joined(separator: " AND "))
                ORDER BY id DESC LIMIT \(min(500, max(1, limit)))
                """
            return try SQLRow.fetchAll(db, request).compactMap(AccessGrant.init)
        }
    }

    /// What these requests were answered with.
    public func accessGrants(answering requests: [Int64]) async throws(ArchiveError) -> [AccessGrant] {
        try await read { db in
            let request: SQL = "SELECT * FROM accessGrants WHERE requestID IN \(requests)"
            return try SQLRow.fetchAll(db, request).compactMap(AccessGrant.init)
        }
    }

    /// Grants that are in force, or will be.
    public func lastingGrants() async throws(ArchiveError) -> [AccessGrant] {
        let moment = IndochinaTime.text(now())
        return try await read { db in
            try SQLRow.fetchAll(
                db, sql: "SELECT * FROM accessGrants WHERE revokedAt IS NULL AND validUntil > ? ORDER BY id",
                arguments: [moment]
            ).compactMap(AccessGrant.init)
        }
    }

    /// The recordings that an account may see now.
    public func recordingsGranted(to holder: String) async throws(ArchiveError) -> Set<String> {
        let moment = now()
        return Set(
            try await lastingGrants().filter { $0.holder.id == holder && $0.state(at: moment) == .inForce }
                .map(\.meetingID))
    }

    /// Notes that a grant was used, or that its use was refused.
    public func noteAccess(_ what: String, of grant: Int64, _ detail: String = "") async throws(ArchiveError) {
        let moment = now().roundedToMillisecond
        try await write { db in
            _ = try Self.accessGrant(grant, db)
            try db.execute(
                sql: "INSERT INTO accessUses (grantID, at, what, detail) VALUES (?, ?, ?, ?)",
                arguments: [grant, IndochinaTime.text(moment), what, String(detail.prefix(Self.longestDetail))])
        }
    }

    /// The newest uses first.
    public func accessUses(of grant: Int64, limit: Int = 500) async throws(ArchiveError) -> [AccessUse] {
        try await read { db in
            try SQLRow.fetchAll(
                db, sql: "SELECT * FROM accessUses WHERE grantID = ? ORDER BY id DESC LIMIT ?",
                arguments: [grant, min(500, max(1, limit))]
            ).compactMap { row in
                IndochinaTime.date(from: row["at"]).map {
                    AccessUse(grant: row["grantID"], at: $0, what: row["what"], detail: row["detail"])
                }
            }
        }
    }

    // MARK: Rows

    private func change(
        _ number: Int64, _ step: @escaping @Sendable (inout AccessRequest) throws(AccessFault) -> Void
    ) async throws(ArchiveError) -> AccessRequest {
        try await write { db in
            var request = try Self.accessRequest(number, db)
            try step(&request)
            try Self.update(request, db)
            return request
        }
    }

    private static func update(_ request: AccessRequest, _ db: SQLConnection) throws {
        try db.execute(
            sql: "UPDATE accessRequests SET state = ?, decidedBy = ?, decidedAt = ?, remark = ? WHERE id = ?",
            arguments: [
                request.state.rawValue, request.decidedBy, request.decidedAt.map(IndochinaTime.text), request.remark,
                request.number,
            ])
    }

    private static func accessRequest(_ number: Int64, _ db: SQLConnection) throws -> AccessRequest {
        guard let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM accessRequests WHERE id = ?", arguments: [number]),
            let request = AccessRequest(row)
        else { throw AccessFault.unknownRequest(number) }
        return request
    }

    static func accessGrant(_ number: Int64, _ db: SQLConnection) throws -> AccessGrant {
        guard let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM accessGrants WHERE id = ?", arguments: [number]),
            let grant = AccessGrant(row)
        else { throw AccessFault.unknownGrant(number) }
        return grant
    }
}

extension SQLRow {
    /// Milliseconds of a recording.
    fileprivate var span: Range<Int64>? {
        guard let from: Int64 = self["spanFrom"], let to: Int64 = self["spanTo"], from < to else { return nil }
        return from..<to
    }

    fileprivate func date(_ column: String) -> Date? {
        (self[column] as String?).flatMap(IndochinaTime.date(from:))
    }
}

extension AccessRequest {
    fileprivate init?(_ row: SQLRow) {
        guard let state = State(rawValue: row["state"]), let requestedAt = row.date("requestedAt") else { return nil }
        self.init(
            number: row["id"],
            wish: Wish(
                meetingID: row["meetingID"], description: row["description"], purpose: row["purpose"],
                reason: row["reason"], span: row.span, wantsDownload: row["wantsDownload"]),
            requester: AccessPerson(id: row["requesterID"], name: row["requesterName"], agency: row["agency"]),
            requestedAt: requestedAt, state: state, decidedBy: row["decidedBy"], decidedAt: row.date("decidedAt"),
            remark: row["remark"])
    }
}

extension AccessGrant {
    fileprivate init?(_ row: SQLRow) {
        guard let level = CopyLevel(rawValue: row["level"]), let from = row.date("validFrom"),
            let until = row.date("validUntil"), let grantedAt = row.date("grantedAt")
        else { return nil }
        self.init(
            number: row["id"], request: row["requestID"], meetingID: row["meetingID"],
            holder: AccessPerson(id: row["holderID"], name: row["holderName"], agency: row["agency"]), level: level,
            span: row.span, validFrom: from, validUntil: until, grantedBy: row["grantedBy"], grantedAt: grantedAt,
            revokedBy: row["revokedBy"], revokedAt: row.date("revokedAt"), revokeReason: row["revokeReason"])
    }
}
