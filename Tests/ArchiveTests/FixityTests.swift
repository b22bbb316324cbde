import Evidence
import Foundation
import Testing

@testable import Archive

@Suite struct FixityTests {
    private struct Site {
        let clock = HandClock(morning)
        let archive: Archive
        let second: String

        init() throws {
            second = try Workshop().root
            archive = try Archive(
                root: try Workshop().root,
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
    }

    @Test func readingKeepsToItsRate() {
        let rate = ReadingRate(octetsPerSecond: 1_000)
        let began = ContinuousClock.now
        #expect(rate.pause(after: 5_000, at: began) > .milliseconds(4_900))
        #expect(rate.pause(after: 5_000, at: began + .seconds(6)) == .zero)
    }
}
