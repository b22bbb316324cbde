import Evidence
import Foundation
import GRDB
import Testing

@testable import Archive

@Suite struct DatabaseCopiesTests {
    /// A database that is open, with a row that stands in its write-ahead log alone.
    private static func office(_ folder: String) throws -> (CopiedDatabase, DatabaseQueue) {
        var configuration = Configuration()
        configuration.journalMode = .wal
        let queue = try DatabaseQueue(path: folder + "/office.sqlite", configuration: configuration)
        try queue.write { db in
            try db.execute(sql: "CREATE TABLE words (word TEXT); INSERT INTO words VALUES ('Sở Y tế')")
        }
        return (CopiedDatabase(name: "office.sqlite", path: folder + "/office.sqlite"), queue)
    }

    @Test(arguments: SecondSite.kinds)
    func eachDayHasACopyAndAFortnightOfThemStays(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let (office, queue) = try Self.office(try Workshop().root)
        defer { try? queue.close() }
        let store = try #require(site.archive.second?.store)
        #expect(try await site.archive.copyDatabases([office]) == "2026-11-24")
        #expect(try await site.archive.copyDatabases([office]) == nil)
        #expect(
            try await store.names(in: "databases") == [
                "2026-11-24/catalogue.sqlite", "2026-11-24/office.sqlite", "2026-11-24/manifest-sha256.txt",
            ])
        // Rclone takes its time for each file.
        let days = kind == .directory ? 20 : 0
        for _ in 0..<days {
            site.clock.advance(86_400)
            #expect(try await site.archive.copyDatabases([office]) != nil)
        }
        let left = Set(try await store.names(in: "databases").map { String($0.prefix(10)) })
        #expect(left.count == min(14, days + 1))
        if days > 0 {
            #expect(left.min() == "2026-12-01" && left.max() == "2026-12-14")
            #expect(try FileManager.default.contentsOfDirectory(atPath: site.shelf + "/databases").count == 14)
            var status = stat()
            #expect(lstat(site.shelf + "/databases/2026-12-14/office.sqlite", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o400, "others may read what passwords can be guessed from")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.archive.root + "/work").isEmpty)
        try await store.remove("databases/\(left.max() ?? "")/office.sqlite")
        #expect(try await store.names(in: "databases").count == left.count * 3 - 1)
    }

    /// Of a real destroyed meeting: EncryptedPackageTests.
    @Test(arguments: SecondSite.kinds)
    func aRemovedKeyLeavesNoOlderCopyAndTodaysIsMadeAnew(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let store = try #require(site.archive.second?.store)
        func days() async throws -> [String] {
            Set(try await store.names(in: "databases").map { String($0.prefix(10)) }).sorted()
        }
        #expect(try await site.archive.copyDatabases([]) != nil)
        site.clock.advance(86_400)
        #expect(try await site.archive.copyDatabases([]) != nil)
        #expect(try await days() == ["2026-11-24", "2026-11-25"])
        #expect(try await !site.archive.databaseCopiesHaveRemovedKeys())
        try await site.archive.write { db in
            try db.execute(sql: "INSERT INTO removedKeys (meetingID) VALUES ('m-1'), ('m-2')")
        }
        #expect(try await site.archive.databaseCopiesHaveRemovedKeys())
        #expect(try await site.archive.copyDatabases([]) == "2026-11-25", "though today's are there")
        #expect(try await days() == ["2026-11-25"])
        #expect(try await store.names(in: "databases").count == 2)
        #expect(try await !site.archive.databaseCopiesHaveRemovedKeys())
        #expect(try await site.archive.copyDatabases([]) == nil)
        // Where it cannot be done it is still to be done.
        try await site.archive.write { db in try db.execute(sql: "INSERT INTO removedKeys (meetingID) VALUES ('m-3')") }
        try site.goAway()
        await #expect(throws: ArchiveError.self) { try await site.archive.copyDatabases([]) }
        #expect(try await site.archive.databaseCopiesHaveRemovedKeys())
    }

    @Test func whatSomebodyElsePutThereAndHalfCopiedDaysDoNotPushGoodOnesOut() async throws {
        let site = try SecondSite(.directory)
        func put(_ name: String) throws {
            let path = site.shelf + "/databases/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        }
        try put("mine/notes.txt")
        for day in 1...20 { try put("2026-11-\(day < 10 ? "0" : "")\(day)/catalogue.sqlite") }
        try put("2026-10-31/manifest-sha256.txt")
        _ = try await site.archive.copyDatabases([])
        let left = try await #require(site.archive.second?.store).names(in: "databases")
        #expect(left.contains("mine/notes.txt") && left.contains("2026-10-31/manifest-sha256.txt"))
    }

    @Test func aLocationThatIsAwayFailsAndNothingIsLeftBehind() async throws {
        let site = try SecondSite(.directory)
        try site.goAway()
        await #expect(throws: ArchiveError.self) { try await site.archive.copyDatabases([]) }
        #expect(!FileManager.default.fileExists(atPath: site.shelf))
        #expect(!FileManager.default.fileExists(atPath: site.archive.root + "/work/databases"))
    }

    @Test func aDamagedDatabaseTakesNoGoodCopysPlace() async throws {
        let site = try SecondSite(.directory)
        let folder = try Workshop().root
        let (office, queue) = try Self.office(folder)
        try await queue.write { db in
            for _ in 0..<2_000 { try db.execute(sql: "INSERT INTO words VALUES (hex(randomblob(100)))") }
        }
        try queue.close()
        #expect(try await site.archive.copyDatabases([office]) != nil)
        let good = try FileDigest.of(site.shelf + "/databases/2026-11-24/office.sqlite")
        try tamper(office.path) { data in
            for index in data.indices.dropFirst(8_192).prefix(100_000) { data[index] = 0xA5 }
        }
        site.clock.advance(86_400)
        await #expect(throws: ArchiveError.self) { try await site.archive.copyDatabases([office]) }
        #expect(try FileDigest.of(site.shelf + "/databases/2026-11-24/office.sqlite") == good)
        #expect(!FileManager.default.fileExists(atPath: site.shelf + "/databases/2026-11-25/manifest-sha256.txt"))
    }

    /// The site burns down: what lies in the second location, and the key from a safe, are an archive again.
    @Test(.enabled(if: isInstalled("sha256sum"), "sha256sum is missing"))
    func anArchiveIsRestoredAsTheDocumentSays() async throws {
        let site = try SecondSite(.directory)
        let (meeting, _) = try await site.archive.recordedMeeting()
        let (office, queue) = try Self.office(site.archive.root)
        defer { try? queue.close() }
        try await site.work()
        _ = try await site.archive.copyDatabases([office])
        let root = try Workshop().root
        let places = "SECOND='\(site.shelf)' ARCHIVE='\(root)' DAY=2026-11-24\n"
        let commands = try places + EvidenceDocumentTests.commands("sh restore")
        let outcome = try shell(commands, in: root)
        #expect(outcome.status == 0, "\(outcome.output)")
        try FileManager.default.copyItem(
            atPath: site.archive.root + "/keys/seal.key", toPath: root + "/keys/seal.key")
        let restored = try Archive(root: root, now: { [clock = site.clock] in clock.now })
        #expect(try await restored.find(meeting.id)?.state == .sealed)
        #expect(try await restored.verify(meeting.id).isIntact)
        #expect(restored.publicKey == site.archive.publicKey)
        let words = try await DatabaseQueue(path: root + "/office.sqlite").read { db in
            try String.fetchAll(db, sql: "SELECT word FROM words")
        }
        #expect(words == ["Sở Y tế"])
        // What is damaged there is told before it takes anything's place.
        let copy = site.shelf + "/databases/2026-11-24/catalogue.sqlite"
        chmod(copy, 0o640)
        try tamper(copy) { $0[4_100] ^= 1 }
        #expect(try shell(commands, in: try Workshop().root).status != 0)
    }
}
