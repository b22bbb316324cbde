import Evidence
import Foundation
import Testing

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
