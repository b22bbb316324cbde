import Evidence
import Foundation
import Testing

@testable import Archive

@Suite(.inEachCatalogue) struct FixityTests {
    private struct Site {
        let clock = HandClock(morning)
        let archive: Archive
        let second: String

        init() throws {
            second = try Workshop().root
            archive = try Workshop().open(
                fixity: FixitySettings(interval: .seconds(86_400)), second: SecondLocation(.directory(second)),
                now: { [clock] in clock.now })
        }

        /// Copies a package to the second location, as a backup does.
        func copy(_ meeting: MeetingRecord) throws {
            let target = second + "/" + meeting.package
            try FileManager.default.createDirectory(
                atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: archive.paths(of: meeting).directory, toPath: target)
        }
    }

    @Test func eachPackageIsCheckedOnceInItsTimeTheOldestFirst() async throws {
        let site = try Site()
        let (first, _) = try await site.archive.recordedMeeting()
        site.clock.advance(60)
        let (second, _) = try await site.archive.recordedMeeting(.sample("zzzz"))
        #expect(try await site.archive.checkNextPackage() == nil)
        site.clock.advance(86_400)
        #expect(try await site.archive.checkNextPackage()?.meetingID == first.id)
        #expect(try await site.archive.checkNextPackage()?.meetingID == second.id)
        #expect(try await site.archive.checkNextPackage() == nil)
        site.clock.advance(86_400)
        let outcome = try #require(try await site.archive.checkNextPackage())
        #expect(outcome.meetingID == first.id && outcome.now.isIntact && outcome.restored.isEmpty)
    }

    @Test func damagedAndMissingFilesAreRestoredToldAndEntered() async throws {
        let site = try Site()
        let (meeting, clusters) = try await site.archive.recordedMeeting()
        try site.copy(meeting)
        let directory = site.archive.paths(of: meeting).directory
        try tamper(directory + "/data/master.mkv") { $0[Int(clusters[3].offset) + 50] ^= 1 }
        unlink(directory + "/data/reports/report.json")
        site.clock.advance(100_000)
        let outcome = try #require(try await site.archive.checkNextPackage())
        #expect(outcome.found.findings.map(\.kind) == [.clusterChanged])
        #expect(Set(outcome.restored) == ["data/master.mkv", "data/reports/report.json"])
        #expect(outcome.now.isIntact, "\(outcome.now.findings) \(outcome.now.damaged)")
        let entries = try site.archive.ledgerCopy().entries
        #expect(entries.map(\.kind) == [.sealed, .restored])
        #expect(entries.last?.note?.contains("data/master.mkv") == true)
        let details = try await site.archive.details(of: meeting.id)
        #expect(details.notes.contains { $0.text.hasPrefix("restored from the second location") })
        #expect(details.meeting.damagedFiles == 0)
        // Others sealed later still fit the ledger.
        let (later, _) = try await site.archive.recordedMeeting(.sample("zzzz"))
        #expect(try await site.archive.verify(later.id).isIntact)
        let mode = try FileManager.default.attributesOfItem(atPath: directory + "/data/master.mkv")[.posixPermissions]
        #expect(mode as? Int == 0o440)
        // The report of the run says all of it.
        #expect(try await site.archive.checkNextPackage() == nil)
        let run = try #require(try await site.archive.fixityRuns().first)
        #expect(run.packages == 1 && run.damaged == 1 && run.restored == 1 && run.unread == 0)
        let size = try await site.archive.files(of: meeting).reduce(0) { $0 + $1.size }
        // Read once as it was found, and once whole.
        #expect(run.octets > size && run.octets <= 2 * size, "\(run.octets) of \(size)")
        #expect(run.startedAt == site.clock.now && run.endedAt == site.clock.now)
        let finding = try #require(try await site.archive.fixityRun(run.id)?.findings.first)
        #expect(finding.meetingID == meeting.id && finding.source == site.second && finding.isWhole)
        #expect(Set(finding.restored) == ["data/master.mkv", "data/reports/report.json"])
        #expect(finding.damaged.contains(.init(path: "data/master.mkv", verdict: .changed)))
        #expect(finding.damaged.contains(.init(path: "data/reports/report.json", verdict: .missing)))
        #expect(finding.details.contains { $0.contains("0:00:00.750") }, "\(finding.details)")
        #expect(finding.hindrances.isEmpty && finding.failure == nil)
    }

    @Test func aRunIsOfADayAndGoesOnAfterAStop() async throws {
        let site = try Site()
        for tail in ["aaaa", "bbbb", "cccc"] {
            _ = try await site.archive.recordedMeeting(.sample(tail))
            site.clock.advance(60)
        }
        site.clock.advance(86_300)
        #expect(try await site.archive.checkNextPackage() != nil)
        // It goes on: nothing said that none was due.
        #expect(try await site.archive.fixityRuns().map(\.endedAt) == [nil])
        #expect(try await site.archive.checkNextPackage() != nil)
        #expect(try await site.archive.checkNextPackage() == nil)
        #expect(try await site.archive.fixityRuns().first?.endedAt == site.clock.now)
        site.clock.advance(60)
        // Due on the same day: of the same run.
        #expect(try await site.archive.checkNextPackage() != nil)
        #expect(try await site.archive.checkNextPackage() == nil)
        let first = try await site.archive.fixityRuns()
        #expect(first.map(\.packages) == [3] && first.map(\.damaged) == [0])
        #expect(try await site.archive.fixityRun(first[0].id)?.findings.isEmpty == true)
        site.clock.advance(90_000)
        #expect(try await site.archive.checkNextPackage() != nil)
        let runs = try await site.archive.fixityRuns()
        #expect(runs.map(\.packages) == [1, 3])
        #expect(try await site.archive.fixityRuns(before: runs[0].id).map(\.id) == [runs[1].id])
        #expect(try await site.archive.fixityRun(4_711) == nil)
    }

    @Test func aPackageThatCannotBeReadIsReportedAndHoldsNoOtherUp() async throws {
        let site = try Site()
        let (first, _) = try await site.archive.recordedMeeting()
        site.clock.advance(60)
        let (second, _) = try await site.archive.recordedMeeting(.sample("zzzz"))
        let directory = site.archive.paths(of: first).directory
        // A directory that can be listed no more: a link that leads to itself.
        try FileManager.default.moveItem(atPath: directory, toPath: directory + ".away")
        try FileManager.default.createSymbolicLink(atPath: directory, withDestinationPath: directory)
        site.clock.advance(86_400)
        await #expect(throws: ArchiveError.self) { try await site.archive.checkNextPackage() }
        #expect(try await site.archive.checkNextPackage()?.meetingID == second.id)
        #expect(try await site.archive.checkNextPackage() == nil)
        let run = try #require(try await site.archive.fixityRuns().first)
        #expect(run.packages == 1 && run.unread == 1 && run.damaged == 0)
        let finding = try #require(try await site.archive.fixityRun(run.id)?.findings.first)
        #expect(finding.meetingID == first.id && finding.failure?.isEmpty == false && !finding.isWhole)
        unlink(directory)
        try FileManager.default.moveItem(atPath: directory + ".away", toPath: directory)
        site.clock.advance(86_400)
        #expect(try await site.archive.checkNextPackage()?.now.isIntact == true)
    }

    @Test func aCopyThatIsDamagedTooIsNotTaken() async throws {
        let site = try Site()
        let (meeting, clusters) = try await site.archive.recordedMeeting()
        try site.copy(meeting)
        for root in [site.archive.root, site.second] {
            try tamper(root + "/" + meeting.package + "/data/master.mkv") { $0[Int(clusters[3].offset) + 50] ^= 1 }
        }
        site.clock.advance(100_000)
        let outcome = try #require(try await site.archive.checkNextPackage())
        #expect(outcome.restored.isEmpty && outcome.now.damaged.map(\.path) == ["data/master.mkv"])
        #expect(try site.archive.ledgerCopy().entries.count == 1)
        #expect(try await site.archive.find(meeting.id)?.damagedFiles == 1)
        let run = try #require(try await site.archive.fixityRuns().first)
        let finding = try #require(try await site.archive.fixityRun(run.id)?.findings.first)
        #expect(run.damaged == 1 && run.restored == 0 && !finding.isWhole && finding.restored.isEmpty)
        #expect(finding.hindrances.count == 1 && finding.hindrances[0].hasPrefix("data/master.mkv: "))
    }

    @Test func readingKeepsToItsRate() {
        let rate = ReadingRate(octetsPerSecond: 1_000)
        let began = ContinuousClock.now
        #expect(rate.pause(after: 5_000, at: began) > .milliseconds(4_900))
        #expect(rate.pause(after: 5_000, at: began + .seconds(6)) == .zero)
    }
}
