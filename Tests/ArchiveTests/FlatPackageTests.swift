import Evidence
import Foundation
import SQLDatabase
import Testing

@testable import Archive

/// Packages of the first version: sealed ones stay as they are, others become bags.
@Suite struct FlatPackageTests {
    private static let id = "20260101-090000-giaoban-aaaa"
    private static let package = "packages/2026/2026-01-01-giaoban-aaaa"

    /// An archive as the first version left it.
    private func older(state: MeetingState) throws -> Workshop {
        let workshop = try Workshop()
        let directory = workshop.root + "/" + Self.package
        try FileManager.default.createDirectory(atPath: directory + "/report", withIntermediateDirectories: true)
        var files = ["master.mkv": "film", "events.jsonl": "{}\n", "meeting.json": "{}", "report/report.json": "{}"]
        if state == .sealed { files["manifest-sha256.txt"] = "" }
        let database = try SQLDatabase(.sqlite(path: workshop.root + "/catalogue.sqlite"))
        try CatalogueSchema.migrator.migrate(database, upTo: "2-registrations")
        try database.write { [files] db in
            try db.execute(
                sql: """
                    INSERT INTO meetings (id, room, title, package, openedAt, closedAt, state, searchText)
                    VALUES (?, 'giaoban', 'Họp', ?, '2026-01-01T09:00:00.000+07:00', '2026-01-01T10:00:00.000+07:00', ?, '')
                    """, arguments: [Self.id, Self.package, state.rawValue])
            for (name, text) in files {
                try text.write(toFile: directory + "/" + name, atomically: false, encoding: .utf8)
                guard state == .sealed else { continue }
                try db.execute(
                    sql: "INSERT INTO files (meetingID, path, size, sha256, mime) VALUES (?, ?, ?, ?, 'text/plain')",
                    arguments: [Self.id, name, text.utf8.count, Hex.sha256(Data(text.utf8))])
            }
        }
        try database.close()
        return workshop
    }

    @Test func aDestroyedOneKeepsItsManifestAndMetadata() async throws {
        let workshop = try older(state: .sealed)
        let clock = HandClock(RetentionSite.time("2027-01-01"))
        let table = try RetentionTable(parsing: "1N,1,1 năm,1 year", standard: "1N")
        var archive = try Archive(root: workshop.root, retention: table, now: { clock.now })
        await #expect(throws: ArchiveError.self) {
            try await archive.proposeDestruction(of: [Self.id], reason: "hết hạn", by: RetentionSite.lan)
        }
        try archive.close()
        clock.advance(366 * 86_400)
        archive = try Archive(root: workshop.root, retention: table, now: { clock.now })
        let proposal = try await archive.proposeDestruction(
            of: [Self.id], reason: "hết hạn", by: RetentionSite.lan)
        try await archive.review(proposal: proposal.id, .approve(document: "QĐ 1"), by: RetentionSite.minh)
        #expect(try await archive.carryOutDestructions().destroyed == [Self.id])
        let names = try PackageFiles.list(workshop.root + "/" + Self.package).map(\.path)
        #expect(
            names == [
                "destruction/certificate.json", "destruction/certificate.sig", "destruction/certificate.txt",
                "destruction/signer.pem", "manifest-sha256.txt", "meeting.json",
            ])
    }

    @Test func aSealedOneIsFoundVerifiedAndReadWhereItLies() async throws {
        let archive = try older(state: .sealed).open()
        let meeting = try #require(try await archive.find(Self.id))
        #expect(meeting.layout == .flat)
        let paths = archive.paths(of: meeting)
        #expect(try String(contentsOfFile: paths.master, encoding: .utf8) == "film")
        #expect(try String(contentsOfFile: paths.report("report.json"), encoding: .utf8) == "{}")
        #expect(try await archive.files(of: meeting).map(\.path).contains("master.mkv"))
        let before = try FileManager.default.subpathsOfDirectory(atPath: paths.directory)
        let report = try await archive.verify(Self.id)
        #expect(report.isIntact && report.files.count == 5)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: paths.directory) == before)
        try "FILM".write(toFile: paths.master, atomically: false, encoding: .utf8)
        #expect(try await archive.verify(Self.id).damaged.map(\.path) == ["master.mkv"])
    }

    @Test func oneThatWasNotSealedYetBecomesABag() async throws {
        let archive = try older(state: .closed).open()
        let sealed = try await archive.seal(Self.id)
        #expect(sealed.layout == .bag)
        let paths = archive.paths(of: sealed)
        #expect(try String(contentsOfFile: paths.master, encoding: .utf8) == "film")
        #expect(FileManager.default.fileExists(atPath: paths.report("report.json")))
        #expect(!FileManager.default.fileExists(atPath: paths.directory + "/meeting.json"))
        #expect(try await archive.verify(Self.id).isIntact)
    }
}
