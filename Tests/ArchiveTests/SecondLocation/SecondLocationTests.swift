import Evidence
import Foundation
import Testing

@testable import Archive

@Suite struct SecondLocationTests {
    @Test(arguments: SecondSite.kindsAndShared)
    func aSealedPackageIsCopiedThereAndReadAgain(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let (meeting, _) = try await site.archive.recordedMeeting()
        let files = try await site.archive.files(of: meeting)
        #expect(try await site.work() == [.whole(copied: files.map(\.path))])
        for file in files { #expect(try await site.hash(file, of: meeting) == file.sha256) }
        let store = try #require(site.archive.second?.store)
        let ledger = try FileDigest.of(site.archive.root + "/ledger.jsonl")
        #expect(try await store.sha256(of: "ledger.jsonl", octets: ledger.size) == ledger.sha256)
        let details = try await site.archive.details(of: meeting.id)
        #expect(details.notes.map(\.text) == ["copied to the second location and read again: \(files.count) files"])
        #expect(try await site.archive.jobs(of: meeting.id).map(\.state) == [.finished])
        #expect(try await site.archive.verify(meeting.id).isIntact)
        #expect(try await site.work().isEmpty)
        // The copy proves itself, with nothing but the key and the ledger beside it.
        if kind == .directory {
            let trust = PackageInspection.Trust(
                signers: site.archive.publicKey,
                ledger: Ledger(parsing: try Data(contentsOf: URL(fileURLWithPath: site.shelf + "/ledger.jsonl"))))
            let inspection = try PackageInspection(of: site.shelf + "/" + meeting.package, trusting: trust)
            #expect(inspection.findings.isEmpty, "\(inspection.findings)")
        }
    }

    @Test(arguments: SecondSite.kindsAndShared)
    func whatIsTamperedWithHereIsRestoredFromThere(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let (meeting, clusters) = try await site.archive.recordedMeeting()
        try await site.work()
        let directory = site.archive.paths(of: meeting).directory
        try tamper(directory + "/data/master.mkv") { $0[Int(clusters[3].offset) + 50] ^= 1 }
        unlink(directory + "/data/reports/report.json")
        site.clock.advance(100_000)
        let outcome = try #require(try await site.archive.checkNextPackage())
        #expect(Set(outcome.restored) == ["data/master.mkv", "data/reports/report.json"])
        #expect(outcome.hindrances.isEmpty && outcome.now.isIntact, "\(outcome)")
        #expect(try site.archive.ledgerCopy().entries.map(\.kind) == [.sealed, .restored])
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.archive.root + "/work").isEmpty)
    }

    @Test(arguments: SecondSite.kindsAndShared)
    func aLocationThatIsAwayIsToldAndTriedAgain(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let (meeting, _) = try await site.archive.recordedMeeting()
        try site.goAway()
        for attempt in 1...5 {
            guard case .failed(.secondLocation, let again?) = try await site.work().first else {
                Issue.record("attempt \(attempt) did not fail for the location")
                return
            }
            #expect(again > site.clock.now)
            site.clock.advance(again.timeIntervalSince(site.clock.now))
        }
        let notes = try await site.archive.details(of: meeting.id).notes
        #expect(notes.count == 1 && notes[0].text.hasPrefix("not in the second location yet"))
        let job = try #require(try await site.archive.jobs(of: meeting.id).first)
        #expect(job.state == .queued && job.error?.contains(SecondSite.password) == false)
        // A mount point that is not there is not made.
        if kind == .directory { #expect(!FileManager.default.fileExists(atPath: site.shelf)) }
    }

    @Test(arguments: SecondSite.kindsAndShared)
    func damageIsLookedAtAgainAfterADayWhileTheLocationIsAway(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind, interval: .seconds(30 * 86_400))
        let (meeting, _) = try await site.archive.recordedMeeting()
        try await site.work()
        unlink(site.archive.paths(of: meeting).directory + "/data/reports/report.json")
        try site.goAway()
        site.clock.advance(30 * 86_400)
        for _ in 0..<3 {
            let outcome = try #require(try await site.archive.checkNextPackage())
            #expect(outcome.restored.isEmpty && outcome.hindrances.count == 1 && !outcome.now.isIntact)
            #expect(try await site.archive.checkNextPackage() == nil)
            site.clock.advance(86_400)
        }
        // Said once, not once a day.
        let faults = try await site.archive.details(of: meeting.id).notes.filter { $0.severity == .fault }
        #expect(faults.count <= 6 && faults.contains { $0.text.hasPrefix("could not be restored") })
    }

    @Test(arguments: SecondSite.kindsAndShared)
    func aWrongCopyIsNotRestoredAndIsReplacedOnceThePackageIsGood(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let (meeting, _) = try await site.archive.recordedMeeting()
        try await site.work()
        let film = try #require(try await site.archive.files(of: meeting).first { $0.path == "data/access.webm" })
        // Encrypted, a file is longer by a header and a tag.
        try tamper(try site.lying(octets: Int(film.size) + (kind == .crypt ? 48 : 0))) { $0[$0.count - 1] ^= 1 }
        site.clock.advance(86_400)
        // The package is intact, so the copy is read again, and found.
        #expect(try await site.archive.checkNextPackage()?.now.isIntact == true)
        #expect(try await site.work() == [.whole(copied: ["data/access.webm"])])
        #expect(try await site.hash(film, of: meeting) == film.sha256)
        let notes = try await site.archive.details(of: meeting.id).notes
        #expect(notes.last?.severity == .warning && notes.last?.text.contains("data/access.webm") == true)

        // Damaged in both places: nothing is taken from there, and nothing bad is put there as if it were good.
        try tamper(try site.lying(octets: Int(film.size) + (kind == .crypt ? 48 : 0))) { $0[$0.count - 1] ^= 1 }
        try tamper(site.archive.paths(of: meeting).accessCopy) { $0[0] ^= 1 }
        site.clock.advance(86_400)
        let outcome = try #require(try await site.archive.checkNextPackage())
        #expect(outcome.restored.isEmpty && outcome.now.damaged.map(\.path) == ["data/access.webm"])
        #expect(outcome.hindrances.count == 1)
    }

    @Test(arguments: SecondSite.kindsAndShared)
    func thePayloadOfADestroyedMeetingIsRemovedThereToo(_ kind: SecondSite.Kind) async throws {
        let site = try SecondSite(kind)
        let (meeting, _) = try await site.archive.recordedMeeting()
        let (other, _) = try await site.archive.recordedMeeting(.sample("zzzz"))
        try await site.work()
        site.clock.advance(11 * 365 * 86_400)
        let proposal = try await site.archive.proposeDestruction(
            of: [meeting.id], reason: "hết thời hạn", by: RetentionSite.lan)
        _ = try await site.archive.review(proposal: proposal.id, .approve(document: "QĐ 15"), by: RetentionSite.minh)
        try await site.archive.carryOutDestructions()
        #expect(try await site.work() == [.removed])
        let store = try #require(site.archive.second?.store)
        let names = try await store.names(in: meeting.package)
        #expect(names.allSatisfy { !$0.hasPrefix("data/") } && names.contains("seal/seal.json"))
        #expect(names.contains("destruction/certificate.json"))
        #expect(try await store.names(in: other.package).contains("data/master.mkv"))
        #expect(try await site.work().isEmpty)
    }

    @Test func aCopyOfWhatIsDestroyedWhileItsLocationIsAwayIsRemovedWhenItIsBack() async throws {
        let site = try SecondSite(.directory)
        let (meeting, _) = try await site.archive.recordedMeeting()
        try await site.work()
        site.clock.advance(11 * 365 * 86_400)
        let proposal = try await site.archive.proposeDestruction(
            of: [meeting.id], reason: "hết thời hạn", by: RetentionSite.lan)
        _ = try await site.archive.review(proposal: proposal.id, .approve(document: "QĐ 15"), by: RetentionSite.minh)
        try site.goAway()
        try await site.archive.carryOutDestructions()
        #expect(try await site.work().count == 1)
        try FileManager.default.moveItem(atPath: site.shelf + ".away", toPath: site.shelf)
        site.clock.advance(60)
        #expect(try await site.work() == [.removed])
        #expect(!FileManager.default.fileExists(atPath: site.shelf + "/" + meeting.package + "/data"))
    }

    @Test func whatIsCopiedIsNotMoreThanItsRate() async throws {
        let folder = try Workshop().root
        try Data(count: 3_000_000).write(to: URL(fileURLWithPath: folder + "/a"))
        let store = MountedStore(root: folder, octetsPerSecond: 4_000_000)
        let began = ContinuousClock.now
        try await store.put(folder + "/a", as: "packages/b", octets: 3_000_000)
        #expect(ContinuousClock.now - began > .milliseconds(700))
    }

    @Test(arguments: [
        ("kho2:causeway", true), ("s3-vn:bucket/a b", true), ("kho2:", true), (":webdav,user=a,pass=b:x", false),
        ("kho,pass=b:x", false), ("/mnt/x", false), ("-o:x", false), ("a:b\n", false), ("", false),
    ]) func onlyANameAndAPathAreARemote(_ text: String, _ isUsable: Bool) {
        #expect((RcloneRemote(text, configuration: "/c") != nil) == isUsable)
    }

    @Test func whatRcloneSaysIsToldWithoutSecrets() {
        let line =
            #"2026/11/27 02:43:15 Failed to lsf: Get "https://me:geheim@kho.vn/a?X-Amz-Signature=abc&b=1": dial tcp: refused"#
        #expect(
            RcloneStore.withoutSecrets(line) == #"Failed to lsf: Get "https://kho.vn/a?…": dial tcp: refused"#)
    }
}
