import Placement
public import SQLDatabase

/// The tables by which bridges share rooms: who lives (`bridges`), and who has which room (`roomHomes`). Each statement of
/// ``RoomPlacement`` is one transaction, conditional on what was seen, so that what is no longer so changes nothing.
public final class HomeStore: Sendable {
    /// In PostgreSQL.
    public static let schema = "causeway_cluster"

    private let database: SQLDatabase
    private let me: KnownBridge

    /// Opens the tables, making what is missing.
    /// - Throws: `SQLDatabaseError`.
    public init(_ location: SQLLocation, as me: KnownBridge) throws {
        database = try SQLDatabase(location)
        self.me = me
        try Self.migrator.migrate(database)
    }

    /// Where it is in PostgreSQL. What a bridge asks is small, and an answer that comes late is worth nothing.
    public static func location(conninfo: String) -> SQLLocation {
        .postgres(
            PostgresSettings(
                conninfo: conninfo, schema: schema, readers: 1, connectTimeout: 2, statementTimeout: 4,
                outcomePatience: 2))
    }

    public func close() throws { try database.close() }

    private static var migrator: SQLMigrator {
        var migrator = SQLMigrator()
        migrator.registerMigration("1-homes") { db in
            try db.create(table: "bridges") { table in
                table.primaryKey("name", .text)
                table.column("life", .text).notNull()
                table.column("renewals", .integer).notNull()
                table.column("hasLeft", .integer).notNull()
                table.column("controlHost", .text).notNull()
                table.column("controlPort", .integer).notNull()
                table.column("trunk", .text)
            }
            try db.create(table: "roomHomes") { table in
                table.primaryKey("room", .text)
                // Both NULL where nobody has it. The row stays, for its epoch.
                table.column("bridge", .text).indexed()
                table.column("life", .text)
                table.column("epoch", .integer).notNull()
            }
        }
        return migrator
    }

    /// What a statement came to: the event to tell, and the bridges where they were looked at.
    struct Answer: Sendable {
        var event: RoomPlacement.Event?
        var bridges: [KnownBridge]?
    }

    /// Carries out a statement; nothing of one that throws is of effect but where its commit's outcome is unknown.
    func carryOut(_ action: RoomPlacement.Action) async throws -> Answer {
        let me = me
        switch action {
        case .renew(let number, let suspects):
            return try await database.write { db in try Self.renew(number, suspects, me, db) }
        case .register(let seen, let unrenewed):
            return Answer(event: .registered(try await database.write { try Self.register(seen, unrenewed, me, $0) }))
        case .take(let taking):
            return Answer(event: try await database.write { db in try Self.take(taking, me.life, db) })
        case .release(let room, let epoch):
            _ = try await database.write { db in
                try db.execute(
                    """
                    UPDATE roomHomes SET bridge = NULL, life = NULL
                    WHERE room = \(room) AND epoch = \(epoch) AND bridge = \(me.life.bridge) AND life = \(me.life.life)
                    """)
            }
            return Answer(event: .released(room, epoch: epoch))
        case .leave:
            _ = try await database.write { db in
                try db.execute(
                    "UPDATE bridges SET hasLeft = 1 WHERE name = \(me.life.bridge) AND life = \(me.life.life)")
            }
            return Answer()
        case .probe, .serve, .stop, .elsewhere, .joined, .superseded: return Answer()
        }
    }

    /// Whether a room is in this epoch still; it stays so until the transaction, of whatever store in the same database, is over.
    public static func isIn(_ epoch: Int64, room: String, _ db: SQLConnection) throws -> Bool {
        guard db.dialect == .postgres else { return true }
        let found = try Int64.fetchOne(
            db, sql: "SELECT epoch FROM \(schema).roomHomes WHERE room = ? FOR SHARE", arguments: [room])
        return found == epoch
    }

    /// A bridge as it is entered now.
    func bridge(named name: String) async throws -> KnownBridge? {
        try await database.read { db in
            try SQLRow.fetchOne(db, "SELECT * FROM bridges WHERE name = \(name)").map(KnownBridge.init)
        }
    }

    private static func renew(
        _ number: Int, _ suspects: [String], _ me: KnownBridge, _ db: SQLConnection
    ) throws -> Answer {
        try db.execute(
            """
            UPDATE bridges SET renewals = renewals + 1
            WHERE name = \(me.life.bridge) AND life = \(me.life.life) AND hasLeft = 0
            """)
        let rooms = try SQLRow.fetchAll(
            db,
            """
            SELECT h.room, h.bridge, h.life, h.epoch FROM roomHomes h LEFT JOIN bridges b ON b.name = h.bridge
            WHERE h.bridge IS NOT NULL AND (h.bridge = \(me.life.bridge) OR b.name IS NULL OR b.life <> h.life
            OR b.hasLeft = 1 OR h.bridge IN \(suspects))
            """
        ).map(RoomRow.init)
        let bridges = try SQLRow.fetchAll(db, "SELECT * FROM bridges")
        let rows = bridges.map(BridgeRow.init)
        let view = DatabaseView(
            bridges: Dictionary(rows.map { ($0.life.bridge, $0) }) { $1 },
            rooms: Dictionary(rooms.map { ($0.room, $0) }) { $1 })
        return Answer(event: .renewed(number, view), bridges: bridges.map(KnownBridge.init))
    }

    private static func register(
        _ seen: BridgeRow?, _ unrenewed: Int64?, _ me: KnownBridge, _ db: SQLConnection
    ) throws -> Bool {
        guard let seen else {
            return try db.execute(
                """
                INSERT INTO bridges (name, life, renewals, hasLeft, controlHost, controlPort, trunk)
                VALUES (\(me.name), \(me.life.life), 1, 0, \(me.control.host), \(me.control.port), \(me.trunk))
                ON CONFLICT (name) DO NOTHING
                """) == 1
        }
        let still: SQL = unrenewed.map { "AND renewals = \($0)" } ?? ""
        return try db.execute(
            """
            UPDATE bridges SET life = \(me.life.life), renewals = renewals + 1, hasLeft = 0,
            controlHost = \(me.control.host), controlPort = \(me.control.port), trunk = \(me.trunk)
            WHERE name = \(me.name) AND life = \(seen.life.life) \(still)
            """) == 1
    }

    private static func take(_ taking: Taking, _ me: BridgeLife, _ db: SQLConnection) throws -> RoomPlacement.Event {
        let room = taking.room
        let row = try SQLRow.fetchOne(
            db, "SELECT room, bridge, life, epoch FROM roomHomes WHERE room = \(room)"
        ).map(RoomRow.init)
        let mine = try SQLRow.fetchOne(
            db, "SELECT 1 AS here FROM bridges WHERE name = \(me.bridge) AND life = \(me.life) AND hasLeft = 0")
        guard mine != nil else { return .notTaken(taking, row) }
        guard let row else {
            guard taking.seen == nil else { return .notTaken(taking, nil) }
            try db.execute(
                "INSERT INTO roomHomes (room, bridge, life, epoch) VALUES (\(room), \(me.bridge), \(me.life), 1)")
            return .taken(taking, epoch: 1)
        }
        guard taking.seen.map({ $0 == row }) ?? (row.holder == nil) else { return .notTaken(taking, row) }
        if let unrenewed = taking.unrenewed, let holder = row.holder {
            let renewals = try Int64.fetchOne(
                db, "SELECT renewals FROM bridges WHERE name = \(holder.bridge) AND life = \(holder.life)")
            guard renewals == unrenewed else { return .notTaken(taking, row) }
        }
        let changed = try db.execute(
            """
            UPDATE roomHomes SET bridge = \(me.bridge), life = \(me.life), epoch = epoch + 1
            WHERE room = \(room) AND epoch = \(row.epoch)
            """)
        return changed == 1 ? .taken(taking, epoch: row.epoch + 1) : .notTaken(taking, row)
    }
}

extension KnownBridge {
    init(_ row: SQLRow) {
        self.init(
            life: BridgeLife(bridge: row["name"], life: row["life"]),
            control: ControlAddress(host: row["controlHost"], port: row["controlPort"]), trunk: row["trunk"])
    }
}

extension BridgeRow {
    init(_ row: SQLRow) {
        self.init(
            life: BridgeLife(bridge: row["name"], life: row["life"]), renewals: row["renewals"], hasLeft: row["hasLeft"]
        )
    }
}

extension RoomRow {
    init(_ row: SQLRow) {
        let (bridge, life): (String?, String?) = (row["bridge"], row["life"])
        let holder = bridge.flatMap { bridge in life.map { BridgeLife(bridge: bridge, life: $0) } }
        self.init(room: row["room"], holder: holder, epoch: row["epoch"])
    }
}
