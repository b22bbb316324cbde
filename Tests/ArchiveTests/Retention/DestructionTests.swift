import Evidence
import Foundation
import Testing

@testable import Archive

@Suite(.inEachCatalogue) struct DestructionTests {
    private static func names(_ directory: String) throws -> [String] {
        try PackageFiles.list(directory).map(\.path)
    }

    @Test func packagesThatLieBesideGoToTheirRecordingOrWithIt() async throws {
        let site = try RetentionSite()
        let (meeting, _) = try await site.archive.recordedMeeting()
        let outgoing = site.archive.root + "/outgoing"
        func put(_ name: String, _ code: String?) throws {
            let folder = "\(outgoing)/\(name)/metadata/descriptive"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let text = code.map { "<ead><fileCode> \($0) </fileCode><title>Họp</title></ead>" } ?? "<ead></ead>"
            try text.write(toFile: folder + "/EAD.xml", atomically: true, encoding: .utf8)
        }
        try put("SIP_1", "H57.01.2026.\(meeting.id)")
        try put("SIP_2", "H57.01.2026.khac")
        try put("SIP_3", nil)
        try put(meeting.id + "/AIP_4", "H57.01.2026.\(meeting.id)")
        try put(".supply-x", nil)
        try FileManager.default.createSymbolicLink(
            atPath: outgoing + "/SIP_5", withDestinationPath: "\(outgoing)/SIP_1")
        let sorted = try await site.archive.sortStrayPackages()
        #expect(sorted.moved == ["SIP_1"] && sorted.removed == [])
        #expect(sorted.unknown == ["SIP_2", "SIP_3", "SIP_5"], "a link leads nowhere here")
        #expect(
            try Set(FileManager.default.contentsOfDirectory(atPath: "\(outgoing)/\(meeting.id)")) == ["AIP_4", "SIP_1"])
        #expect(!FileManager.default.fileExists(atPath: outgoing + "/.supply-x"))

        site.passTenYears()
        _ = try await site.approved([meeting.id])
        _ = try await site.archive.carryOutDestructions()
        #expect(!FileManager.default.fileExists(atPath: "\(outgoing)/\(meeting.id)"))
        try put("SIP_6", "H57.01.2026.\(meeting.id)")
        #expect(try await site.archive.sortStrayPackages().removed == ["SIP_6"])
        #expect(!FileManager.default.fileExists(atPath: outgoing + "/SIP_6"))
    }

    @Test func thePayloadGoesAndWhatDescribesItStays() async throws {
        let site = try RetentionSite()
        let (meeting, _) = try await site.archive.recordedMeeting()
        try site.copy(meeting)
        let directory = site.archive.paths(of: meeting).directory
        let before = try Self.names(directory)
        let sealed = try #require(try site.archive.ledgerCopy().entries.last)
        site.passTenYears()
        let proposal = try await site.approved([meeting.id])
        #expect(proposal.state == .approved)
        let outcome = try await site.archive.carryOutDestructions()
        #expect(outcome.destroyed == [meeting.id] && outcome.failures.isEmpty)
        #expect(try await site.archive.proposal(proposal.id).state == .destroyed)
        #expect(try await site.archive.workOnSecondLocation()?.ending == .removed)

        let left = try Self.names(directory)
        #expect(
            left.allSatisfy { !$0.hasPrefix("data/") } && !FileManager.default.fileExists(atPath: directory + "/data"))
        #expect(Set(before.filter { !$0.hasPrefix("data/") }).isSubset(of: left))
        #expect(left.contains("seal/seal.json") && left.contains("metadata/meeting.json"))
        #expect(try Self.names(site.second + "/" + meeting.package).allSatisfy { !$0.hasPrefix("data/") })

        let data = try FileDigest.contents(of: directory + "/destruction/certificate.json", limit: 1 << 20)
        let text = String(decoding: data, as: UTF8.self)
        for part in [
            meeting.id, sealed.merkleRoot, sealed.seal, "\"lan\"", "\"minh\"", "QĐ 15/QĐ-VP", "hết thời hạn", "10N",
            "2036-12-31", "Văn phòng UBND tỉnh",
        ] {
            #expect(text.contains(part), "the certificate has no \(part)")
        }
        let words = try String(contentsOfFile: directory + "/destruction/certificate.txt", encoding: .utf8)
        #expect(text.contains(Hex.sha256(Data(words.utf8))))
        #expect(words.contains("GIẤY CHỨNG NHẬN HỦY TÀI LIỆU") && words.contains("CERTIFICATE OF DESTRUCTION"))

        let entry = try #require(try site.archive.ledgerCopy().entries.last)
        #expect(entry.kind == .destroyed && entry.seal == sealed.seal && entry.merkleRoot == sealed.merkleRoot)
        #expect(entry.note?.contains(Hex.sha256(data)) == true)
        let record = try #require(try await site.archive.find(meeting.id))
        #expect(record.state == .destroyed && record.destroyedAt != nil)
        let files = try await site.archive.files(of: record)
        #expect(Set(files.map(\.path)) == Set(left))
        // Nothing is left to do, and nothing is entered twice.
        #expect(try await site.archive.carryOutDestructions() == .init())
        #expect(try site.archive.ledgerCopy().entries.count == 2)
        // Others sealed later still fit the ledger.
        let (later, _) = try await site.archive.recordedMeeting(.sample("zzzz"))
        #expect(try await site.archive.verify(later.id).isIntact)
    }

    @Test(.enabled(if: isInstalled("openssl"), "openssl is missing"))
    func thirdPartiesCheckTheCertificateAsTheDocumentSays() async throws {
        let site = try RetentionSite()
        let meeting = try await site.archive.sealedMeeting()
        site.passTenYears()
        _ = try await site.approved([meeting.id])
        try await site.archive.carryOutDestructions()
        let directory = site.archive.paths(of: meeting).directory
        let commands =
            try "KEY='\(site.archive.root)/keys/seal.pub.pem'\n" + EvidenceDocumentTests.commands("sh destruction")
        #expect(try shell(commands, in: directory).status == 0)
        try tamper(directory + "/destruction/certificate.json") { $0[40] ^= 1 }
        #expect(try shell(commands, in: directory).status != 0)
    }

    @Test func everythingThatWouldReadItIsRefusedByName() async throws {
        let site = try RetentionSite()
        let meeting = try await site.archive.sealedMeeting()
        site.passTenYears()
        _ = try await site.approved([meeting.id])
        // From the decision on, before the work is done.
        for _ in 0..<2 {
            let record = try #require(try await site.archive.find(meeting.id))
            let refusal = ArchiveError.destroyed(
                meeting: meeting.id, at: "2037-01-01", certificate: "destruction/certificate.txt")
            await #expect(throws: refusal) { try await site.archive.verify(meeting.id) }
            await #expect(throws: refusal) { try await site.archive.enqueue(.compose, for: meeting.id) }
            await #expect(throws: refusal) { try await site.archive.seal(meeting.id) }
            await #expect(throws: refusal) { try await site.archive.hold(meeting.id, reason: "muộn", by: "Lan") }
            await #expect(throws: refusal) { try await site.archive.setRetentionClass("VV", of: meeting.id) }
            #expect(throws: refusal) { try site.archive.events(of: record) }
            await #expect(throws: ArchiveError.self) { try await site.archive.setState(meeting.id, to: .failed) }
            #expect(throws: ArchiveError.self) { try site.archive.add(Data(), as: "x.txt", to: record) }
            #expect(throws: ArchiveError.self) {
                try site.archive.append(EventRecord(at: morning, name: "x"), to: record)
            }
            try await site.archive.carryOutDestructions()
        }
        site.clock.advance(1_000_000)
        #expect(try await site.archive.checkNextPackage() == nil)
    }

    /// The daemon dies at each point of the work; the next one ends it, with one certificate and one entry.
    @Test(arguments: ["decided", "certified", "entered", "half removed", "removed"])
    func aCrashIsCompletedAtTheNextStart(_ point: String) async throws {
        let site = try RetentionSite()
        // What the first goes on to write for the test's sake would be in a shared catalogue too.
        guard site.workshop.cluster == nil else { return }
        let (meeting, _) = try await site.archive.recordedMeeting()
        site.passTenYears()
        let proposal = try await site.approved([meeting.id])
        let killed = try site.workshop.asKilled()
        if point != "decided" {
            // What the work leaves on the disk, but not in the catalogue.
            try await site.archive.carryOutDestructions()
            let from = site.archive.paths(of: meeting).directory
            let to = killed.root + "/" + meeting.package
            try FileManager.default.copyItem(atPath: from + "/destruction", toPath: to + "/destruction")
            if point != "certified" {
                let ledger = killed.root + "/ledger.jsonl"
                try FileManager.default.removeItem(atPath: ledger)
                try FileManager.default.copyItem(atPath: site.archive.root + "/ledger.jsonl", toPath: ledger)
            }
            if point == "half removed" { unlink(to + "/data/master.mkv") }
            if point == "removed" { try FileManager.default.removeItem(atPath: to + "/data") }
        }
        let archive = try RetentionSite.open(killed, site.second, site.clock)
        let outcome = try await archive.carryOutDestructions()
        #expect(outcome.destroyed == [meeting.id] && outcome.failures.isEmpty)
        #expect(try await archive.proposal(proposal.id).state == .destroyed)
        let directory = archive.paths(of: meeting).directory
        #expect(!FileManager.default.fileExists(atPath: directory + "/data"))
        let entries = try archive.ledgerCopy().entries
        #expect(entries.map(\.kind) == [.sealed, .destroyed])
        let data = try FileDigest.contents(of: directory + "/destruction/certificate.json", limit: 1 << 20)
        #expect(entries.last?.note?.contains(Hex.sha256(data)) == true)
        #expect(access(directory + "/destruction/certificate.sig", F_OK) == 0)
    }

    @Test func aLinkInThePayloadIsRemovedAndNotFollowed() async throws {
        let site = try RetentionSite()
        let meeting = try await site.archive.sealedMeeting()
        let outside = try Workshop().root
        try Data("keep".utf8).write(to: URL(fileURLWithPath: outside + "/keep"))
        let link = site.archive.paths(of: meeting).directory + "/data/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: outside)
        site.passTenYears()
        _ = try await site.approved([meeting.id])
        #expect(try await site.archive.carryOutDestructions().destroyed == [meeting.id])
        #expect(FileManager.default.fileExists(atPath: outside + "/keep"))
    }

    @Test func oneThatCannotBeRemovedIsToldAndTriedAgain() async throws {
        let site = try RetentionSite()
        let first = try await site.archive.sealedMeeting()
        let second = try await site.archive.sealedMeeting(.sample("zzzz"))
        site.passTenYears()
        let proposal = try await site.approved([first.id, second.id])
        // A file where the certificate's folder belongs.
        let obstacle = site.archive.paths(of: first).directory + "/destruction"
        try Data().write(to: URL(fileURLWithPath: obstacle))
        let outcome = try await site.archive.carryOutDestructions()
        #expect(outcome.destroyed == [second.id] && Set(outcome.failures.keys) == [first.id])
        #expect(access(site.archive.paths(of: first).master, F_OK) == 0, "gone without a certificate")
        #expect(try await site.archive.proposal(proposal.id).state == .approved)
        unlink(obstacle)
        #expect(try await site.archive.carryOutDestructions().destroyed == [first.id])
        #expect(try await site.archive.proposal(proposal.id).state == .destroyed)
    }
}
