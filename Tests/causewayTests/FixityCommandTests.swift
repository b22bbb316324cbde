import Archive
import Foundation
import PortalAPI
import Synchronization
import Testing

@testable import causeway

@Suite struct FixityCommandTests {
    @Test func reportsAreListedAndWhatIsWrongIsNamed() async throws {
        // Due again at once.
        try await CommandHarness.run(fixity: FixitySettings(interval: .zero)) { harness in
            let none = await harness.causeway("recordings", "fixity")
            #expect(none.status == .success && none.output == "No package was due yet.\n")
            let meeting = try await harness.sealed(masterBytes: 2_000_000)
            _ = try await harness.archive.checkNextPackage()
            let listed = await harness.causeway("recordings", "fixity")
            #expect(listed.status == .success && listed.output.contains("2.1 MB"), "\(listed.output)")
            let good = await harness.causeway("recordings", "fixity", "1")
            #expect(good.status == .success && good.output.contains("at most 20 MB"), "\(good.output)")
            let master = harness.archive.paths(of: meeting).master
            chmod(master, 0o640)
            try Data("khác".utf8).write(to: URL(fileURLWithPath: master))
            _ = try await harness.archive.checkNextPackage()
            let bad = await harness.causeway("recordings", "fixity", "1")
            #expect(
                bad.status == .verificationFailed && bad.output.contains("  changed: data/master.mkv"),
                "\(bad)")
            #expect(bad.output.contains("  NOT WHOLE") && bad.errors.contains("1 packages are damaged still"))
            let data = await harness.causeway("recordings", "fixity", "1", "--json")
            let detail = try PortalJSON.decode(FixityReportDetail.self, from: Data(data.output.utf8))
            #expect(detail.report.packages == 2 && detail.findings.map(\.recording) == [meeting.id])
            #expect(await harness.causeway("recordings", "fixity", "9").status == .refused)
        }
    }

    @Test func whatIsDueIsCheckedAndWhatIsDamagedStays() async throws {
        try await CommandHarness.run(fixity: FixitySettings(interval: .zero)) { harness in
            let none = await harness.causeway("recordings", "fixity", "--due")
            #expect(none.status == .success && none.output == "No package is due, and none is damaged.\n", "\(none)")
            let meeting = try await harness.sealed(masterBytes: 2_000_000)
            let good = await harness.causeway("recordings", "fixity", "--due")
            #expect(good.status == .success && good.output == "All that was due is intact: 1 packages.\n", "\(good)")
            #expect(good.errors.contains("checking") && good.errors.contains("1 of 1 recordings"), "\(good.errors)")
            let master = harness.archive.paths(of: meeting).master
            let whole = try Data(contentsOf: URL(fileURLWithPath: master))
            chmod(master, 0o640)
            try Data("khác".utf8).write(to: URL(fileURLWithPath: master))
            let bad = await harness.causeway("recordings", "fixity", "--due")
            #expect(bad.status == .verificationFailed && bad.output.isEmpty, "\(bad)")
            #expect(bad.errors.contains("causeway: damaged still: \(meeting.id)"), "\(bad.errors)")
            let data = await harness.causeway("recordings", "fixity", "--due", "--json")
            let result = try PortalJSON.decode(FixityRoundResult.self, from: Data(data.output.utf8))
            #expect(data.status == .verificationFailed && result.damaged.recordings == [meeting.id])
            try whole.write(to: URL(fileURLWithPath: master))
            #expect(await harness.causeway("recordings", "verify", meeting.id).status == .success)
            #expect(await harness.causeway("recordings", "fixity", "--due").status == .success)
            #expect(await harness.causeway("recordings", "fixity", "1", "--due").status == .usage)
            // Who asked is written down.
            let asked = try await harness.office.journal(limit: 100).filter { $0.action == "check due packages" }
            #expect(asked.count == 5 && Set(asked.map(\.by)).count == 1)
        }
    }

    /// In a unit's journal there is no terminal: a line at the start, and one a minute.
    @Test func withoutATerminalThereAreLines() {
        let written = Mutex<[String]>([])
        let console = Console(
            write: { text in written.withLock { $0.append(text) } }, writeError: { _ in }, width: { nil },
            drawsProgress: false)
        var picture = RoundPicture("checking", console: console, isQuiet: false)
        let start = ContinuousClock.now
        func standing(_ recordings: Int, _ megabytes: Int64) -> RoundStanding {
            RoundStanding(
                recordings: recordings, totalRecordings: 4, bytes: megabytes * 1_000_000, totalBytes: 3_600_000_000)
        }
        picture.update(standing(0, 0), at: start)
        picture.update(standing(1, 600), at: start + .seconds(30))
        picture.update(standing(2, 1_200), at: start + .seconds(60))
        #expect(
            written.withLock { $0 } == [
                "checking: 0 of 4 recordings, 0 B of 3.6 GB\n",
                "checking: 2 of 4 recordings, 1.2 GB of 3.6 GB, 2:00 left\n",
            ])
    }
}
