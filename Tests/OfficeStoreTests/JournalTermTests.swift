import Evidence
import Foundation
import Office
import Testing
import Vietnamese

@testable import OfficeStore

@Suite(.serialized) struct JournalTermTests {
    /// A store whose clock a test sets.
    private struct Clock {
        let harness: StoreHarness
        func set(_ text: String) { harness.stand(at: IndochinaTime.date(from: text) ?? .distantPast) }
    }

    private func withStore(_ kind: StoreKind, _ body: (OfficeStore, Clock) async throws -> Void) async throws {
        let clock = Clock(harness: try StoreHarness(kind))
        clock.set("2025-12-14T23:59:00+07:00")
        let store = try clock.harness.open()
        try await body(store, clock)
        try store.close()
    }

    @Test(arguments: StoreKind.here) func theJournalIsKeptForItsTermAndCutWithATrace(_ kind: StoreKind) async throws {
        let file = NSTemporaryDirectory() + "term-\(UUID().uuidString).key"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let key = try SealKey.ensure(at: file)
        try await withStore(kind) { store, clock in
            try await store.note("sign in", of: "lan", by: "lan")
            clock.set("2025-12-15T00:00:00+07:00")
            try await store.note("sign in", of: "lan", by: "lan")
            try await store.note("refuse", of: "- 403 GET /api/v1/people; - 403 GET /api/v1/x (+58)", by: "lan")
            clock.set("2026-12-14T23:59:59+07:00")
            try await store.note("sign in", of: "minh", by: "minh")
            let year = try #require(SecurityYear(2026))
            let before = try await store.journalCounts(in: year)
            #expect(before["sign in"] == 2 && before["refuse"] == 59)
            #expect(try await store.cutJournal(keepingMonths: 12, by: key) == 1, "one is older than a year")
            clock.set("2026-12-20T00:00:00+07:00")
            #expect(try await store.cutJournal(keepingMonths: 12, by: key) == 2)
            #expect(try await store.cutJournal(keepingMonths: 12, by: key) == 0, "nothing is left to cut")
            let lines = try await store.journal(limit: 10)
            #expect(lines.map(\.action) == ["cut journal", "cut journal", "sign in"])
            #expect(lines[0].by == "causewayd")
            #expect(
                lines[0].subject.wholeMatch(
                    of: /2 lines, 2025-12-15 to before 2025-12-20, SHA-256 [0-9a-f]{64}/) != nil, "\(lines[0].subject)")
            let after = try await store.journalCounts(in: year)
            #expect(after["sign in"] == 2 && after["refuse"] == 59, "what was cut is still counted")
            #expect(after["cut journal"] == 1, "the other one is of the next year")
            #expect(try await store.journalCounts(in: try #require(SecurityYear(2025)))["sign in"] == 1)
        }
    }

    @Test func aYearOfSecurityBeginsOnTheFifteenthOfDecember() throws {
        func year(_ text: String) throws -> Int {
            SecurityYear(of: try #require(IndochinaTime.date(from: text))).number
        }
        #expect(try year("2025-12-14T23:59:59.999+07:00") == 2025)
        #expect(try year("2025-12-15T00:00:00+07:00") == 2026)
        #expect(try year("2025-12-14T17:00:00Z") == 2026)
        #expect(try year("2026-12-14T12:00:00+07:00") == 2026)
        let year = try #require(SecurityYear(2026))
        #expect(IndochinaTime.day(year.begins) == "2025-12-15" && IndochinaTime.day(year.ends) == "2026-12-15")
        #expect(SecurityYear(1) == nil && SecurityYear(.max) == nil)
    }

    @Test(arguments: StoreKind.here) func reviewsAreKeptWithWhatWasLookedThrough(_ kind: StoreKind) async throws {
        try await withStore(kind) { store, clock in
            let lines = [
                RightLine(kind: .person, id: "lan", name: "Lan", roles: [.convener], lastUsedAt: Date()),
                RightLine(kind: .grant, id: "7", name: "Sở Y tế", recording: "20260105-x"),
            ]
            let made = try await store.noteReview(of: lines, remark: " Đủ ", by: "An (an)")
            #expect(made.number == 1 && made.remark == "Đủ")
            #expect(try await store.accessReview(1).lines.map(\.right) == lines.map(\.right))
            #expect(try await store.accessReviews().map(\.by) == ["An (an)"])
            await #expect(throws: OfficeStoreError.self) { _ = try await store.accessReview(2) }
            await #expect(throws: OfficeStoreError.self) {
                _ = try await store.noteReview(of: [], remark: String(repeating: "x", count: 1001), by: "x")
            }
            #expect(try await store.journal(limit: 1).map(\.action) == ["review access"])
        }
    }

    @Test func whatChangedSinceIsToldAndUseAloneIsNoChange() throws {
        let lan = RightLine(kind: .person, id: "lan", name: "Lan", roles: [.convener])
        let token = RightLine(kind: .token, id: "t-1", name: "Hệ thống", roles: [.archivist])
        var used = lan
        used.lastUsedAt = Date()
        used.state = "locked"
        var more = lan
        more.roles = [.administrator]
        #expect(ReviewedRight.compare([used], with: [lan]).map(\.change) == [.same])
        #expect(ReviewedRight.compare([more, token], with: [lan]).map(\.change) == [.changed, .new])
        #expect(ReviewedRight.compare([], with: [lan]).map(\.change) == [.gone])
        #expect(try OfficeStore.digest(of: [used]) == OfficeStore.digest(of: [lan]))
        #expect(try OfficeStore.digest(of: [more]) != OfficeStore.digest(of: [lan]))
    }
}
