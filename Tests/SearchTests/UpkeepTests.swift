import Foundation
import GRDB
import Testing

@testable import Search

@Suite(.serialized) struct UpkeepTests {
    @Test func aMeetingPutAnewIsFoundByItsNewWordsAlone() async throws {
        var meeting = Shelf.meeting("a", "Họp giao ban", Passage(.paper, heading: "cũ.pdf", text: "nội dung cũ kỹ"))
        let shelf = try await Shelf([meeting, Shelf.meeting("b", "Họp khác")])
        meeting.title = "Phiên đặc biệt"
        meeting.level = .secret
        meeting.revision = "2"
        meeting.passages = [Passage(.paper, heading: "mới.pdf", text: "điều hoàn toàn mới")]
        try await shelf.index.put([meeting])
        #expect(try await shelf.index.revision(of: "a") == "2")
        #expect(try await shelf.ids("cũ") == [])
        #expect(try await shelf.ids("giao ban") == [])
        #expect(try await shelf.ids("đặc biệt mới") == ["a"])
        #expect(try await shelf.ids("đặc", Visibility(levels: [.ordinary])) == [])
        try await shelf.index.remove(["a", "nothing"])
        #expect(try await shelf.ids("đặc biệt") == [])
        #expect(try await shelf.ids("họp") == ["b"])
        try await check(shelf.index)
    }

    @Test func manyChangesLeaveWhatAFreshIndexWouldHave() async throws {
        let words = ["họp", "hoà", "bão", "y", "tế", "12/QĐ-VP", "Đà", "Nẵng"]
        func some() -> String { (0..<6).map { _ in words.randomElement() ?? "" }.joined(separator: " ") }
        let shelf = try await Shelf()
        var kept: [String: MeetingDocument] = [:]
        for _ in 0..<120 {
            let id = "m\(Int.random(in: 0..<25))"
            if Int.random(in: 0..<4) == 0 {
                kept[id] = nil
                try await shelf.index.remove([id])
            } else {
                let meeting = Shelf.meeting(id, some(), Passage(.speech, heading: some(), text: some()))
                kept[id] = meeting
                try await shelf.index.put([meeting])
            }
        }
        let fresh = try await Shelf(kept.values.sorted { $0.id < $1.id })
        for word in words {
            #expect(Set(try await shelf.ids(word)) == Set(try await fresh.ids(word)), "\(word)")
        }
        try await check(shelf.index)
        func terms(_ index: SearchIndex) async throws -> [String] {
            try await index.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM terms").map {
                    "\(String(decoding: $0["term"] as Data, as: UTF8.self)) \($0["meetings"] as Int)"
                }
            }
        }
        #expect(try await terms(shelf.index) == (try await terms(fresh.index)))
    }

    @Test func anIndexOfAnotherVersionIsBegunAnew() async throws {
        let shelf = try await Shelf([Shelf.meeting("a", "Họp")])
        try await shelf.index.finish()
        #expect(try await shelf.index.isComplete())
        try await shelf.index.write { db in try db.execute(sql: "PRAGMA user_version = 9999") }
        try shelf.index.close()
        let again = try SearchIndex(path: shelf.path)
        #expect(try await again.isComplete() == false)
        #expect(try await again.counts() == .init(meetings: 0, passages: 0))
        try await again.put([Shelf.meeting("a", "Họp")])
        try await again.finish()
        try again.close()
        let kept = try SearchIndex(path: shelf.path)
        #expect(try await kept.isComplete())
        #expect(try await kept.counts().meetings == 1)
        try kept.close()
    }

    @Test func rubbishIsThrownAway() async throws {
        let shelf = try await Shelf([Shelf.meeting("a", "Họp")])
        try shelf.index.close()
        try Data((0..<100_000).map { _ in UInt8.random(in: 0...255) }).write(to: URL(fileURLWithPath: shelf.path))
        let index = try SearchIndex(path: shelf.path)
        #expect(try await index.counts().meetings == 0)
        try index.close()
    }

    @Test func moreThanAMinuteHoldsGoIntoTheNext() async throws {
        let shelf = try await Shelf((0..<590).map { Shelf.meeting("m\($0)", "Họp \($0)") })
        #expect(try await shelf.index.counts().meetings == 590)
        #expect(try await shelf.ids("họp 587") == ["m587"])
    }

    // MARK: A kill

    private static let childFolder = ProcessInfo.processInfo.environment["CAUSEWAY_SEARCH_KILLED"]

    /// Not a test: the process that the next one kills.
    @Test(.enabled(if: childFolder != nil)) func writesUntilItIsKilled() async throws {
        let index = try SearchIndex(path: try #require(Self.childFolder) + "/search.sqlite")
        for batch in 0..<100_000 {
            try await index.put(
                (0..<20).map { number in
                    Shelf.meeting(
                        "m\(batch * 20 + number)", "Họp số \(number)", Passage(.speech, text: "lô \(batch) bão lụt"))
                })
            if batch % 3 == 2 { try await index.remove(["m\(batch * 20)"]) }
        }
    }

    @Test func akilledWriterLeavesWholeMeetings() async throws {
        let folder = NSTemporaryDirectory() + "/search-killed-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for kill in 0..<3 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["--testing-library", "swift-testing", "--filter", "writesUntilItIsKilled"]
            process.environment = ProcessInfo.processInfo.environment.merging(["CAUSEWAY_SEARCH_KILLED": folder]) { $1 }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // It is in the middle of something once it has written more than the time before.
            let path = folder + "/search.sqlite-wal"
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline, process.isRunning {
                var status = stat()
                if stat(path, &status) == 0, status.st_size > 400_000 * (kill + 1) { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
            let index = try SearchIndex(path: folder + "/search.sqlite")
            let counts = try await index.counts()
            #expect(counts.meetings > 0)
            try await check(index)
            let found = try await index.search(SearchRequest("bão", isTyping: false), Shelf.all)
            switch found.count {
            case .exactly(let count): #expect(count == counts.meetings)
            case .atLeast(let count): #expect(count < counts.meetings)
            }
            try index.close()
        }
    }

    /// FTS5's own check of its structure, and every meeting has its row in it and its passages.
    private func check(_ index: SearchIndex) async throws {
        try await index.write { db in
            for table in ["words", "heads"] {
                try db.execute(sql: "INSERT INTO \(table) (\(table)) VALUES ('integrity-check')")
                let rows = try Int64.fetchAll(
                    db, sql: "SELECT rowid FROM \(table) WHERE \(table) MATCH '\"@all\"' ORDER BY rowid")
                #expect(try Int64.fetchAll(db, sql: "SELECT key FROM meetings ORDER BY key") == rows)
            }
            #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
            let counted = try Int.fetchOne(
                db, sql: "SELECT meetings FROM terms WHERE term = ?", arguments: [Data("@all".utf8)])
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM meetings") == counted ?? 0)
            let lost = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM passages WHERE key >> 16 NOT IN (SELECT key FROM meetings)")
            #expect(lost == 0)
        }
    }
}
