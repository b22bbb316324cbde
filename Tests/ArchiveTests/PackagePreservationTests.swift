import Evidence
import Foundation
import SQLDatabase
import Preservation
import Testing

@testable import Archive

/// What a sealed package says of how it came to be.
@Suite struct PackagePreservationTests {
    private static let schemas =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Sources/Dossier/Schemas"

    private static let hostile = "Họp <giao ban> & \u{FFFE}\u{7} ]]> \"\r\n"

    private func archive() throws -> Archive {
        var settings = SealingSettings(organization: Self.hostile, software: "Causeway 9.8")
        settings.components = [PreservationProgram(name: "libvpx", version: "1.2.3")]
        settings.versions = { ["WeasyPrint": "63.1", "pandoc": "3.1"] }
        settings.holder = RecordHolder(
            archiveCode: "LTLS.46", agencyCode: "H57", agencyName: "Văn phòng", fondsCode: "P.UBND",
            languages: ["vi", "en"])
        return try Workshop().open(sealing: settings)
    }

    /// A meeting with all that there is to tell of.
    private func meeting(_ archive: Archive) async throws -> MeetingRecord {
        var new = NewMeeting.sample()
        (new.title, new.convener, new.document) = (Self.hostile, Self.hostile, Self.hostile)
        let meeting = try await archive.openMeeting(new)
        try await archive.setState(meeting.id, to: .recording)
        let paths = archive.paths(of: meeting)
        try RecordedMaster.write(to: paths.master, meeting: meeting.id)
        try Data("film".utf8).write(to: URL(fileURLWithPath: paths.accessCopy))
        func at(_ seconds: Double) -> Date { new.openedAt.addingTimeInterval(seconds) }
        try archive.append(
            [
                EventRecord(
                    at: at(1), name: "recording-started",
                    fields: ["orderedBy": "Chủ tịch " + Self.hostile, "document": "12/QĐ"]),
                EventRecord(at: at(9), name: "recording-stopped"),
                EventRecord(at: at(11), name: "recordings-merged", fields: ["firstAlone": "3", "secondAlone": "4"]),
                EventRecord(
                    at: at(12), name: "master-decoded",
                    fields: ["point": "a", "kind": "audio", "blocks": "100", "refused": "0"]),
                EventRecord(
                    at: at(12), name: "master-decoded",
                    fields: ["point": "b", "kind": "video", "blocks": "50", "refused": "2"]),
            ], to: meeting)
        for name in ["report.pdf", "minutes.odt", "report.json"] {
            try archive.add(Data("{}".utf8), as: "reports/" + name, to: meeting)
        }
        try archive.add(Data("x".utf8), as: "papers/001-x.xyz", to: meeting)
        try await archive.closeMeeting(meeting.id, at: at(10), durationMilliseconds: 10_000)
        return try await archive.seal(meeting.id)
    }

    @Test(.enabled(if: isInstalled("xmllint"), "xmllint is missing"))
    func itsMetadataAreValidByTheOfficialSchemas() async throws {
        let archive = try archive()
        let directory = archive.paths(of: try await meeting(archive)).directory
        for (schema, name) in [("premis.xsd", "premis.xml"), ("oai_dc.xsd", "dc.xml")] {
            let check = "xmllint --nonet --noout --schema '\(Self.schemas)/\(schema)' "
            let said = try shell(check + "metadata/\(name)", in: directory)
            #expect(said.status == 0, "\(said.output)")
            // And the schema is no formality.
            let broken = "sed -e 's/dc:title/dc:titel/g' -e 's/premis:eventType/premis:evenType/g' metadata/\(name)"
            #expect(try shell("\(broken) | \(check) -", in: directory).status != 0)
        }
    }

    @Test(.enabled(if: isInstalled("xmllint"), "xmllint is missing"))
    func itsPREMISNamesFilesProgramsEventsAndWhoOrderedThem() async throws {
        let archive = try archive()
        let meeting = try await meeting(archive)
        let directory = archive.paths(of: meeting).directory
        func values(_ element: String) throws -> [String] {
            let said = try shell(
                "xmllint --xpath '//*[local-name()=\"\(element)\"]/text()' metadata/premis.xml", in: directory)
            #expect(said.status == 0, "\(element)")
            return said.output.split(separator: "\n").map(String.init)
        }
        let files = try await archive.files(of: meeting)
        let payload = files.filter { $0.path.hasPrefix("data/") }
        let digests = Set(payload.flatMap { [$0.sha256, $0.sha512].compactMap { $0 } })
        #expect(Set(try values("messageDigest")) == digests && digests.count >= 2 * payload.count - 4)
        let types = Dictionary(grouping: try values("eventType")) { $0 }.mapValues(\.count)
        // Begun, ended, the film, three reports; the chain, and the files.
        #expect(
            types == ["creation": 6, "modification": 1, "validation": 1, "message digest calculation": 2], "\(types)")
        let outcomes = try values("eventOutcome")
        #expect(outcomes.contains("warning") && outcomes.contains("success"))
        #expect(try values("eventOutcomeDetailNote").contains("2 trong 150 khối không giải mã được"))
        let agents = try values("agentName")
        #expect(agents.contains { $0.hasPrefix("Chủ tịch Họp &lt;giao ban") }, "\(agents)")
        let versions = try values("agentVersion")
        #expect(Set(versions) == ["9.8", "63.1", "3.1", "1.2.3"], "\(versions)")
        let registry = try values("formatRegistryKey")
        #expect(registry.contains("fmt/569") && registry.contains("fmt/573") && registry.contains("fmt/817"))
        #expect(try values("formatName").contains("application/octet-stream"))
        #expect(files.first { $0.path == "metadata/premis.xml" }?.madeBy == "Causeway 9.8")
        #expect(files.first { $0.path == "data/reports/report.pdf" }?.madeBy == "WeasyPrint 63.1")
        let readme = try String(contentsOfFile: directory + "/README.txt", encoding: .utf8)
        #expect(readme.components(separatedBy: "metadata/premis.xml").count == 3)
        #expect(try await archive.verify(meeting.id).isIntact)
    }

    @Test func theFieldsOfTheNationalRulesStandInIt() async throws {
        let archive = try archive()
        let meeting = try await meeting(archive)
        struct Kept: Decodable {
            struct Record: Decodable {
                struct Retention: Decodable {
                    var code: String
                    var vi: String
                    var years: Int?
                }
                var archiveCode: String
                var agencyCode: String
                var fonds: String
                var file: String
                var languages: [String]
                var retention: Retention
            }
            var title: String
            var record: Record
        }
        let data = try #require(FileManager.default.contents(atPath: archive.paths(of: meeting).metadata))
        let kept = try JSONDecoder().decode(Kept.self, from: data)
        #expect(kept.record.fonds == "P.UBND" && kept.record.archiveCode == "LTLS.46")
        #expect(kept.record.file == "H57.2026.\(meeting.id)" && kept.record.languages == ["vi", "en"])
        #expect(kept.record.retention.code == "VV" && kept.record.retention.years == nil)
        #expect(kept.record.retention.vi == "Vĩnh viễn")
    }

    @Test func aBagThatWasSealedBeforeThereWasPREMISStaysGood() async throws {
        let archive = try archive()
        let meeting = try await meeting(archive)
        let directory = archive.paths(of: meeting).directory
        // Sealed again as it was then: with everything but that file.
        let left = [SealedPackage.preservation, SealedPackage.tagManifest]
        var files = try await archive.files(of: meeting)
            .filter { !$0.path.hasPrefix(SealedPackage.sealFolder) && !left.contains($0.path) }
            .map {
                SealDocument.File(
                    path: $0.path, size: $0.size, sha256: $0.sha256 ?? "", sha512: $0.sha512 ?? "", mime: $0.mime)
            }
        unlink(directory + "/" + SealedPackage.preservation)
        let tags = BagIt.manifest(files.filter { !$0.path.hasPrefix("data/") })
        try SafeFile.replace(directory + "/" + SealedPackage.tagManifest, with: Data(tags.utf8))
        let sum = try FileDigest.of(directory + "/" + SealedPackage.tagManifest, syncing: false) { _ in true }
        files.append(
            SealDocument.File(
                path: SealedPackage.tagManifest, size: sum.size, sha256: sum.sha256, sha512: sum.sha512,
                mime: "text/plain"))
        let before = try SealDocument(
            parsing: try FileDigest.contents(of: directory + "/" + SealedPackage.sealName, limit: 1 << 20))
        let seal = SealDocument(
            meeting: meeting.id, sealedAt: before.sealedAt, files: files, master: before.master,
            ledgerPrevious: archive.ledgerFile.ledger.head)
        var made = try archive.keys.sealer.sign(seal.data)
        made[SealedPackage.sealName] = seal.data
        for (name, data) in made { try SafeFile.replace(directory + "/" + name, with: data) }
        let entry = try archive.ledgerFile.append { number, previous in
            LedgerEntry(
                number: number, at: seal.sealedAt, kind: .sealed, meeting: meeting.id, package: meeting.package,
                seal: Hex.sha256(seal.data), merkleRoot: seal.merkleRoot, previous: previous)
        }
        for name in made.keys {
            let sum = try FileDigest.of(directory + "/" + name, syncing: false) { _ in true }
            files.append(
                SealDocument.File(
                    path: name, size: sum.size, sha256: sum.sha256, sha512: sum.sha512, mime: "text/plain"))
        }
        try await archive.write { [files] db in
            try Archive.enter(entry, db)
            try db.execute(sql: "DELETE FROM files WHERE meetingID = ?", arguments: [meeting.id])
            for file in files { try PackageFile(file, of: meeting.id).insert(db) }
        }
        let report = try await archive.verify(meeting.id)
        #expect(report.isIntact, "\(report.damaged) \(report.findings)")
        #expect(!report.files.contains { $0.path == SealedPackage.preservation })
        // What is put there later is not of the package.
        try Data("x".utf8).write(to: URL(fileURLWithPath: directory + "/" + SealedPackage.preservation))
        #expect(try await archive.verify(meeting.id).damaged.map(\.path) == [SealedPackage.preservation])
    }
}
