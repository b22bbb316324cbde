import Evidence
import Foundation
import SQLDatabase
import Testing
import Vietnamese

@testable import Archive

/// What docs/evidence.md tells a third party to type is typed here.
@Suite(.enabled(if: isInstalled("openssl", "sha512sum"), "openssl or sha512sum is missing"))
struct EvidenceDocumentTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The document's block that begins with these words.
    static func commands(_ label: String) throws -> String {
        let text = try String(contentsOf: root.appendingPathComponent("docs/evidence.md"), encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```\(label)\n").dropFirst().first)
        return try #require(block.components(separatedBy: "```").first)
    }

    private func check(_ archive: Archive, _ meeting: MeetingRecord) throws -> (status: Int32, output: String) {
        try shell(
            "set -e\nKEY='\(archive.root)/keys/seal.pub.pem'\n" + Self.commands("sh"),
            in: archive.paths(of: meeting).directory)
    }

    @Test func thirdPartiesCheckAPackageWithOpensslAndSha512sumAlone() async throws {
        let archive = try Workshop().open()
        let (meeting, _) = try await archive.recordedMeeting()
        let intact = try check(archive, meeting)
        #expect(intact.status == 0 && intact.output.contains("Signature Verified Successfully"), "\(intact.output)")
    }

    @Test(arguments: [
        "data/master.mkv", "manifest-sha512.txt", "tagmanifest-sha512.txt", "seal/seal.json", "seal/seal.sig",
    ])
    func aFlippedBitShowsToThem(name: String) async throws {
        let archive = try Workshop().open()
        let (meeting, _) = try await archive.recordedMeeting()
        try tamper(archive.paths(of: meeting).directory + "/" + name) { $0[$0.count / 2] ^= 1 }
        #expect(try check(archive, meeting).status != 0)
    }

    @Test func theChainNamesTheDamagedSecondToThem() async throws {
        let archive = try Workshop().open()
        let (meeting, clusters) = try await archive.recordedMeeting(clusters: 12)
        let directory = archive.paths(of: meeting).directory
        let commands = try Self.commands("sh chain")
        #expect(try shell(commands, in: directory).output.isEmpty)
        try tamper(archive.paths(of: meeting).master) { $0[Int(clusters[7].offset) + 100] ^= 1 }
        #expect(try shell(commands, in: directory).output == "damaged at 1750 ms\n")
    }

    private static let validator = root.appendingPathComponent(".build/bagit/bin/python").path

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: validator),
            "bagit is missing: make .build/bagit/bin/python"))
    func bagitAgrees() async throws {
        let archive = try Workshop().open()
        let (meeting, _) = try await archive.recordedMeeting()
        let directory = archive.paths(of: meeting).directory
        let command = "'\(Self.validator)' -m bagit --validate ."
        let intact = try shell(command, in: directory)
        #expect(intact.status == 0 && intact.output.contains("is valid"), "\(intact.output)")
        let information = try String(contentsOfFile: directory + "/bag-info.txt", encoding: .utf8)
        #expect(information.contains("Meeting-Title: Họp giao ban tháng 11\n"))
        try tamper(directory + "/data/events.jsonl") { $0[3] ^= 1 }
        #expect(try shell(command, in: directory).status != 0)
    }

    /// What its metadata say is of what lies in it, and of when the chair opened it.
    @Test(arguments: [true, false]) func whatThePackageSaysOfItselfIsSo(hasFilm: Bool) async throws {
        let archive = try Workshop().open()
        let new = NewMeeting.sample()
        let meeting = try await archive.openMeeting(new)
        let paths = archive.paths(of: meeting)
        if hasFilm { try Data("film".utf8).write(to: URL(fileURLWithPath: paths.accessCopy)) }
        let opening = new.openedAt.addingTimeInterval(900)
        try archive.append(
            [EventRecord(at: new.openedAt, name: "opened"), EventRecord(at: opening, name: "opened-by-chair")],
            to: meeting)
        for name in ["report.pdf", "minutes.odt", "report.json"] {
            try archive.add(Data("{}".utf8), as: "reports/" + name, to: meeting)
        }
        try await archive.closeMeeting(meeting.id, at: opening.addingTimeInterval(10))
        _ = try await archive.seal(meeting.id)
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: paths.directory + "/" + name, encoding: .utf8)
        }
        let core = try text("metadata/dc.xml")
        #expect(core.contains("video/webm") == hasFilm && core.contains("MovingImage") == hasFilm)
        #expect(!core.contains("matroska") && core.contains(IndochinaTime.text(opening)))
        let information = try text("bag-info.txt")
        #expect(information.contains("Meeting-Opened: \(IndochinaTime.text(opening))\n"))
        #expect(information.contains("Meeting-First-Call: \(IndochinaTime.text(new.openedAt))\n"))
        let files = try await archive.files(of: try await archive.details(of: meeting.id).meeting)
        let makers = files.filter { $0.path.hasPrefix("data/reports/") }.map(\.madeBy)
        #expect(makers == ["pandoc", "Causeway", "WeasyPrint"], "\(makers)")
        let readme = try text("README.txt")
        #expect(["data/gaps.json", "seal.tsr", "openssl ts -verify", "destruction/"].allSatisfy(readme.contains))
    }

    /// A line stands in the ledger's file a moment before the catalogue has it: that is no damage, unless it stays so.
    @Test func aSealingInProgressIsNoDamage() async throws {
        let archive = try Workshop().open()
        let (meeting, _) = try await archive.recordedMeeting()
        let entry = try archive.ledgerFile.append { number, previous in
            LedgerEntry(
                number: number, at: IndochinaTime.text(Date()), kind: .sealed, meeting: meeting.id,
                package: meeting.package, seal: String(repeating: "0", count: 64), merkleRoot: "", previous: previous)
        }
        async let report = archive.verify(meeting.id)
        // By now it has looked into the catalogue once.
        try await Task.sleep(for: .milliseconds(300))
        try await archive.write { db in try Archive.enter(entry, db) }
        let findings = try await report.findings.map(\.text)
        #expect(!findings.contains { $0.contains("catalogue differ") }, "\(findings)")
        // What the catalogue has lost is told.
        try await archive.write { db in
            try db.execute(sql: "DELETE FROM ledger WHERE number = ?", arguments: [entry.number])
        }
        let later = try await archive.verify(meeting.id).findings.map(\.text)
        #expect(later.contains { $0.contains("catalogue differ from entry \(entry.number) on") }, "\(later)")
    }

    @Test(.enabled(if: isInstalled("xmllint"), "xmllint is missing")) func theDublinCoreRecordIsXML() async throws {
        let archive = try Workshop().open()
        var new = NewMeeting.sample()
        new.title = "Họp <giao ban> & \u{FFFE}\u{7}"
        let (meeting, _) = try await archive.recordedMeeting(new)
        let found = try shell(
            "xmllint --xpath 'string(//*[local-name()=\"title\"])' metadata/dc.xml",
            in: archive.paths(of: meeting).directory)
        #expect(found.status == 0 && found.output.hasPrefix("Họp <giao ban> &"), "\(found.output)")
    }
}
