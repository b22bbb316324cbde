public import SQLDatabase

/// That several bridges share the archive: one directory, on a file system that all of them have, and one catalogue in PostgreSQL.
///
/// Each has its own meetings and jobs: what one bridge opened or took over (``Archive/takeOver(_:)``), the others do not end, recover or complete.
/// What one of them does for all (time stamps, fixity, destruction, copies of the databases) is done by one at a time.
public struct ArchiveCluster: Sendable {
    /// This bridge's name, which no other has: ASCII letters, digits, `-` and `_`.
    public var bridge: String
    public var database: PostgresSettings

    public init(bridge: String, database: PostgresSettings) {
        self.bridge = bridge
        self.database = database
    }
}

extension Archive {
    /// Has a meeting, which another bridge had, ended, recovered and completed by this one from now on. What the other still writes of it is refused.
    @discardableResult
    public func takeOver(_ id: String) async throws(ArchiveError) -> MeetingRecord {
        try await write { [bridge] db in
            var meeting = try Self.meeting(id, db)
            meeting.bridge = bridge
            try meeting.update(db)
            return meeting
        }
    }

    /// As for each meeting in a room that is not over, or not completed: for a bridge that is the room's home from now on.
    /// - Returns: those that are not over, the oldest first.
    @discardableResult
    public func takeOver(room: String) async throws(ArchiveError) -> [MeetingRecord] {
        let unfinished = MeetingState.allCases.filter(\.isUnfinished).map(\.rawValue)
        return try await write { [bridge] db in
            try db.execute(
                """
                UPDATE meetings SET bridge = \(bridge)
                WHERE room = \(room) AND state IN \(unfinished + ["closed", "composing"])
                """)
            return try MeetingRecord.fetchAll(
                db, "SELECT * FROM meetings WHERE room = \(room) AND state IN \(unfinished) ORDER BY openedAt, id")
        }
    }

    /// Takes over what a bridge left that is no more: its jobs wait for any bridge, its meetings that are over are completed here.
    /// - Returns: its meetings that are not over, which stay its own until each is taken over.
    public func takeOver(from bridge: String) async throws(ArchiveError) -> [MeetingRecord] {
        let moment = now()
        let unfinished = MeetingState.allCases.filter(\.isUnfinished).map(\.rawValue)
        return try await write { [own = self.bridge] db in
            try Self.requeueInterruptedJobs(of: bridge, db, at: moment)
            try db.execute(
                "UPDATE meetings SET bridge = \(own) WHERE bridge = \(bridge) AND state IN ('closed', 'composing')")
            return try MeetingRecord.fetchAll(
                db, "SELECT * FROM meetings WHERE bridge = \(bridge) AND state IN \(unfinished) ORDER BY openedAt, id")
        }
    }

    /// Asked in each transaction that writes of a meeting that is not over, before it writes; what it throws is thrown. For epochs of rooms.
    public func setFence(_ fence: @escaping @Sendable (MeetingRecord, SQLConnection) throws -> Void) {
        hooks.withLock { $0.fence = fence }
    }

    /// Refuses what a bridge writes of a meeting that another has by now.
    func check(_ meeting: MeetingRecord, _ db: SQLConnection) throws {
        if let bridge, let other = meeting.bridge, other != bridge {
            throw ArchiveError.notItsBridge(meeting: meeting.id)
        }
        try hooks.withLock { $0.fence }(meeting, db)
    }

    /// Meetings that are this bridge's.
    var mine: SQL { bridge.map { "bridge = \($0)" } ?? "TRUE" }

    /// Does what one bridge at a time does; gives `idle` where another is at it.
    func alone<Value>(
        _ task: String, idle: Value, _ body: () async throws(ArchiveError) -> Value
    ) async throws(ArchiveError) -> Value {
        let claim: SQLClaim?
        do { claim = try await catalogue.claim(task) } catch { throw ArchiveError(error, path: cataloguePath) }
        guard let claim else { return idle }
        do throws(ArchiveError) {
            let value = try await body()
            await claim.release()
            return value
        } catch {
            await claim.release()
            throw error
        }
    }
}
