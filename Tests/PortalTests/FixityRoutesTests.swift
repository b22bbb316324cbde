import Archive
import Foundation
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct FixityRoutesTests {
    private static let archivist = PortalHarness.Way.https(token: PortalHarness.archivistToken)

    /// Two recordings are due, of which one has a changed film.
    @Test func reportsAreListedAndSayWhatWasWrong() async throws {
        // Due again at once.
        try await PortalHarness.run(fixity: FixitySettings(interval: .zero)) { portal in
            let none = try await portal.ask("/api/v1/fixity", Self.archivist)
            #expect(try none.decoded(FixityReportPage.self) == FixityReportPage(reports: [], next: nil))
            let old = Date(timeIntervalSince1970: 1_274_668_200)
            let good = try await portal.sealed("20100524-093000-giaoban-aaaa", masterBytes: 1000, opened: old)
            let bad = try await portal.sealed(
                "20100524-093000-giaoban-bbbb", masterBytes: 1000, confidentiality: "top-secret", opened: old)
            let master = portal.archive.paths(of: bad).master
            chmod(master, 0o640)
            try Data("khác".utf8).write(to: URL(fileURLWithPath: master))
            for _ in 0..<2 { _ = try await portal.archive.checkNextPackage() }
            let page = try await portal.ask("/api/v1/fixity?limit=1", Self.archivist).decoded(FixityReportPage.self)
            let report = try #require(page.reports.first)
            #expect(report.packages == 2 && report.damaged == 1 && report.restored == 0 && report.unread == 0)
            #expect(report.endedAt == nil && report.bytes > 1000 && page.next == nil)
            let detail = try await portal.ask(
                "/api/v1/fixity/\(report.number)", .https(token: PortalHarness.administratorToken)
            ).decoded(FixityReportDetail.self)
            let seen = try await portal.ask("/api/v1/fixity/\(report.number)", Self.archivist)
                .decoded(FixityReportDetail.self)
            // Who may not know the meeting is told that there is one.
            #expect(seen.hidden + seen.findings.count == 1 && detail.hidden + detail.findings.count == 1)
            for finding in detail.findings + seen.findings {
                #expect(finding.recording == bad.id && !finding.isWhole && finding.failure == nil)
                let changed = FixityReportDetail.Damage(path: "data/master.mkv", verdict: "changed", reason: nil)
                #expect(finding.damaged.contains(changed), "\(finding.damaged)")
            }
            #expect(!detail.findings.contains { $0.recording == good.id })
            for path in ["/fixity/4711", "/fixity/x"] {
                #expect(try await portal.ask("/api/v1" + path, Self.archivist).status == 404)
            }
            for query in ["limit=0", "limit=501", "before=x"] {
                #expect(try await portal.ask("/api/v1/fixity?\(query)", Self.archivist).status == 400)
            }
        }
    }
}
