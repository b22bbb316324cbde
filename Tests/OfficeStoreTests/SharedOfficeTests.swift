import Evidence
import Foundation
import Office
import Papers
import PostgresServer
import SQLDatabase
import Synchronization
import Testing

@testable import OfficeStore

/// Several bridges over one PostgreSQL.
@Suite(
    "A store that bridges share", .serialized,
    .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct SharedOfficeTests {
    private final class Told: Sendable {
        let office = Mutex(0)
        let papers = Mutex(0)
        init(_ store: OfficeStore) {
            store.observe { [self] in office.withLock { $0 += 1 } }
            store.observePapers { [self] in papers.withLock { $0 += 1 } }
        }
        var counts: [Int] { [office.withLock { $0 }, papers.withLock { $0 }] }
    }

    private static func key() throws -> SealKey {
        let path = NSTemporaryDirectory() + "shared-\(UUID().uuidString).key"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try SealKey.ensure(at: path)
    }

    private func person(_ id: String) -> RegisterChange {
        .add(.person(PersonEntry(id: id, name: id, roles: [.convener])))
    }

    private func draft(_ harness: StoreHarness) -> ScheduledMeeting {
        ScheduledMeeting(
            title: "Giao ban", room: "giaoban", convener: "Chủ tịch UBND tỉnh",
            document: .init(number: "120/GM-UBND", date: "2026-01-20"), field: "y tế", chair: .init(name: "A"),
            starts: harness.now.addingTimeInterval(86_400), minutes: 60, recurrence: nil,
            invited: [.init(point: "a")])
    }

    private func pieces(_ text: String) -> AsyncThrowingStream<Data, any Error> {
        AsyncThrowingStream { stream in
            stream.yield(Data(text.utf8))
            stream.finish()
        }
    }

    private func report(_ store: OfficeStore, _ key: SealKey) async throws -> AuditReport {
        try await store.inspectJournal(trusting: key.publicKey)
    }

    @Test("has one journal, whoever appends to it, signs it and cuts it at the same time")
    func oneChain() async throws {
        let harness = try StoreHarness(.postgres)
        let key = try Self.key()
        let stores = [try harness.open(), try harness.open(), try harness.open()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, store) in stores.enumerated() {
                for number in 0..<20 {
                    group.addTask {
                        try await store.note("sign in", of: "\(index) \(number)", by: "lan")
                        if number % 7 == 0 { _ = try await store.signJournal(by: key) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let report = try await report(stores[1], key)
        #expect(report.isWhole && report.entries == 60 && report.last == 60, "\(report.findings)")
        let subjects = try await stores[0].journal(limit: 100).map(\.subject)
        #expect(Set(subjects).count == 60, "each once")
        // What the first cuts away the second knew, and goes on.
        harness.pass(800 * 86_400)
        try await stores[0].note("sign in", of: "sau", by: "lan")
        #expect(try await stores[0].cutJournal(keepingMonths: 12, by: key) == 60)
        try await stores[1].note("sign in", of: "sau", by: "lan")
        #expect(try await stores[2].signJournal(by: key))
        let left = try await self.report(stores[1], key)
        #expect(left.isWhole && left.first == 61 && left.last == 63, "\(left.findings)")
        for store in stores { try store.close() }
    }

    @Test("shows a gap where lines are taken away that any one of the bridges knew, and is one chain behind it")
    func gap() async throws {
        let harness = try StoreHarness(.postgres)
        let key = try Self.key()
        let (first, second) = (try harness.open(), try harness.open())
        for number in 1...4 { try await first.note("sign in", of: "\(number)", by: "lan") }
        let fourth = first.known.withLock { $0.tip }
        for number in 5...6 { try await second.note("sign in", of: "\(number)", by: "lan") }
        let cut = "DELETE FROM journal WHERE number > 4"
        let agree = "UPDATE officeState SET journalNumber = 4, journalHash = '\(fourth.hash)'"
        try await harness.tamper(cut, agree)
        // The first never heard of lines 5 and 6: to it all is well, and it goes on behind the fourth.
        try await first.note("sign in", of: "7", by: "lan")
        #expect(try await report(first, key).isWhole)
        #expect(try await !report(second, key).isWhole)
        await #expect(throws: OfficeStoreError.self) { try await second.signJournal(by: key) }
        // What the second writes holds to what it knows.
        try await second.note("sign in", of: "8", by: "lan")
        let seen = try await report(first, key)
        #expect(seen.findings.count == 1, "\(seen.findings)")
        for store in [first, second, first] { try await store.note("sign in", of: "9", by: "lan") }
        #expect(try await report(first, key).findings == seen.findings, "what came behind is a chain")
        // A bridge that looks each second knows what the others wrote.
        try await second.note("sign in", of: "10", by: "lan")
        try await first.follow()
        try await harness.tamper(
            "DELETE FROM journal WHERE number = (SELECT max(number) FROM journal)",
            "UPDATE officeState SET journalNumber = 4, journalHash = '\(fourth.hash)'")
        try await first.follow()
        #expect(try await report(first, key).findings.contains { $0.kind == .cutOff })
        for store in [first, second] { try store.close() }
    }

    @Test("has each bridge know the register and the schedule as any other changed it, and tells it once")
    func following() async throws {
        let harness = try StoreHarness(.postgres)
        let (first, second) = (try harness.open(), try harness.open())
        let (here, there) = (Told(first), Told(second))
        try await first.apply([.add(.room(RoomEntry(id: "giaoban", title: "Giao ban")))], by: "test")
        try await first.apply([.add(.point(PointEntry(id: "a", name: "A")))], by: "test")
        #expect(here.counts == [2, 0] && there.counts == [0, 0])
        #expect(try await second.follow())
        #expect(second.register == first.register && second.register.point("a") != nil)
        #expect(there.counts == [1, 0], "changes that came together are told together")
        #expect(try await second.follow() == false && there.counts == [1, 0])
        #expect(try await first.follow() == false && here.counts == [2, 0], "it knows its own")

        let meeting = try await first.schedule(draft(harness), by: "lan").meeting
        #expect(try await second.follow() && there.counts == [2, 0])
        let paper = try await second.addPaper("một.txt", to: meeting.id, by: "lan", pieces: pieces("một"))
        #expect(there.counts == [2, 1])
        #expect(try await first.follow() && here.counts == [3, 1])
        let (_, path) = try await first.paper(paper.id, of: meeting.id)
        #expect(FileManager.default.contents(atPath: path) == Data("một".utf8))
        // What concerns no other is told to none.
        try await first.note("sign in", of: "lan", by: "lan")
        #expect(try await second.follow() == false)
        // One that was closed meanwhile has it all when it is opened.
        try second.close()
        try await first.apply([.remove(.point, "a")], by: "test")
        let third = try harness.open()
        #expect(third.register.point("a") == nil && third.register == first.register)
        #expect(try await third.follow() == false)
        // One whose file fixes something more has the others know it.
        let fourth = try harness.open(fixed: [.unit(UnitEntry(id: "vpubnd", name: "Văn phòng"))])
        #expect(try await third.follow() && third.register.isFixed(.unit, "vpubnd"))
        #expect(try await fourth.follow() == false)
        try fourth.close()
        for store in [first, third] { try store.close() }
    }

    @Test("is judged by what is in force, not by what a bridge saw last")
    func judging() async throws {
        let harness = try StoreHarness(.postgres)
        let (first, second) = (try harness.open(), try harness.open())
        try await first.apply(
            [.add(.room(RoomEntry(id: "giaoban", title: "Giao ban"))), .add(.point(PointEntry(id: "a", name: "A")))],
            by: "test")
        // The second did not look since.
        await #expect(throws: OfficeStoreError.self) {
            try await second.apply([.add(.point(PointEntry(id: "a", name: "Khác")))], by: "test")
        }
        #expect(second.register.point("a")?.name == "A", "it has learnt of it")
        try await first.apply([.add(.point(PointEntry(id: "b", name: "B")))], by: "test")
        try await second.apply([.add(.point(PointEntry(id: "c", name: "C")))], by: "test")
        #expect(second.register.points.map(\.id).sorted() == ["a", "b", "c"])
        try await first.follow()
        #expect(first.register == second.register)
        // Two that want the room at once, each on a bridge of its own.
        let draft = draft(harness)
        let won = await withTaskGroup(of: Bool.self) { group in
            for store in [first, second, first, second] {
                group.addTask { (try? await store.schedule(draft, by: "x")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
        for store in [first, second] { try store.close() }
    }

    @Test("takes each one-time password and link once, and counts failures, on whichever bridge")
    func signingIn() async throws {
        let harness = try StoreHarness(.postgres)
        let (first, second) = (try harness.open(), try harness.open())
        try await first.apply([person("lan")], by: "test")
        let link = try await first.issueLink(to: "lan", by: "test")
        try await second.follow()
        _ = try await second.redeem(link: link.token, password: "cầu truyền hình 1")
        await #expect(throws: OfficeStoreError.self) {
            _ = try await first.redeem(link: link.token, password: "cầu truyền hình 2")
        }
        for store in [first, second, first, second, first] {
            await #expect(throws: OfficeStoreError.self) { _ = try await store.signIn("lan", password: "sai") }
        }
        do {
            _ = try await second.signIn("lan", password: "cầu truyền hình 1")
            Issue.record("let in")
        } catch OfficeStoreError.refused(let fault) {
            #expect(fault as? SignInFault == .locked(until: harness.now + OfficeStore.lockout))
        }
        for store in [first, second] { try store.close() }
    }

    @Test("misses nothing of what others did while the database could not be reached, and says which it was")
    func outage() async throws {
        let harness = try StoreHarness(.postgres)
        let line = try CuttingProxy(to: .running())
        defer { line.end() }
        let (first, second) = (try harness.open(), try harness.open(by: line))
        let told = Told(second)
        line.cut(.closed)
        try await first.apply([person("an")], by: "test")
        try await first.apply([person("lan")], by: "test")
        do {
            try await second.follow()
            Issue.record("followed nobody")
        } catch OfficeStoreError.unreachable {}
        do {
            try await second.note("sign in", of: "lan", by: "lan")
            Issue.record("written nowhere")
        } catch OfficeStoreError.unreachable {}
        #expect(second.register.people.isEmpty && told.counts == [0, 0], "what it knows it knows")
        line.cut(.none)
        try await eventually { try await second.follow() }
        #expect(second.register.people.map(\.id).sorted() == ["an", "lan"] && told.counts == [1, 0])
        // The answer to a commit is lost: what was written is written once, and known to be.
        line.cut(.afterCommit)
        try await second.apply([person("minh")], by: "test")
        #expect(second.register.person("minh") != nil && told.counts == [2, 0])
        let lines = try await first.journal(limit: 100).filter { $0.subject == "minh" }
        #expect(lines.count == 1)
        let report = try await report(second, try Self.key())
        #expect(report.isWhole && report.entries == 3, "\(report.findings)")
        for store in [first, second] { try store.close() }
    }

    /// What a lost connection hindered is tried again.
    private func eventually(_ body: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do { if try await body() { return } } catch OfficeStoreError.unreachable where .now < deadline {}
            try #require(.now < deadline)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("leaves alone what another bridge takes in, and keeps octets that another needs")
    func papers() async throws {
        let harness = try StoreHarness(.postgres)
        let (first, second) = (try harness.open(), try harness.open())
        try await first.apply(
            [.add(.room(RoomEntry(id: "giaoban", title: "Giao ban"))), .add(.point(PointEntry(id: "a", name: "A")))],
            by: "test")
        let meeting = try await first.schedule(draft(harness), by: "lan").meeting
        // A third opens the store while the first takes in a paper.
        let (source, feed) = AsyncThrowingStream<Data, any Error>.makeStream()
        let id = meeting.id
        let adding = Task { try await first.addPaper("dài.txt", to: id, by: "lan", pieces: source) }
        feed.yield(Data("đầu ".utf8))
        let folder = harness.folder + "/papers/\(id)"
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? FileManager.default.contentsOfDirectory(atPath: folder))?.isEmpty != false, .now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        let third = try harness.open()
        feed.yield(Data("cuối".utf8))
        feed.finish()
        let paper = try await adding.value
        let path = try await third.paper(paper.id, of: id).path
        #expect(FileManager.default.contents(atPath: path) == Data("đầu cuối".utf8))
        // The same octets come on one bridge and go on another.
        var old = paper
        for round in 0..<40 {
            let former = old.id
            async let removal: Void = second.removePaper(former, of: id, by: "lan")
            async let addition = first.addPaper("\(round).txt", to: id, by: "lan", pieces: pieces("cùng một nội dung"))
            old = try await addition
            try await removal
            let path = try await third.paper(old.id, of: id).path
            try #require(FileManager.default.fileExists(atPath: path), "round \(round)")
        }
        for store in [first, second, third] { try store.close() }
    }

    @Test("takes in what a single machine kept, and goes on with it")
    func takingIn() async throws {
        let (alone, shared) = (try StoreHarness(.sqlite), try StoreHarness(.postgres))
        let key = try Self.key()
        var store = try alone.open(fixed: [.unit(UnitEntry(id: "vpubnd", name: "Văn phòng"))])
        try await store.apply(
            [
                .add(.room(RoomEntry(id: "giaoban", title: "Giao ban"))),
                .add(.point(PointEntry(id: "a", name: "Điểm A", username: "a1"))), person("lan"),
            ], by: "test")
        let link = try await store.issueLink(to: "lan", by: "test")
        _ = try await store.redeem(link: link.token, password: "cầu truyền hình 1")
        let meeting = try await store.schedule(draft(alone), by: "lan").meeting
        let paper = try await store.addPaper("một.txt", to: meeting.id, by: "lan", pieces: pieces("một"))
        _ = try await store.makeToken(named: "HT", role: .archivist, scopes: nil, for: .seconds(60), by: "lan")
        #expect(try await store.signJournal(by: key))
        try await store.note("sign in", of: "lan", by: "lan")
        let (register, secrets) = (store.register, try store.pointSecrets())
        let lines = try await store.journal(limit: 1000)
        try store.close()

        guard case .shared(let settings, let papers) = shared.place else { return }
        let (source, target) = (try OfficeStore.tables(at: alone.place), try OfficeStore.tables(at: shared.place))
        let copy = SQLCopy(of: source, into: settings.schema, seeded: OfficeStore.seededTables)
        let copied = try SQLCopy.run([copy], into: target)
        #expect(copied[settings.schema]?.first { $0.name == "journal" }?.rows == lines.count)
        #expect(throws: SQLCopy.Fault.self) { try SQLCopy.run([copy], into: target) }
        try source.close()
        try target.close()
        try FileManager.default.createDirectory(atPath: shared.folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: alone.folder + "/papers", toPath: papers)

        store = try shared.open(fixed: [.unit(UnitEntry(id: "vpubnd", name: "Văn phòng"))])
        #expect(try await store.journal(limit: 1000) == lines)
        #expect(store.register == register && register.isFixed(.unit, "vpubnd"))
        #expect(try store.pointSecrets() == secrets && !secrets.isEmpty)
        #expect(try await store.signIn("lan", password: "cầu truyền hình 1").id == "lan")
        #expect(try await store.meeting(meeting.id) == meeting)
        let (kept, path) = try await store.paper(paper.id, of: meeting.id)
        #expect(kept == paper && FileManager.default.contents(atPath: path) == Data("một".utf8))
        let next = try await store.addPaper("hai.txt", to: meeting.id, by: "lan", pieces: pieces("hai"))
        #expect(next.id == paper.id + 1)
        #expect(try await store.tokens().count == 1)
        #expect(try await store.signJournal(by: key))
        let report = try await report(store, key)
        #expect(report.isWhole && report.entries == lines.count + 2, "\(report.findings)")
        try store.close()
    }

    @Test("writes down what somebody did with a character that no text of the database may have")
    func zero() async throws {
        let harness = try StoreHarness(.postgres)
        let key = try Self.key()
        let store = try harness.open()
        try await store.note("refuse", of: "- 403 GET /api/v1/x\u{0}y", by: "?\u{0} 192.0.2.7")
        #expect(try await store.journal(limit: 1).first?.subject == "- 403 GET /api/v1/x\u{2400}y")
        #expect(try await report(store, key).isWhole)
        #expect(try await store.token("cw_\u{0}") == nil)
        await #expect(throws: OfficeStoreError.self) { _ = try await store.meeting("giaoban\u{0}") }
        #expect(try await store.absences(of: "x\u{0}").isEmpty)
        try store.close()
    }
}
