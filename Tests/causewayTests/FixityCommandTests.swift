import Archive
import Foundation
import PortalAPI
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
}
