import Documents
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// What is sent of an incident has what the journal has of the span, and nothing of secret meetings.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct IncidentRoutesTests {
    @Test func theNoticeIsMadeOfTheJournal() async throws {
        try await PortalHarness.run { portal in
            let auditor = try await SignedIn(portal, "kiemtra", [.auditor])
            for _ in 0..<3 { try await portal.office.note("wrong password", of: "lan", by: "192.0.2.7") }
            try await portal.office.note("lock account", of: "lan", by: "192.0.2.7 <script>")
            let json = try await auditor.get("security-incident?form=report&format=json")
            let report = try PortalJSON.decode(IncidentReport.self, from: json.body)
            #expect(report.dueAt.timeIntervalSince(report.noticedAt) == 72 * 3_600)
            #expect(report.lines.count { $0.action == "wrong password" } == 3)
            #expect(report.figures.first { $0.english == "Wrong passwords and codes" }?.count == 3)
            #expect(report.linesLeftOut == 0)
            let page = String(decoding: try await auditor.get("security-incident").body, as: UTF8.self)
            #expect(page.contains("THÔNG BÁO SỰ CỐ AN TOÀN THÔNG TIN") && page.contains("24 giờ"))
            #expect(page.contains("192.0.2.7 &lt;script&gt;") && !page.contains("<script>"))
            let english = try await auditor.get("security-incident?lang=en&form=report")
            #expect(String(decoding: english.body, as: UTF8.self).contains("REPORT OF A SECURITY INCIDENT"))
            let csv = String(decoding: try await auditor.get("security-incident?format=csv").body, as: UTF8.self)
            #expect(csv.hasPrefix("\u{FEFF}at,by,action,subject\r\n") && csv.contains(",lock account,lan"))
            // Another span has none of it.
            let past = try await auditor.get(
                "security-incident?format=json&noticed=2026-01-02T00:00:00Z&until=2026-01-03T00:00:00Z")
            #expect(try PortalJSON.decode(IncidentReport.self, from: past.body).lines.isEmpty)
            for wrong in [
                "from=yesterday", "form=x", "format=exe", "lang=fr", "from=2020-01-01T00:00:00Z",
                "noticed=9999-01-01T00:00:00Z",
            ] {
                #expect(try await auditor.get("security-incident?\(wrong)").status == 400, "\(wrong)")
            }
            let convener = try await SignedIn(portal, "trieutap", [.convener])
            #expect(try await convener.get("security-incident").status == 403)
        }
    }
}
