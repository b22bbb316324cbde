import Evidence
import Foundation
import GRDB
import Testing

@testable import OfficeStore

/// The journal's chain over a real store, beneath which another connection changes what it likes.
struct JournalChainTests {
    private static func key() throws -> SealKey {
        let path = NSTemporaryDirectory() + "journal-\(UUID().uuidString).key"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try SealKey.ensure(at: path)
    }

    private static func found(_ store: OfficeStore, _ key: SealKey) async throws -> Set<String> {
        let report = try await store.inspectJournal(trusting: key.publicKey)
        return Set(report.findings.map { "\($0.kind.rawValue) \($0.from ?? 0)-\($0.to ?? 0)" })
    }

    @Test func whatIsDoneToItBeneathARunningDaemonIsFound() async throws {
        let key = try Self.key()
        // What stands before the last signature is not looked at again when the next is made.
        let changes: [(String, String, isSeenWhenSigned: Bool)] = [
            ("UPDATE journal SET \"by\" = 'minh' WHERE number = 3", "changed 3-3", false),
            ("UPDATE journal SET subject = 'khác' WHERE number = 3", "changed 3-3", false),
            ("DELETE FROM journal WHERE number = 4", "removed 4-4", false),
            ("DELETE FROM journal WHERE number >= 9", "cut-off 9-10", true),
            ("DELETE FROM journal WHERE number <= 2", "beginning-missing 1-2", false),
            ("DELETE FROM journal", "cut-off 1-10", true),
            ("DELETE FROM journal; DELETE FROM journalHeads", "cut-off 1-10", true),
            ("UPDATE journal SET subject = 'khác' WHERE number = 10", "changed 6-10", true),
        ]
        for (change, finding, isSeen) in changes {
            let harness = StoreHarness()
            let store = try harness.open()
            for number in 1...10 {
                try await store.note("sign in", of: "người \(number)", by: "lan")
                if number == 5 { #expect(try await store.signJournal(by: key)) }
            }
            #expect(try await Self.found(store, key).isEmpty)
            let other = try DatabaseQueue(path: harness.path)
            try await other.write { db in try db.execute(sql: change) }
            try other.close()
            let found = try await Self.found(store, key)
            #expect(found.contains(finding), "\(change): \(found)")
            if isSeen {
                await #expect(throws: OfficeStoreError.self, "\(change)") { try await store.signJournal(by: key) }
            } else {
                #expect(try await store.signJournal(by: key), "\(change)")
                #expect(try await !Self.found(store, key).isEmpty, "no signature makes it good: \(change)")
            }
            // What is written then goes on from what the daemon knows: the gap stays.
            try await store.note("sign in", of: "sau", by: "lan")
            let later = try await Self.found(store, key)
            #expect(!later.isEmpty, "\(change)")
            try store.close()
        }
    }

    @Test func whatIsDoneToItWhileNobodyRunsIsFoundByTheSignatureOfItsEnd() async throws {
        let key = try Self.key()
        let harness = StoreHarness()
        var store = try harness.open()
        for number in 1...6 { try await store.note("sign in", of: "\(number)", by: "lan") }
        #expect(try await store.signJournal(by: key))
        #expect(try await store.signJournal(by: key) == false, "nothing is new")
        try store.close()
        let other = try DatabaseQueue(path: harness.path)
        try await other.write { db in try db.execute(sql: "DELETE FROM journal WHERE number > 4") }
        try other.close()
        store = try harness.open()
        #expect(try await Self.found(store, key) == ["cut-off 5-6"])
        try await store.note("start", of: "-", by: "causewayd")
        #expect(try await !Self.found(store, key).isEmpty)
        try store.close()
    }

    @Test func aDayHasOneHeadAndTheirChainHolds() async throws {
        let key = try Self.key()
        let harness = StoreHarness()
        let store = try harness.open()
        for _ in 0..<3 {
            for _ in 0..<3 {
                try await store.note("sign in", of: "lan", by: "lan")
                #expect(try await store.signJournal(by: key))
            }
            harness.pass(86_400)
        }
        let heads = try await store.journalHeads()
        #expect(heads.compactMap(\.head?.number) == [3, 6, 9])
        #expect(try await Self.found(store, key).isEmpty)
        let report = try await store.inspectJournal(trusting: key.publicKey)
        #expect(report.signedTo == 9 && report.entries == 9)
        // Kept elsewhere, they show that the newest was taken away together with what it stood for.
        let other = try DatabaseQueue(path: harness.path)
        try store.close()
        try await other.write { db in
            try db.execute(
                sql:
                    "DELETE FROM journal WHERE number > 6; DELETE FROM journalHeads WHERE ordinal = (SELECT max(ordinal) FROM journalHeads)"
            )
        }
        try other.close()
        let shortened = try harness.open()
        #expect(try await shortened.inspectJournal(trusting: key.publicKey).isWhole)
        let compared = try await shortened.inspectJournal(trusting: key.publicKey, kept: [try #require(heads.last)])
        #expect(compared.findings.map(\.kind) == [.cutOff] && compared.findings.first?.from == 7)
        try shortened.close()
    }

    @Test func whatIsLeftOfACutJournalIsWhole() async throws {
        let key = try Self.key()
        let harness = StoreHarness()
        let store = try harness.open()
        for _ in 0..<4 {
            try await store.note("sign in", of: "lan", by: "lan")
            try await store.signJournal(by: key)
            harness.pass(200 * 86_400)
        }
        #expect(try await store.cutJournal(keepingMonths: 12, by: key) == 3)
        let report = try await store.inspectJournal(trusting: key.publicKey)
        #expect(report.isWhole && report.first == 4 && report.cutTo == 3, "\(report.findings)")
        #expect(try await store.signJournal(by: key), "the line that it was cut is new")
        harness.pass(400 * 86_400)
        #expect(try await store.cutJournal(keepingMonths: 12, by: key) == 2)
        #expect(try await store.inspectJournal(trusting: key.publicKey).isWhole)
        // Who takes more away than was signed is found.
        let other = try DatabaseQueue(path: harness.path)
        try await other.write { db in
            try db.execute(
                sql: "INSERT INTO journal SELECT 3, at, \"by\", action, subject, nonce, previous FROM journal LIMIT 1")
        }
        try other.close()
        #expect(try await Self.found(store, key).contains { $0.hasPrefix("inserted") })
        try store.close()
    }

    @Test func anOlderStoresJournalBecomesAChainAsItIs() async throws {
        let key = try Self.key()
        let harness = StoreHarness()
        try FileManager.default.createDirectory(
            atPath: (harness.path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let old = try DatabaseQueue(path: harness.path)
        try OfficeSchema.migrator.migrate(old, upTo: "8-access-reviews")
        try await old.write { db in
            for number in 41...43 {
                try db.execute(
                    sql:
                        "INSERT INTO journal (number, at, \"by\", action, subject) VALUES (?, ?, 'lan', 'sign in', 'lan')",
                    arguments: [number, "2026-01-0\(number - 40)T08:00:00.000+07:00"])
            }
        }
        try old.close()
        let store = try harness.open()
        try await store.note("start", of: "-", by: "causewayd")
        #expect(try await store.signJournal(by: key))
        let report = try await store.inspectJournal(trusting: key.publicKey)
        #expect(report.isWhole && report.first == 41 && report.last == 44, "\(report.findings)")
        try store.close()
    }
}
