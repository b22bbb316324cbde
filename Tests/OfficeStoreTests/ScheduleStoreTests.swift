import Foundation
import Office
import Testing

@testable import OfficeStore

@Suite("The schedule as it is kept", .serialized)
struct ScheduleStoreTests {
    private func store(_ harness: StoreHarness) async throws -> OfficeStore {
        let store = try harness.open()
        try await store.apply(
            [
                .add(.room(RoomEntry(id: "giaoban", title: "Giao ban"))),
                .add(.point(PointEntry(id: "a", name: "A"))), .add(.point(PointEntry(id: "b", name: "B"))),
            ], by: "test")
        return store
    }

    private func draft(_ harness: StoreHarness, after hours: Double = 24) -> ScheduledMeeting {
        ScheduledMeeting(
            title: "Giao ban", room: "giaoban", convener: "Chủ tịch UBND tỉnh",
            document: .init(number: "120/GM-UBND", date: "2026-01-20"), field: "y tế", chair: .init(name: "A"),
            starts: harness.now.addingTimeInterval(hours * 3600), minutes: 60,
            recurrence: .init(.weekly, end: .count(3)), invited: [.init(point: "a"), .init(point: "b")])
    }

    @Test("keeps meetings over a restart, with their revisions, and who made them", arguments: StoreKind.here)
    func keeps(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        var store = try await store(harness)
        var meeting = try await store.schedule(draft(harness), by: "lan").meeting
        meeting.title = "Giao ban tuần"
        meeting.createdBy = "kẻ khác"
        _ = try await store.reschedule(meeting, by: "lan")
        try store.close()
        store = try harness.open()
        let kept = try await store.meeting(meeting.id)
        #expect(kept.title == "Giao ban tuần" && kept.revision == 1 && kept.createdBy == "lan")
        #expect(kept.sittings.count == 3)
    }

    @Test("lets one of two that want the room at the same time have it, however they race", arguments: StoreKind.here)
    func race(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let draft = draft(harness)
        let won = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { (try? await store.schedule(draft, by: "x")) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
    }

    @Test("gives a meeting that says nothing the site's rehearsal, and lets it keep that", arguments: StoreKind.here)
    func rehearsal(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        var draft = draft(harness)
        #expect(try await store.schedule(draft, by: "lan").meeting.rehearsalMinutes == 30)
        store.rehearsalMinutes = 45
        draft.starts += 8 * 86_400
        var meeting = try await store.schedule(draft, by: "lan").meeting
        #expect(meeting.rehearsalMinutes == 45)
        #expect(meeting.sittings.allSatisfy { $0.starts.timeIntervalSince($0.rehearsalFrom) == 45 * 60 })
        store.rehearsalMinutes = 10
        meeting.rehearsalMinutes = nil
        #expect(try await store.reschedule(meeting, by: "lan").meeting.rehearsalMinutes == 45, "it has one")
        draft.starts += 3600 * 5
        draft.rehearsalMinutes = 0
        let none = try await store.schedule(draft, by: "lan").meeting
        #expect(none.rehearsalMinutes == 0 && none.sittings[0].rehearsalFrom == none.sittings[0].starts)
        draft.rehearsalMinutes = 241
        await #expect(throws: OfficeStoreError.self) { _ = try await store.schedule(draft, by: "lan") }
    }

    @Test("leaves out the sitting that was cancelled when the meeting is moved", arguments: StoreKind.here)
    func moving(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        var moved = try await store.cancel(meeting.id, sitting: meeting.sittings[1].id, by: "lan")
        moved.starts += 26 * 3600
        let placed = try await store.reschedule(moved, by: "lan").meeting
        let expected = [meeting.sittings[0], meeting.sittings[2]].map { $0.starts + 26 * 3600 }
        #expect(placed.sittings.map(\.starts) == expected)
    }

    @Test(
        "moves what is left of a series that has begun, and leaves what was held as it was", arguments: StoreKind.here)
    func movingTheRest(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        var draft = draft(harness)
        draft.recurrence = .init(.weekly, weekdays: [], end: .count(5))
        let meeting = try await store.schedule(draft, by: "lan").meeting
        let old = meeting.sittings
        // The first was held, the second goes on; the fourth does not take place.
        _ = try await store.cancel(meeting.id, sitting: old[3].id, by: "lan")
        harness.stand(at: old[1].starts + 60)
        let start = old[2].starts + 26 * 3600
        let moved = try await store.moveRest(of: meeting.id, to: start, by: "lan").meeting
        #expect(moved.sittings.map(\.starts) == [old[0].starts, old[1].starts, start, start + 14 * 86_400])
        #expect(Array(moved.sittings.prefix(2)) == Array(old.prefix(2)), "those that began are the same sittings")
        #expect(moved.revision == 2)
        #expect(try await store.sitting(old[0].id).1 == old[0])

        // Another change leaves them, whatever it says of them, and a second move too.
        var changed = moved
        changed.earlier = nil
        changed.minutes = 90
        let longer = try await store.reschedule(changed, by: "lan").meeting
        #expect(longer.sittings.map { Int($0.ends.timeIntervalSince($0.starts)) / 60 } == [60, 60, 90, 90])
        harness.stand(at: start + 60)
        let again = try await store.moveRest(of: meeting.id, to: start + 10 * 86_400, by: "lan").meeting
        #expect(again.sittings.map(\.starts) == [old[0].starts, old[1].starts, start, start + 10 * 86_400])
        #expect(again.sittings.map { Int($0.ends.timeIntervalSince($0.starts)) / 60 } == [60, 60, 90, 90])

        await #expect(throws: OfficeStoreError.self) {
            _ = try await store.moveRest(of: meeting.id, to: harness.now - 60, by: "lan")
        }
        harness.stand(at: start + 30 * 86_400)
        await #expect(throws: OfficeStoreError.self) {
            _ = try await store.moveRest(of: meeting.id, to: harness.now + 60, by: "lan")
        }
    }

    @Test("cancels one sitting, and with the last one the meeting", arguments: StoreKind.here)
    func cancelling(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        for (index, sitting) in meeting.sittings.enumerated() {
            let left = try await store.cancel(meeting.id, sitting: sitting.id, by: "lan")
            #expect(left.sittings.count == 2 - index && left.isCancelled == (index == 2))
        }
        await #expect(throws: OfficeStoreError.self) { _ = try await store.cancel(meeting.id, sitting: nil, by: "lan") }
    }

    @Test(
        "finds what a recording is of by its sitting, wherever and whenever that was moved since",
        arguments: StoreKind.here)
    func bySitting(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        try await store.apply([.add(.room(RoomEntry(id: "khac", title: "Khác")))], by: "test")
        var meeting = try await store.schedule(draft(harness), by: "lan").meeting
        let sitting = meeting.sittings[1]
        // Another sits in the same room at the time at which that one was to.
        (meeting.room, meeting.starts) = ("khac", meeting.starts.addingTimeInterval(7200))
        meeting = try await store.reschedule(meeting, by: "lan").meeting
        var other = draft(harness)
        other.title = "Khác"
        other = try await store.schedule(other, by: "lan").meeting
        let found = try #require(try await store.convened(bySitting: sitting.id))
        #expect(found.meeting.id == meeting.id && found.meeting.room == "khac" && found.sitting != nil)
        #expect(try await store.convened(bySitting: other.sittings[2].id)?.sitting?.id == other.sittings[2].id)
        // One that was taken off is still of its meeting, and so is one of a meeting that is off whole.
        _ = try await store.cancel(other.id, sitting: other.sittings[2].id, by: "lan")
        #expect(
            try await store.convened(bySitting: other.sittings[2].id)?.sitting?.id == other.sittings[0].id)
        _ = try await store.cancel(other.id, sitting: nil, by: "lan")
        #expect(try await store.convened(bySitting: other.sittings[2].id)?.meeting.title == "Khác")
        #expect(try await store.convened(bySitting: nil) == nil)
        #expect(try await store.convened(bySitting: "không-có.1") == nil)
    }

    @Test("keeps each sitting's rehearsal apart, and of invited points alone", arguments: StoreKind.here)
    func rehearsals(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        let first = meeting.sittings[0].id
        let gate = try await store.rehearse("a", of: first, by: "kt") {
            $0.waiver = .init(officer: "B", reason: "x", at: $1)
        }
        #expect(gate.points.map(\.state) == [.waived, .open])
        #expect(try await store.gate(of: meeting.sittings[1].id).points.map(\.state) == [.open, .open])
        await #expect(throws: OfficeStoreError.self) {
            _ = try await store.rehearse("c", of: first, by: "kt") { _, _ in }
        }
    }

    @Test("holds no file back that was removed, nor half of one that was too large", arguments: StoreKind.here)
    func papers(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        func pieces(_ count: Int, _ size: Int) -> AsyncThrowingStream<Data, any Error> {
            AsyncThrowingStream { stream in
                for _ in 0..<count { stream.yield(Data(repeating: 10, count: size)) }
                stream.finish()
            }
        }
        let folder = harness.folder + "/papers/\(meeting.id)"
        let one = try await store.addPaper("../../etc/Báo cáo.txt", to: meeting.id, by: "lan", pieces: pieces(3, 10))
        let same = try await store.addPaper("khác.txt", to: meeting.id, by: "lan", pieces: pieces(30, 1))
        #expect(one.name == "Báo cáo.txt" && one.size == 30 && one.sha256 == same.sha256)
        try await store.removePaper(one.id, of: meeting.id, by: "lan")
        #expect(FileManager.default.contents(atPath: try await store.paper(same.id, of: meeting.id).path)?.count == 30)
        try await store.removePaper(same.id, of: meeting.id, by: "lan")
        await #expect(throws: OfficeStoreError.self) {
            _ = try await store.addPaper("to.txt", to: meeting.id, by: "lan", pieces: pieces(101, 1 << 20))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }

    @Test("begins without what a stop left half taken in", arguments: StoreKind.here)
    func sweeping(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        var store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        let folder = harness.folder + "/papers/\(meeting.id)"
        let pieces = AsyncThrowingStream<Data, any Error> { stream in
            stream.yield(Data("một".utf8))
            stream.finish()
        }
        let paper = try await store.addPaper("một.txt", to: meeting.id, by: "lan", pieces: pieces)
        let half = folder + "/\(UUID().uuidString).part"
        try Data("nửa".utf8).write(to: URL(fileURLWithPath: half))
        // In a folder that bridges share it may be another's until nobody wrote it for a day.
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: kind == .sqlite ? 0 : -2 * 86_400)], ofItemAtPath: half)
        try store.close()
        store = try harness.open()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [paper.sha256])
    }

    @Test(
        "refuses what says that it is too large before it reads any of it, and notes each refusal",
        arguments: StoreKind.here)
    func refusals(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        let endless = AsyncThrowingStream<Data, any Error> {
            Issue.record("it was read")
            return Data([7])
        }
        for (name, announced) in [("a.txt", 5 << 30 as Int64), ("a.exe", 1), ("..", 1)] {
            await #expect(throws: OfficeStoreError.self) {
                _ = try await store.addPaper(name, to: meeting.id, by: "lan", announced: announced, pieces: endless)
            }
        }
        let notes = try await store.journal(limit: 10).filter { $0.action == "refuse paper" }
        #expect(notes.count == 3 && notes.allSatisfy { $0.by == "lan" && $0.subject.hasPrefix(meeting.id + " ") })
        #expect(notes.last?.subject.contains("larger than 100 MB") == true)
    }

    @Test(
        "keeps the file of a paper when another with the same octets is removed at that moment",
        arguments: StoreKind.here)
    func sameOctets(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        @Sendable func add(_ name: String) async throws -> Paper {
            let pieces = AsyncThrowingStream<Data, any Error> { stream in
                stream.yield(Data("cùng một nội dung".utf8))
                stream.finish()
            }
            return try await store.addPaper(name, to: meeting.id, by: "lan", pieces: pieces)
        }
        @Sendable func remove(_ paper: Int64, after delay: Duration) async throws {
            try await Task.sleep(for: delay)
            try await store.removePaper(paper, of: meeting.id, by: "lan")
        }
        var old = try await add("0.txt")
        for number in 1...(kind == .sqlite ? 300 : 100) {
            let former = old.id
            let delay = Duration.microseconds(.random(in: 0...3_000))
            async let removal: Void = remove(former, after: delay)
            async let addition = add("\(number).txt")
            old = try await addition
            try await removal
            let (_, path) = try await store.paper(old.id, of: meeting.id)
            try #require(FileManager.default.fileExists(atPath: path), "round \(number)")
        }
        try await store.removePaper(old.id, of: meeting.id, by: "lan")
        let folder = harness.folder + "/papers/\(meeting.id)"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test(
        "takes no more than all papers of a meeting may be together, also of those that race", arguments: StoreKind.here
    )
    func quota(_ kind: StoreKind) async throws {
        let harness = try StoreHarness(kind)
        let store = try await store(harness)
        let meeting = try await store.schedule(draft(harness), by: "lan").meeting
        try await store.database.write { db in
            for number in 1...20 {
                try db.execute(
                    sql: """
                        INSERT INTO papers (meeting, name, size, sha256, "by", at) VALUES (?, 'x.txt', ?, ?, 'lan', '')
                        """,
                    arguments: [meeting.id, number < 20 ? 100 << 20 : (148 << 20) - 10, "\(number)"])
            }
        }
        let taken = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<4 {
                let pieces = AsyncThrowingStream<Data, any Error> { stream in
                    stream.yield(Data("tệp \(number)".utf8))
                    stream.finish()
                }
                group.addTask {
                    (try? await store.addPaper("\(number).txt", to: meeting.id, by: "lan", pieces: pieces)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        // Each has seven octets of the ten that are left.
        #expect(taken == 1)
        let folder = harness.folder + "/papers/\(meeting.id)"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
    }
}
