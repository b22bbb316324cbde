import Evidence
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct AuditRoutesTests {
    @Test func anAuditorTakesALogThatProvesItselfAndOfSecretMeetingsTellsNothing() async throws {
        try await PortalHarness.run { portal in
            let secret = try await portal.sealed(masterBytes: 10, confidentiality: "secret")
            let open = try await portal.sealed("20261125-093000-giaoban-a2b3", masterBytes: 10)
            for id in [secret.id, open.id] { try await portal.office.note("seal recording", of: id, by: "causewayd") }
            #expect(try await portal.ask("/api/v1/meetings", .https(token: "falsch")).status == 401)
            let refused = try #require(try await portal.office.journal(limit: 1).first)
            #expect(refused.subject == "- 401 access token" && refused.by.hasPrefix("? 127.0.0.1"))
            let way = PortalHarness.Way.https(token: PortalHarness.token(of: .auditor))
            let answer = try await portal.ask("/api/v1/audit/export", way)
            #expect(answer.status == 200)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(!text.contains(secret.id) && text.contains(open.id))
            var inspection = AuditInspection(trusting: portal.archive.trustedSigners)
            for line in answer.body.split(separator: UInt8(ascii: "\n")) { inspection.add(line: Data(line)) }
            let report = inspection.report(endsSigned: true)
            #expect(report.isWhole, "\(report.findings)")
            #expect(report.withheld == 1)
            let last = try #require(try await portal.office.journal(limit: 1).first)
            #expect(last.action == "export journal" && report.last == last.number)
            let online = try await portal.ask("/api/v1/audit/report", way).decoded(AuditReport.self)
            #expect(online.isWhole && online.signedTo == last.number && !online.isCompared)
        }
    }

    @Test func whatIsDoneInThePortalStandsInTheJournal() async throws {
        try await PortalHarness.run { portal in
            _ = try await portal.ask(
                "/api/v1/session", .https(token: nil), method: "POST",
                body: #"{"name": "niemand", "password": "khong phai mat khau"}"#)
            let lan = try await SignedIn(portal, "lan", [.technician])
            let wish = InvitationRequest(room: "giaoban", validSeconds: 60)
            #expect(try await lan.post("points/so-yt/invitation", wish).status == 201)
            #expect(try await lan.delete("session").status == 204)
            let lines = try await portal.office.journal(limit: 50)
            func subjects(_ action: String) -> [String] { lines.filter { $0.action == action }.map(\.subject) }
            #expect(subjects("invite point") == ["so-yt giaoban"])
            #expect(subjects("sign out") == ["lan"])
            #expect(subjects("refuse").contains { $0.hasPrefix("- 401 sign in from ") })
            #expect(lines.filter { $0.action == "refuse" }.allSatisfy { $0.by.hasPrefix("? 127.0.0.1") })
            #expect(!lines.contains { "\($0)".contains("niemand") })
        }
    }
}
