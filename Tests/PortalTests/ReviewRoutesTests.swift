import Archive
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct ReviewRoutesTests {
    @Test func anAdministratorReviewsWhoHasWhichRightAndAnAuditorSeesWhoDid() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed("20261124-093000-giaoban-k3f9")
            let administrator = try await SignedIn(portal, "quantri", [.administrator])
            let auditor = try await SignedIn(portal, "kiemtra", [.auditor])
            _ = try await portal.office.makeToken(
                named: "Hệ thống kho", role: .archivist, scopes: [.harvest], for: .seconds(86_400), by: "test")
            do {
                let wish = try await portal.archive.requestAccess(
                    .init(
                        meetingID: meeting.id, reason: "Nghiên cứu"),
                    by: AccessPerson(id: "lan", name: "Lan", agency: "Sở Y tế"))
                _ = try await portal.archive.grantAccess(
                    to: wish.number, .init(until: Date(timeIntervalSinceNow: 86_400)), by: "Lưu trữ")
            }

            let sheet = try await auditor.get("access-review").decoded(AccessReviewSheet.self)
            #expect(sheet.isDue && sheet.last == nil && sheet.dueAt == nil)
            func line(_ kind: RightLine.Kind, _ name: String) -> RightLine? {
                sheet.rights.map(\.line).first { $0.kind == kind && $0.name == name }
            }
            #expect(line(.person, "Người quantri")?.roles == [.administrator])
            #expect(line(.token, "Hệ thống kho")?.scopes == [.harvest])
            #expect(line(.token, "Quản trị")?.state == "fixed")
            #expect(line(.grant, "Lan")?.recording == meeting.id)
            #expect(line(.grant, "Lan")?.agency == "Sở Y tế")

            // An auditor changes nothing, and whoever confirms says what it was.
            let order = AccessReviewOrder(digest: sheet.digest, remark: "Đã xem")
            #expect(try await auditor.post("access-reviews", order).status == 403)
            #expect(
                try await administrator.post("access-reviews", AccessReviewOrder(digest: "khac")).status == 409)
            let local = try await portal.ask(
                "/api/v1/access-reviews", method: "POST", body: #"{"digest": "\#(sheet.digest)"}"#)
            #expect(local.status == 409 && local.error?.vietnamese?.contains("phải đăng nhập") == true)
            let made = try await administrator.post("access-reviews", order)
            #expect(made.status == 201)
            let summary = try made.decoded(AccessReviewSummary.self)
            #expect(summary.by == "Người quantri (quantri)" && summary.count == sheet.rights.count)

            try await portal.office.apply(
                [
                    .add(.person(PersonEntry(id: "moi", name: "Mới", roles: [.technician]))),
                    .remove(.person, "kiemtra"),
                ],
                by: "test")
            let next = try await administrator.get("access-review").decoded(AccessReviewSheet.self)
            #expect(!next.isDue && next.last == summary)
            #expect(next.rights.filter { $0.change == .new }.map(\.line.id) == ["moi"])
            #expect(next.rights.filter { $0.change == .gone }.map(\.line.id) == ["kiemtra"])
            #expect(
                try await administrator.post("access-reviews", order).status == 409,
                "what was shown is not what there is any more")
            let record = try await administrator.get("access-reviews/\(summary.number)")
                .decoded(AccessReviewRecord.self)
            #expect(record.rights.count == summary.count)
            #expect(try await administrator.get("access-reviews/999").status == 404)
            #expect(try await administrator.get("access-reviews").decoded([AccessReviewSummary].self) == [summary])
        }
    }

    @Test func theYearsFiguresAreCountedFromTheJournal() async throws {
        try await PortalHarness.run { portal in
            let auditor = try await SignedIn(portal, "kiemtra", [.auditor])
            #expect(try await auditor.get("people").status == 200)
            #expect(try await auditor.get("recordings").status == 403)
            let figures = try await auditor.get("security-figures").decoded(SecurityFigures.self)
            #expect(figures.isRunning && figures.journalMonths == 12)
            func count(_ figure: SecurityFigure) -> Int? { figures.figures.first { $0.name == figure }?.count }
            #expect(count(.refusals) == 1)
            #expect(count(.accountChanges) == 1)
            #expect(figures.figures.count == SecurityFigure.allCases.count)
            let csv = try await auditor.get("security-figures?year=\(figures.year)&format=csv")
            #expect(csv.headers["content-type"] == "text/csv; charset=utf-8")
            let text = String(decoding: csv.body, as: UTF8.self)
            #expect(text.contains("\"Yêu cầu bị từ chối\",\"Requests refused\",1\r\n"))
            #expect(try await auditor.get("security-figures?year=x").status == 400)
            #expect(
                try await auditor.get("security-figures?year=2001").decoded(SecurityFigures.self).figures
                    .allSatisfy { $0.count == 0 })
        }
    }
}
