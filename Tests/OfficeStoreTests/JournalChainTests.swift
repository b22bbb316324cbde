import Evidence
import Foundation
import SQLDatabase
import Testing

@testable import OfficeStore

/// The journal's chain over a real store, beneath which another connection changes what it likes.
@Suite(.serialized) struct JournalChainTests {
    private static func key() throws -> SealKey {
        let path = NSTemporaryDirectory() + "journal-\(UUID().uuidString).key"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try SealKey.ensure(at: path)
    }

    private static func found(_ store: OfficeStore, _ key: SealKey) async throws -> Set<String> {
        let report = try await store.inspectJournal(trusting: key.publicKey)
        return Set(report.findings.map { "\($0.kind.rawValue) \($0.from ?? 0)-\($0.to ?? 0)" })
    }

    @Test(arguments: StoreKind.here) func whatIsDoneToItBeneathARunningDaemonIsFound(_ kind: StoreKind) async throws {
        let key = try Self.key()
        // What stands before the last signature is not looked at again when the next is made.
        let changes: [(String, leaves: Int, String, isSeenWhenSigned: Bool)] = [
            ("UPDATE journal SET \"by\" = 'minh' WHERE number = 3", 10, "changed 3-3", false),
            ("UPDATE journal SET subject = 'khác' WHERE number = 3", 10, "changed 3-3", false),
            ("DELETE FROM journal WHERE number = 4", 10, "removed 4-4", false),
            ("DELETE FROM journal WHERE number >= 9", 8, "cut-off 9-10", true),
            ("DELETE FROM journal WHERE number <= 2", 10, "beginning-missing 1-2", false),
            ("DELETE FROM journal", 0, "cut-off 1-10", true),
            ("DELETE FROM journalHeads; DELETE FROM journal", 0, "cut-off 1-10", true),
            ("UPDATE journal SET subject = 'khác' WHERE number = 10", 10, "changed 6-10", true),
        ]
        // Also by somebody who has the row agree that says where the journal ends.
        for (index, isThorough) in changes.indices.flatMap({ [($0, false), ($0, true)] }) {
            let (change, leaves, finding, isSeen) = changes[index]
            let harness = try StoreHarness(kind)
            let store = try harness.open()
            var ends = [JournalTip.none]
            for number in 1...10 {
                try await store.note("sign in", of: "người \(number)", by: "lan")
                if number == 5 { #expect(try await store.signJournal(by: key)) }
                ends.append(store.known.withLock { $0.tip })
            }
            #expect(try await Self.found(store, key).isEmpty)
            try await harness.tamper(change)
            if isThorough {
                let end = ends[leaves]
                try await harness.tamper(
                    "UPDATE officeState SET journalNumber = \(end.number), journalHash = '\(end.hash)'")
            }
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

    /// Somebody who knows all of it makes an entry that follows from the others. Of a store that bridges share it could be any bridge's.
    @Test func anEntryThatNotTheDaemonAppendedIsFoundByItsNext() async throws {
        let key = try Self.key()
        let harness = try StoreHarness(.sqlite)
        let store = try harness.open()
        for number in 1...3 { try await store.note("sign in", of: "\(number)", by: "lan") }
        let tip = store.known.withLock { $0.tip }
        let nonce = AuditEntry.nonce()
        let forged = AuditEntry(
            number: 4, at: "2026-11-27T08:00:00.000+07:00", by: "minh", action: "sign in",
            subject: AuditEntry.digest(of: "minh", nonce: nonce), previous: tip.hash)
        try await harness.tamper(
            """
            INSERT INTO journal (number, at, "by", action, subject, nonce, previous)
            VALUES (4, '\(forged.at)', 'minh', 'sign in', 'minh', '\(nonce)', '\(tip.hash)')
            """, "UPDATE officeState SET journalNumber = 4, journalHash = '\(forged.hash)'")
        try await store.note("sign in", of: "4", by: "lan")
        #expect(try await Self.found(store, key) == ["inserted 4-4"])
        try store.close()
    }

    @Test(arguments: StoreKind.here) func whatIsDoneToItWhileNobodyRunsIsFoundByTheSignatureOfItsEnd(_ kind: StoreKind)
        async throws
    {
        let key = try Self.key()
        let harness = try StoreHarness(kind)
        var store = try harness.open()
        for number in 1...6 { try await store.note("sign in", of: "\(number)", by: "lan") }
        #expect(try await store.signJournal(by: key))
        #expect(try await store.signJournal(by: key) == false, "nothing is new")
        try store.close()
        try await harness.tamper("DELETE FROM journal WHERE number > 4")
        store = try harness.open()
        #expect(try await Self.found(store, key) == ["cut-off 5-6"])
        try await store.note("start", of: "-", by: "causewayd")
        #expect(try await !Self.found(store, key).isEmpty)
        try store.close()
    }

    @Test(arguments: StoreKind.here) func aDayHasOneHeadAndTheirChainHolds(_ kind: StoreKind) async throws {
        let key = try Self.key()
        let harness = try StoreHarness(kind)
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
        try store.close()
        let sixth = try #require(heads[1].head)
        try await harness.tamper(
            "DELETE FROM journal WHERE number > 6",
            "DELETE FROM journalHeads WHERE ordinal = (SELECT max(ordinal) FROM journalHeads)",
            "UPDATE officeState SET journalNumber = 6, journalHash = '\(sixth.entry)'")
        let shortened = try harness.open()
        #expect(try await shortened.inspectJournal(trusting: key.publicKey).isWhole)
        let compared = try await shortened.inspectJournal(trusting: key.publicKey, kept: [try #require(heads.last)])
        #expect(compared.findings.map(\.kind) == [.cutOff] && compared.findings.first?.from == 7)
        try shortened.close()
    }

    @Test(arguments: StoreKind.here) func whatIsLeftOfACutJournalIsWhole(_ kind: StoreKind) async throws {
        let key = try Self.key()
        let harness = try StoreHarness(kind)
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
        try await harness.tamper(
            """
            INSERT INTO journal (number, at, "by", action, subject, nonce, previous)
            SELECT 3, at, "by", action, subject, nonce, previous FROM journal LIMIT 1
            """)
        #expect(try await Self.found(store, key).contains { $0.hasPrefix("inserted") })
        try store.close()
    }

    @Test(arguments: StoreKind.here) func anOlderStoresJournalBecomesAChainAsItIs(_ kind: StoreKind) async throws {
        let key = try Self.key()
        let harness = try StoreHarness(kind)
        try FileManager.default.createDirectory(atPath: harness.folder, withIntermediateDirectories: true)
        let old = try SQLDatabase(harness.place.location)
        try OfficeSchema.unchained.migrate(old)
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
