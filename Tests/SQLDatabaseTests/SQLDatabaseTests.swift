import Foundation
import SQLDatabase
import Testing

/// What is true of both databases.
@Suite struct SQLDatabaseTests {
    private struct Oops: Error {}

    @Test(arguments: DatabaseSite.kinds)
    func keepsValuesAsTheyAre(_ kind: DatabaseSite.Kind) async throws {
        let database = try DatabaseSite(kind).open().withThings()
        defer { try? database.close() }
        let texts: [String?] = ["", "Sở Y tế 'Điện Biên' ? $1 \\x41 \n", "\u{1F4DE}", nil, "x"]
        let numbers: [Int64?] = [0, .min, .max, nil, -1]
        let shares: [Double?] = [0, .greatestFiniteMagnitude, 0.1, nil, -1e-300]
        let octets: [Data?] = [Data(), Data(0...255), Data([0]), nil, Data("\\x".utf8)]
        try await database.write { db in
            for index in texts.indices {
                let id = try Int64.fetchOne(
                    db, sql: "INSERT INTO things (someName, amount, share, octets) VALUES (?, ?, ?, ?) RETURNING id",
                    arguments: [texts[index], numbers[index], shares[index], octets[index]])
                #expect(id == Int64(index) + 1)
            }
        }
        let rows = try await database.read { db in try SQLRow.fetchAll(db, sql: "SELECT * FROM things ORDER BY id") }
        #expect(rows.map { $0["somename"] as String? } == texts)
        #expect(rows.map { $0["amount"] as Int64? } == numbers)
        #expect(rows.map { $0["SHARE"] as Double? } == shares)
        #expect(rows.map { $0["octets"] as Data? } == octets)
        // What the two would make something else of.
        let sum = try await database.read { db in
            try SQLRow.fetchOne(
                db,
                sql: """
                    SELECT sum(amount) AS total, EXISTS (SELECT 1 FROM things) AS isThere, '?' AS mark, max(id) AS last,
                        CAST(substr('2026-11', 1, 4) AS INTEGER) AS year FROM things WHERE amount BETWEEN ? AND ?
                    """, arguments: [-1, 0])
        }
        #expect(sum?["total"] == Int64(-1))
        #expect(sum?["isThere"] == true)
        #expect(sum?["mark"] == "?")
        #expect(sum?["last"] == 5)
        #expect(sum?["year"] == 2026)
    }

    @Test(arguments: DatabaseSite.kinds)
    func interpolatesValuesNotText(_ kind: DatabaseSite.Kind) async throws {
        let database = try DatabaseSite(kind).open().withThings()
        defer { try? database.close() }
        for name in ["a", "b'; DROP TABLE things; --", "c"] { try await database.add(name) }
        let found = try await database.read { db in
            let condition: SQL = "someName IN \(["a", "b'; DROP TABLE things; --"])"
            let conditions: [SQL] = [condition, "id > \(0)", "amount IS NULL"]
            return try String.fetchAll(
                db, "SELECT someName FROM things WHERE \(conditions.joined(separator: " AND ")) ORDER BY id")
        }
        #expect(found == ["a", "b'; DROP TABLE things; --"])
        let none = try await database.read { db in
            try Int64.fetchAll(db, "SELECT id FROM things WHERE id IN \([Int64]())")
        }
        #expect(none.isEmpty)
    }

    @Test(arguments: DatabaseSite.kinds)
    func ordersTextsByTheirOctets(_ kind: DatabaseSite.Kind) async throws {
        let database = try DatabaseSite(kind).open().withThings()
        defer { try? database.close() }
        for name in ["ă", "b", "B", "a.b", "a/", "a", "Z", "đ"] { try await database.add(name) }
        let names = try await database.read { db in
            try String.fetchAll(db, sql: "SELECT someName FROM things ORDER BY someName")
        }
        #expect(names == ["B", "Z", "a", "a.b", "a/", "b", "ă", "đ"])
        let range = try await database.read { db in
            try String.fetchAll(
                db, sql: "SELECT someName FROM things WHERE someName >= ? AND someName < ?", arguments: ["a.", "a/"])
        }
        #expect(range == ["a.b"])
    }

    @Test(arguments: DatabaseSite.kinds)
    func writesAllOrNothingAndTellsOfWhatIsThere(_ kind: DatabaseSite.Kind) async throws {
        let database = try DatabaseSite(kind).open().withThings()
        defer { try? database.close() }
        let told = Told<String>()
        await #expect(throws: Oops.self) {
            try await database.write { db in
                try db.execute(sql: "INSERT INTO things (someName) VALUES ('gone')")
                db.afterCommit { told.tell("gone") }
                throw Oops()
            }
        }
        #expect(try await database.count() == 0)
        for name in ["one", "two"] {
            try await database.write { db in
                try db.execute(sql: "INSERT INTO things (someName) VALUES (?)", arguments: [name])
                #expect(db.changesCount == 1)
                db.afterCommit { told.tell(name) }
            }
        }
        #expect(told.all == ["one", "two"])
        #expect(try await database.count() == 2)
        await #expect(throws: SQLDatabaseError.self) {
            try await database.read { db in try db.execute(sql: "DELETE FROM things") }
        }
        #expect(try await database.count() == 2)
    }

    @Test(arguments: DatabaseSite.kinds)
    func goesOnAfterWhatFailedInASavepoint(_ kind: DatabaseSite.Kind) async throws {
        let database = try DatabaseSite(kind).open().withThings()
        defer { try? database.close() }
        try await database.write { db in
            try db.execute(sql: "INSERT INTO things (id, someName) VALUES (7, 'first')")
            #expect(throws: SQLDatabaseError.self) {
                try db.inSavepoint {
                    try db.execute(sql: "INSERT INTO things (someName) VALUES ('lost')")
                    try db.execute(sql: "INSERT INTO things (id, someName) VALUES (7, 'again')")
                }
            }
            try db.execute(sql: "INSERT INTO things (someName) VALUES ('second')")
        }
        let names = try await database.read { db in
            try String.fetchAll(db, sql: "SELECT someName FROM things ORDER BY someName")
        }
        #expect(names == ["first", "second"])
        let fault = await #expect(throws: SQLDatabaseError.self) {
            try await database.write { db in try db.execute(sql: "INSERT INTO things (id) VALUES (7)") }
        }
        guard case .constraint = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }

    @Test(arguments: DatabaseSite.kinds)
    func handsOutLongResultsRowByRow(_ kind: DatabaseSite.Kind) async throws {
        let database = try DatabaseSite(kind).open().withThings()
        defer { try? database.close() }
        try await database.write { db in
            for number in 1...700 {
                try db.execute(sql: "INSERT INTO things (amount) VALUES (?)", arguments: [number], isKept: true)
            }
        }
        let sum = try await database.read { db in
            var sum = 0
            try db.forEach(sql: "SELECT id, amount FROM things WHERE amount > ? ORDER BY id", arguments: [100]) { row in
                sum +=
                    try Int.fetchOne(db, sql: "SELECT amount FROM things WHERE id = ?", arguments: [row["id"] as Int])
                    ?? 0
            }
            return sum
        }
        #expect(sum == (101...700).reduce(0, +))
    }

    @Test(arguments: DatabaseSite.kinds)
    func migratesOnceAndKnowsWhatIsNewer(_ kind: DatabaseSite.Kind) async throws {
        let site = try DatabaseSite(kind)
        let database = try site.open().withThings()
        try await database.add("kept")
        try database.close()
        let again = try site.open()
        var migrator = SQLMigrator()
        #expect(try migrator.hasBeenSuperseded(again))
        migrator.registerMigration("1-things") { _ in Issue.record("it was carried out before") }
        #expect(try !migrator.hasBeenSuperseded(again))
        migrator.registerMigration("2-more") { db in
            try db.alter(table: "things") { table in
                table.add(column: "state", .text).notNull().defaults(to: "it's new").indexed()
            }
            try db.create(table: "parts", options: [.strict, .withoutRowID]) { table in
                table.column("thing", .integer).notNull().references("things", onDelete: .cascade)
                table.column("part", .text).notNull()
                table.primaryKey(["thing", "part"])
            }
            // Without a key: told in the order in which they came.
            try db.create(table: "remarks", options: [.strict]) { table in table.column("remark", .text).notNull() }
        }
        try migrator.migrate(again)
        try migrator.migrate(again)
        try await again.write { db in
            #expect(try String.fetchAll(db, sql: "SELECT state FROM things") == ["it's new"])
            try db.execute(sql: "INSERT INTO parts (thing, part) VALUES (1, 'a'), (1, 'b')")
            try db.execute(sql: "INSERT INTO parts (thing, part) VALUES (1, 'a') ON CONFLICT DO NOTHING")
            #expect(db.changesCount == 0)
            for remark in ["z", "a", "m"] {
                try db.execute(sql: "INSERT INTO remarks (remark) VALUES (?)", arguments: [remark])
            }
            #expect(try String.fetchAll(db, sql: "SELECT remark FROM remarks ORDER BY rowid") == ["z", "a", "m"])
            try db.execute(sql: "DELETE FROM things WHERE id = 1")
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM parts") == 0)
        }
        // One that fails leaves nothing behind.
        migrator.registerMigration("3-wrong") { db in
            try db.execute(sql: "CREATE TABLE half (a INTEGER)")
            throw Oops()
        }
        #expect(throws: Oops.self) { try migrator.migrate(again) }
        await #expect(throws: SQLDatabaseError.self) {
            try await again.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM half") }
        }
        try again.close()
        await #expect(throws: (any Error).self) { try await again.add("late") }
    }

    private struct Part: SQLRecord, Equatable {
        static let tableName = "parts"
        static let keyColumns = ["thing", "part"]
        var thing: String
        var part: String
        var note: String?
        init(_ thing: String, _ part: String, _ note: String?) {
            (self.thing, self.part, self.note) = (thing, part, note)
        }
        init(_ row: SQLRow) { (thing, part, note) = (row["thing"], row["part"], row["note"]) }
        var columns: KeyValuePairs<String, (any SQLConvertible)?> { ["thing": thing, "part": part, "note": note] }
    }

    @Test(arguments: DatabaseSite.kinds)
    func recordsAreRows(_ kind: DatabaseSite.Kind) async throws {
        let database = try DatabaseSite(kind).open()
        defer { try? database.close() }
        var migrator = SQLMigrator()
        migrator.registerMigration("1") { db in
            try db.create(table: "parts", options: [.strict, .withoutRowID]) { table in
                table.column("thing", .text).notNull()
                table.column("part", .text).notNull()
                table.column("note", .text)
                table.primaryKey(["thing", "part"])
            }
        }
        try migrator.migrate(database)
        try await database.write { db in
            var part = Part("a", "b", nil)
            try part.insert(db)
            try Part("a", "c", "other").insert(db)
            part.note = "noted"
            try part.update(db)
            try Part("a", "d", "new").save(db)
            try Part("a", "d", nil).save(db)
            #expect(
                try Part.fetchAll(db, sql: "SELECT * FROM parts ORDER BY part")
                    == [part, Part("a", "c", "other"), Part("a", "d", nil)])
            try part.delete(db)
            #expect(throws: SQLDatabaseError.self) { try part.update(db) }
            #expect(try Part.fetchOne(db, sql: "SELECT * FROM parts WHERE part = ?", arguments: ["b"]) == nil)
        }
    }

    @Test(arguments: DatabaseSite.kinds)
    func oneWriterAfterTheOther(_ kind: DatabaseSite.Kind) async throws {
        let site = try DatabaseSite(kind)
        // As two processes; of SQLite's file there is one.
        let one = try site.open().withThings()
        let databases = [one, kind == .sqlite ? one : try site.open().withThings()]
        defer {
            for database in Set(databases.map(ObjectIdentifier.init)).count == 1 ? [one] : databases {
                try? database.close()
            }
        }
        try await one.write { db in try db.execute(sql: "INSERT INTO things (amount) VALUES (0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                group.addTask {
                    try await databases[index % 2].write { db in
                        let amount = try Int.fetchOne(db, sql: "SELECT amount FROM things WHERE id = 1") ?? 0
                        try db.execute(sql: "UPDATE things SET amount = ? WHERE id = 1", arguments: [amount + 1])
                    }
                }
            }
            try await group.waitForAll()
        }
        let amount = try await one.read { db in try Int.fetchOne(db, sql: "SELECT amount FROM things WHERE id = 1") }
        #expect(amount == 60)
    }
}
