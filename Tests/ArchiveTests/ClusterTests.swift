import Foundation
import PostgresServer
import SQLDatabase
import Testing

@testable import Archive

/// Several bridges over one archive: one directory, one catalogue in PostgreSQL.
@Suite(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct ClusterTests {
    /// The same archive, opened by bridges `b1`, `b2` and so on.
    private static func bridges(
        _ count: Int, second: SecondLocation? = nil, now: @escaping @Sendable () -> Date = { morning }
    ) throws -> (Workshop, [Archive]) {
        let workshop = try CatalogueKind.$current.withValue(.postgres) { try Workshop() }
        return (
            workshop,
            try (1...count).map { try workshop.shared(with: "b\($0)").open(second: second, now: now) }
        )
    }

    @Test func severalOpenOneArchiveAndNobodyElseDoes() async throws {
        let (workshop, archives) = try Self.bridges(3)
        #expect(throws: ArchiveError.openElsewhere(root: workshop.root)) {
            try workshop.shared(with: "b2").open()
        }
        #expect(throws: ArchiveError.openElsewhere(root: workshop.root)) { try Archive(root: workshop.root) }
        #expect(throws: ArchiveError.unusableName("../b")) { try workshop.shared(with: "../b").open() }
        // One key seals for all.
        #expect(Set(archives.map(\.trustedSigners)).count == 1)
        try archives[1].close()
        _ = try workshop.shared(with: "b2").open()
    }

    @Test func beganAtTheSameTimeTheyMakeOneCatalogueAndOneKey() async throws {
        let workshop = try CatalogueKind.$current.withValue(.postgres) { try Workshop() }
        let signers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 1...4 {
                group.addTask {
                    try await Self.onThread { try workshop.shared(with: "b\(number)").open().trustedSigners }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(signers.count == 1)
    }

    /// Opening blocks.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    @Test func eachJobIsClaimedByOneBridge() async throws {
        let (_, archives) = try Self.bridges(3)
        var ids: Set<String> = []
        for index in 0..<12 {
            let archive = archives[index % 3]
            let meeting = try await archive.closedMeeting(.sample("m\(index)"), masterBytes: 10)
            try await archive.enqueue(.compose, for: meeting.id)
            ids.insert(meeting.id)
        }
        let claimed = try await withThrowingTaskGroup(of: [JobRecord].self) { group in
            for archive in archives {
                group.addTask {
                    var mine: [JobRecord] = []
                    while let job = try await archive.claimNextJob() { mine.append(job) }
                    return mine
                }
            }
            return try await group.reduce(into: [JobRecord]()) { $0 += $1 }
        }
        #expect(claimed.count == 12 && Set(claimed.map(\.meetingID)) == ids)
        for job in claimed {
            #expect(job.bridge.map { ["b1", "b2", "b3"].contains($0) } == true)
            #expect(try await archives[0].find(job.meetingID)?.state == .composing)
        }
    }

    @Test func jobsOfABridgeThatIsNoMoreAreTakenBackAndItsOwnWordIsVoid() async throws {
        let (_, archives) = try Self.bridges(2)
        let (dead, other) = (archives[0], archives[1])
        let meeting = try await dead.closedMeeting(masterBytes: 10)
        try await dead.enqueue(.compose, for: meeting.id)
        let job = try #require(await dead.claimNextJob())
        #expect(try await other.claimNextJob() == nil)
        #expect(try await other.meetingsToComplete().isEmpty, "they are the other's")
        #expect(try await other.takeOver(from: "b1").isEmpty)
        let again = try #require(await other.claimNextJob())
        #expect(again.id == job.id && again.bridge == "b2" && again.attempts == 2)
        // It was not dead, but slow.
        try await dead.updateJob(job.id, progress: 0.9)
        await #expect(throws: ArchiveError.busyElsewhere(meeting: meeting.id)) { try await dead.finishJob(job.id) }
        await #expect(throws: ArchiveError.self) { try await dead.failJob(job.id, error: "late") }
        #expect(try await other.jobs(of: meeting.id).first?.progress == 0)
        try await other.finishJob(again.id)
        #expect(try await other.meetingsToComplete().map(\.id) == [meeting.id])
        #expect(try await dead.meetingsToComplete().isEmpty)
    }

    @Test func aBridgeThatBeginsAgainTakesItsOwnJobsBackAndNoOthers() async throws {
        let (workshop, archives) = try Self.bridges(2)
        for (index, archive) in archives.enumerated() {
            let meeting = try await archive.closedMeeting(.sample("m\(index)"), masterBytes: 10)
            try await archive.enqueue(.compose, for: meeting.id)
            #expect(try await archive.claimNextJob() != nil)
        }
        try archives[0].close()
        let again = try workshop.shared(with: "b1").open(now: { morning })
        let states = try await again.activeJobs().map { "\($0.bridge ?? "-") \($0.state.rawValue)" }
        #expect(states == ["- queued", "b2 running"])
    }

    @Test func aMeetingIsItsBridgesUntilAnotherTakesItOver() async throws {
        let (_, archives) = try Self.bridges(2)
        let (stale, other) = (archives[0], archives[1])
        let id = try await stale.openMeeting(.sample()).id
        try await stale.setState(id, to: .recording)
        #expect(try await stale.unfinishedMeetings().map(\.id) == [id])
        #expect(try await other.unfinishedMeetings().isEmpty)
        await #expect(throws: ArchiveError.notItsBridge(meeting: id)) {
            try await other.closeMeeting(id, at: morning + 1)
        }
        #expect(try await other.takeOver(from: "b1").map(\.id) == [id])
        #expect(try await other.takeOver(room: "giaoban").map(\.id) == [id])
        #expect(try await other.unfinishedMeetings().map(\.id) == [id])
        #expect(try await stale.unfinishedMeetings().isEmpty)
        // It returns.
        await #expect(throws: ArchiveError.notItsBridge(meeting: id)) { try await stale.setState(id, to: .running) }
        let late = RollEntry(meeting: id, point: "p", at: morning, .joined(name: "P", unit: nil))
        #expect(try await stale.writeRoll([late]) == [id])
        #expect(try await other.details(of: id).participants.isEmpty)
        #expect(try await other.writeRoll([late]).isEmpty)
        try await other.closeMeeting(id, at: morning + 60, durationMilliseconds: 1)
    }

    @Test func aFenceIsAskedInTheTransactionThatWrites() async throws {
        let (_, archives) = try Self.bridges(1)
        let archive = archives[0]
        let meeting = try await archive.openMeeting(.sample())
        struct Superseded: Error {}
        archive.setFence { meeting, db in
            try db.execute(sql: "UPDATE meetings SET title = 'half' WHERE id = ?", arguments: [meeting.id])
            throw ArchiveError.notItsBridge(meeting: meeting.id)
        }
        await #expect(throws: ArchiveError.notItsBridge(meeting: meeting.id)) {
            try await archive.setState(meeting.id, to: .recording)
        }
        #expect(try await archive.find(meeting.id) == meeting)
    }

    @Test func sealsOfAllAreOneLedger() async throws {
        let (_, archives) = try Self.bridges(3)
        var meetings: [(Archive, String)] = []
        for index in 0..<9 {
            let archive = archives[index % 3]
            meetings.append((archive, try await archive.closedMeeting(.sample("m\(index)"), masterBytes: 2000).id))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (archive, id) in meetings { group.addTask { try await archive.seal(id) } }
            try await group.waitForAll()
        }
        for archive in archives {
            #expect(archive.ledgerFile.ledger.entries.count == 9 && archive.ledgerFile.ledger.brokenAt == nil)
            for (_, id) in meetings {
                let report = try await archive.verify(id)
                #expect(report.isIntact, "\(report.findings)")
            }
        }
        let numbers = try await archives[0].read { db in
            try Int64.fetchAll(db, sql: "SELECT number FROM ledger ORDER BY number")
        }
        #expect(numbers == Array(1...9))
        // One package is not sealed by two.
        let id = try await archives[0].closedMeeting(.sample("both"), masterBytes: 200_000).id
        let ends = await withTaskGroup(of: Bool.self) { group in
            for archive in archives { group.addTask { (try? await archive.seal(id)) != nil } }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(ends.filter { $0 }.count == 1)
        #expect(try await archives[2].verify(id).isIntact)
    }

    @Test func aLineThatWasNotEnteredInTheCatalogueIsEnteredByTheNext() async throws {
        let (workshop, archives) = try Self.bridges(2)
        let first = try await archives[0].sealedMeeting(.sample("a"))
        try await archives[0].write { db in try db.execute(sql: "DELETE FROM ledger") }
        let second = try await archives[1].sealedMeeting(.sample("b"))
        let lines = try await archives[0].read { db in
            try String.fetchAll(db, sql: "SELECT line FROM ledger ORDER BY number")
        }
        let file = try String(contentsOfFile: workshop.root + "/ledger.jsonl", encoding: .utf8)
        #expect(lines.count == 2 && file.split(separator: "\n").map(String.init) == lines)
        for meeting in [first, second] { #expect(try await archives[0].verify(meeting.id).isIntact) }
    }

    @Test func aCatalogueThatCannotBeReachedIsSaidSoAndGoesOnWhenItIsBack() async throws {
        let proxy = try CuttingProxy(to: try #require(PostgresServer.shared))
        defer { proxy.end() }
        let workshop = try CatalogueKind.$current.withValue(.postgres) { try Workshop() }
        var cluster = try #require(workshop.cluster)
        cluster.database.conninfo = try #require(PostgresServer.shared).conninfo(host: proxy.folder)
        let archive = try Archive(root: workshop.root, cluster: cluster)
        let meeting = try await archive.openMeeting(.sample())
        proxy.cut(.closed)
        let error = await #expect(throws: ArchiveError.self) { try await archive.setState(meeting.id, to: .recording) }
        #expect(error?.mayPass == true)
        guard case .catalogueUnreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // What goes to files does not notice.
        try archive.append(EventRecord(at: morning, name: "opened"), to: meeting, durable: true)
        proxy.cut(.none)
        let deadline = ContinuousClock.now + .seconds(20)
        var state: MeetingState?
        while state == nil, ContinuousClock.now < deadline {
            state = try? await archive.setState(meeting.id, to: .recording).state
            if state == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(state == .recording)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pg_dump"), "pg_dump is not installed"))
    func aCopyOfTheCatalogueIsOneThatComesBack() async throws {
        let shelf = try Workshop().root
        let (workshop, archives) = try Self.bridges(2, second: SecondLocation(.directory(shelf)))
        let id = try await archives[0].sealedMeeting().id
        #expect(try await archives[0].copyDatabases([]) == "2026-11-24")
        #expect(try await archives[1].copyDatabases([]) == nil)
        let copy = shelf + "/databases/2026-11-24/catalogue.pgdump"
        let server = try #require(PostgresServer.shared)
        let database = try server.makeDatabase()
        let restored = try shell("/usr/bin/pg_restore --no-owner -d '\(database)' '\(copy)'", in: shelf)
        #expect(restored.status == 0, "\(restored.output)")
        let schema = try #require(workshop.cluster).database.schema
        #expect(try server.psql("SELECT id FROM \(schema).meetings", database) == id)
    }
}
