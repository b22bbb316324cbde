import Foundation
import PostgresServer
import SQLDatabase
import Testing

@Suite(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct SQLCopyTests {
    private static var migrator: SQLMigrator {
        var migrator = SQLMigrator()
        migrator.registerMigration("1") { db in
            // Named so that what refers comes first by its name.
            try db.create(table: "zones", options: [.strict, .withoutRowID]) { table in table.primaryKey("id", .text) }
            try db.create(table: "notes", options: [.strict]) { table in
                table.autoIncrementedPrimaryKey("number")
                table.column("zone", .text).references("zones")
                table.column("text", .text).notNull()
                table.column("share", .real)
                table.column("octets", .blob)
            }
            try db.create(table: "pairs", options: [.strict, .withoutRowID]) { table in
                table.column("one", .text).notNull()
                table.column("other", .integer).notNull()
                table.primaryKey(["one", "other"])
            }
            try db.create(table: "events", options: [.strict]) { table in table.column("what", .text) }
            try db.create(table: "state", options: [.strict]) { table in table.column("count", .integer).notNull() }
            try db.execute(sql: "INSERT INTO state (count) VALUES (0)")
        }
        return migrator
    }

    private func databases() throws -> (SQLDatabase, SQLDatabase, schema: String) {
        let source = try DatabaseSite(.sqlite).open()
        let target = try DatabaseSite(.postgres)
        guard case .postgres(let settings) = target.location else { throw CancellationError() }
        let database = try target.open()
        try Self.migrator.migrate(source)
        try Self.migrator.migrate(database)
        return (source, database, settings.schema)
    }

    private func fill(_ source: SQLDatabase) async throws {
        try await source.write { db in
            for zone in ["Ạ", "B", "a", "Đ"] { try db.execute(sql: "INSERT INTO zones VALUES (?)", arguments: [zone]) }
            for number in 1...1_003 {
                try db.execute(
                    sql: "INSERT INTO notes (zone, text, share, octets) VALUES (?, ?, ?, ?)",
                    arguments: [
                        number % 3 == 0 ? nil : "Đ", "ghi chú '\(number)'\\ \n",
                        number % 2 == 0 ? nil : Double(number) / 3, Data([0, UInt8(number % 256), 255]),
                    ])
            }
            // The last that was given is given no more.
            try db.execute(sql: "DELETE FROM notes WHERE number > 1000")
            for one in ["b", "Ă", "a"] {
                for other in [Int64.max, -1, 0] {
                    try db.execute(sql: "INSERT INTO pairs VALUES (?, ?)", arguments: [one, other])
                }
            }
            for event in ["sau", "trước", "sau"] {
                try db.execute(sql: "INSERT INTO events VALUES (?)", arguments: [event])
            }
            try db.execute(sql: "UPDATE state SET count = 5")
        }
    }

    @Test func allRowsOfAFileComeIntoASchemaAsTheyAre() async throws {
        let (source, target, schema) = try databases()
        try await fill(source)
        let copied = try SQLCopy.run([SQLCopy(of: source, into: schema, seeded: ["state"])], into: target)
        let counts = Dictionary(uniqueKeysWithValues: (copied[schema] ?? []).map { ($0.name, $0.rows) })
        #expect(counts == ["zones": 4, "notes": 1_000, "pairs": 9, "events": 3, "state": 1])
        for sql in [
            "SELECT id FROM zones ORDER BY id", "SELECT * FROM notes ORDER BY number",
            "SELECT * FROM pairs ORDER BY one, other",
            "SELECT what FROM events ORDER BY rowid", "SELECT count FROM state",
        ] {
            let one = try await source.read { db in try SQLRow.fetchAll(db, sql: sql).map(\.values) }
            let other = try await target.read { db in try SQLRow.fetchAll(db, sql: sql).map(\.values) }
            #expect(one == other, "\(sql)")
        }
        let next = try await target.write { db in
            try Int64.fetchOne(db, sql: "INSERT INTO notes (text) VALUES ('mới') RETURNING number")
        }
        #expect(next == 1_004)
        try source.close()
        try target.close()
    }

    @Test func nothingIsCopiedWhereAnythingIsThere() async throws {
        let (source, target, schema) = try databases()
        try await fill(source)
        try await target.write { db in _ = try db.execute(sql: "INSERT INTO zones VALUES ('x')") }
        #expect(throws: SQLCopy.Fault.notEmpty(table: "zones")) {
            try SQLCopy.run([SQLCopy(of: source, into: schema, seeded: ["state"])], into: target)
        }
        #expect(throws: SQLCopy.Fault.notEmpty(table: "state")) {
            try SQLCopy.run([SQLCopy(of: source, into: schema)], into: target)
        }
        // One copy that fails takes the others with it.
        try await target.write { db in _ = try db.execute(sql: "DELETE FROM zones") }
        let copy = SQLCopy(of: source, into: schema, seeded: ["state"])
        #expect(throws: SQLCopy.Fault.self) { try SQLCopy.run([copy, copy], into: target) }
        let left = try await target.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM notes") }
        #expect(left == 0)
        // Tables that the other does not have.
        try await source.write { db in _ = try db.execute(sql: "CREATE TABLE more (x TEXT) STRICT") }
        #expect(throws: SQLCopy.Fault.otherTables("more")) { try SQLCopy.run([copy], into: target) }
        try source.close()
        try target.close()
    }
}
