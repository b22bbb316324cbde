import Foundation
import PostgresServer
import SQLDatabase
import Testing

/// What only PostgreSQL can do, and what happens when it is gone.
@Suite(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct PostgresFaultsTests {
    private static func settings(_ conninfo: String, patience: Int = 20) -> PostgresSettings {
        PostgresSettings(
            conninfo: conninfo, schema: DatabaseSite.schema(), connectTimeout: 2, statementTimeout: 60,
            outcomePatience: patience)
    }

    @Test func aCommitWhoseAnswerWasLostIsWrittenOnce() async throws {
        let server = try #require(PostgresServer.shared)
        let proxy = try CuttingProxy(to: server)
        defer { proxy.end() }
        let database = try SQLDatabase(.postgres(Self.settings(server.conninfo(host: proxy.folder)))).withThings()
        defer { try? database.close() }
        let told = Told<String>()
        proxy.cut(.afterCommit)
        try await database.write { db in
            try db.execute(sql: "INSERT INTO things (someName) VALUES ('once')")
            db.afterCommit { told.tell("once") }
        }
        #expect(try await database.count() == 1)
        #expect(told.all == ["once"])
        proxy.cut(.beforeCommit)
        let error = await #expect(throws: SQLDatabaseError.self) { try await database.add("never") }
        #expect(error?.mayBeTriedAgain == true)
        #expect(try await database.count() == 1)
        try await database.add("now")
        #expect(try await database.count() == 2)
    }

    @Test func whatBecameOfACommitIsUnknownWhereTheDatabaseStaysAway() async throws {
        let server = try #require(PostgresServer.shared)
        let proxy = try CuttingProxy(to: server)
        defer { proxy.end() }
        let database = try SQLDatabase(.postgres(Self.settings(server.conninfo(host: proxy.folder), patience: 1)))
            .withThings()
        defer { try? database.close() }
        // Nobody is let in again: the socket is gone from where it was.
        proxy.cut(.afterCommit)
        try FileManager.default.removeItem(atPath: proxy.folder + "/.s.PGSQL.5432")
        let error = await #expect(throws: SQLDatabaseError.self) { try await database.add("who knows") }
        guard case .unknownOutcome = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func aDatabaseThatIsGoneAnswersAtOnceAndIsBackWhenItIs() async throws {
        let server = try PostgresServer()
        let database = try SQLDatabase(.postgres(Self.settings(server.conninfo()))).withThings()
        defer { try? database.close() }
        try await database.add("before")
        try server.stop()
        let began = ContinuousClock.now
        let refusals = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<300 {
                group.addTask {
                    do {
                        if index % 2 == 0 { _ = try await database.count() } else { try await database.add("\(index)") }
                        return false
                    } catch { return (error as? SQLDatabaseError)?.mayBeTriedAgain == true }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refusals == 300)
        // Were each to try by itself, it would be minutes; the tests beside this one want the processor too.
        #expect(ContinuousClock.now - began < .seconds(30))
        try server.start()
        let deadline = ContinuousClock.now + .seconds(20)
        var count: Int?
        while count == nil, ContinuousClock.now < deadline {
            count = try? await database.count()
            if count == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(count == 1)
        try await database.add("after")
        // A line that broke while it stood idle is no fault of who asks next.
        try server.stop()
        try server.start()
        #expect(try await database.count() == 2)
        try await database.add("again")
        #expect(try await database.count() == 3)
    }

    @Test func jobsAreClaimedOnceBesideOthersThatWrite() async throws {
        let settings = Self.settings(try #require(PostgresServer.shared).conninfo())
        let databases = try (0..<3).map { _ in try SQLDatabase(.postgres(settings)).withThings() }
        defer { for database in databases { try? database.close() } }
        try await databases[0].write { db in
            for number in 0..<90 { try db.execute(sql: "INSERT INTO things (amount) VALUES (?)", arguments: [number]) }
        }
        let claimed = Told<Int64>()
        // What holds the schema's lock meanwhile is in nobody's way.
        try await databases[0].write { db in
            try db.execute(sql: "UPDATE things SET share = 1 WHERE id = 1")
            let others = Array(databases.dropFirst())
            let done = DispatchSemaphore(value: 0)
            Task {
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<6 {
                        group.addTask {
                            while let id = try? await others[index % 2].writeBeside({ db in
                                try Int64.fetchOne(
                                    db,
                                    sql: """
                                        UPDATE things SET someName = ? WHERE id = (SELECT id FROM things
                                        WHERE someName IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id
                                        """, arguments: ["worker \(index)"])
                            }) { claimed.tell(id) }
                        }
                    }
                }
                done.signal()
            }
            #expect(done.wait(timeout: .now() + 100) == .success)
        }
        #expect(claimed.all.count == 89)
        #expect(Set(claimed.all) == Set(2...90))
    }

    @Test func aStatementThatFailedAndWasPassedOverFailsTheTransaction() async throws {
        let database = try SQLDatabase(.postgres(Self.settings(try #require(PostgresServer.shared).conninfo())))
            .withThings()
        defer { try? database.close() }
        await #expect(throws: SQLDatabaseError.self) {
            try await database.write { db in
                try db.execute(sql: "INSERT INTO things (someName) VALUES ('lost')")
                _ = try? db.execute(sql: "INSERT INTO nowhere VALUES (1)")
            }
        }
        #expect(try await database.count() == 0)
    }

    @Test func aTransactionThatTheServerGivesUpIsRunAgain() async throws {
        let database = try SQLDatabase(.postgres(Self.settings(try #require(PostgresServer.shared).conninfo())))
            .withThings()
        defer { try? database.close() }
        try await database.write { db in try db.execute(sql: "INSERT INTO things (amount) VALUES (0), (0)") }
        // Each takes the rows in the other's order: PostgreSQL ends one of them after a second.
        let met = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for order in [[1, 2], [2, 1]] {
                group.addTask {
                    try await database.writeBeside { db in
                        for (index, id) in order.enumerated() {
                            try db.execute(sql: "UPDATE things SET amount = amount + 1 WHERE id = ?", arguments: [id])
                            if index == 0 {
                                met.signal()
                                usleep(50_000)
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let amounts = try await database.read { db in try Int.fetchAll(db, sql: "SELECT amount FROM things ORDER BY id")
        }
        #expect(amounts == [2, 2])
    }

    @Test func whatIsToldIsHeardByOthersWhenItIsCommitted() async throws {
        let settings = Self.settings(try #require(PostgresServer.shared).conninfo())
        let (one, other) = (try SQLDatabase(.postgres(settings)), try SQLDatabase(.postgres(settings)))
        defer {
            try? one.close()
            try? other.close()
        }
        var heard = other.notifications(on: "register").makeAsyncIterator()
        #expect(await heard.next() == "")
        try? await one.write { db in
            try db.notify("register", "never")
            throw CancellationError()
        }
        try await one.write { db in try db.notify("Register", "7") }
        #expect(await heard.next() == "7")
    }

    @Test func aTaskIsClaimedByOneProcess() async throws {
        let settings = Self.settings(try #require(PostgresServer.shared).conninfo())
        let (one, other) = (try SQLDatabase(.postgres(settings)), try SQLDatabase(.postgres(settings)))
        defer {
            try? one.close()
            try? other.close()
        }
        let claim = try #require(try await one.claim("copies"))
        for database in [one, other] {
            let isRefused = try await database.claim("copies") == nil
            #expect(isRefused)
        }
        let another = try #require(try await other.claim("fixity"))
        // Released, it is free at once.
        for _ in 0..<10 {
            let again = try #require(try await one.claim("often"))
            await again.release()
        }
        await claim.release()
        let next = try #require(try await other.claim("copies"))
        await next.release()
        await another.release()
    }

    @Test func whoHoldsTheLockTooLongIsNotWaitedFor() async throws {
        let settings = Self.settings(try #require(PostgresServer.shared).conninfo())
        var hasty = settings
        hasty.statementTimeout = 1
        let (one, other) = (try SQLDatabase(.postgres(settings)), try SQLDatabase(.postgres(hasty)))
        defer {
            try? one.close()
            try? other.close()
        }
        let (isHeld, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let holder: Void = one.write { _ in
            isHeld.signal()
            mayEnd.wait()
        }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                isHeld.wait()
                continuation.resume()
            }
        }
        let error = await #expect(throws: SQLDatabaseError.self) { try await other.write { _ in } }
        #expect(error?.mayBeTriedAgain == true)
        // Who reads waits for nobody.
        #expect(try await other.read { db in try Int.fetchOne(db, sql: "SELECT 1") } == 1)
        mayEnd.signal()
        try await holder
        try await other.write { _ in }
    }

    @Test func isRefusedInWordsThatSayWhat() async throws {
        let server = try #require(PostgresServer.shared)
        #expect(throws: SQLDatabaseError.self) {
            try SQLDatabase(.postgres(PostgresSettings(conninfo: server.conninfo(), schema: "No; DROP")))
        }
        let error = #expect(throws: SQLDatabaseError.self) {
            try SQLDatabase(
                .postgres(PostgresSettings(conninfo: server.conninfo("nowhere") + " password=secret", schema: "s")))
        }
        #expect(error?.description.contains("nowhere") == true)
        #expect(error?.description.contains("secret") == false)
        let unreadable = #expect(throws: SQLDatabaseError.self) {
            try SQLDatabase(.postgres(PostgresSettings(conninfo: "host=a password=two words", schema: "s")))
        }
        #expect(unreadable?.description.contains("words") == false)
        // An account that may make no schema has the one that was made for it.
        let conninfo = try server.makeDatabase()
        try server.psql("CREATE ROLE small LOGIN; CREATE SCHEMA archive AUTHORIZATION small", conninfo)
        let database = try SQLDatabase(
            .postgres(
                PostgresSettings(conninfo: conninfo.replacing("user=causeway", with: "user=small"), schema: "archive"))
        ).withThings()
        try await database.add("a")
        #expect(try server.psql("SELECT somename FROM archive.things", conninfo) == "a")
        try database.close()
    }
}
