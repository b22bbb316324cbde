import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// What the portal's page shows of the identity provider, and of the review of access.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct OpenIDPageTests {
    /// Nobody listens there.
    private static let provider = "  openID: {issuer: 'https://127.0.0.1:9', client: causeway, name: Đăng nhập chung}\n"

    @Test func whoIsNotLetInIsToldWhatToDo() async throws {
        try await JoinSite.with({ $0.portalKeys = Self.provider }) { site in
            let page = try await site.browser.page(width: 1_440, height: 900)
            if let axe = Axe.script { try await page.prepare(axe) }
            try await page.open(site.base)
            try await page.waitToSee("#sign-in a.provider")
            #expect(try await page.text("#sign-in a.provider") == "Đăng nhập bằng Đăng nhập chung")
            try await page.click("#sign-in a.provider")
            try await page.see("Chưa kết nối được với hệ thống đăng nhập chung", in: "#sign-in .problem")
            #expect(try await page.isTrue("location.hash === '#/openid/unavailable'"))
            _ = try await page.evaluate("(location.hash = '#/openid/unknown', true)", as: Bool.self)
            try await page.see("Không tự đăng ký được", in: "#sign-in .problem")
            try await DocumentedSize.each { size in
                try await size.apply(to: page)
                try await page.waitToSee("#sign-in a.provider")
                try await page.waitToSee("#sign-in .problem")
                let broken = try await LedMeeting.broken(on: page)
                #expect(broken == [], "\(size.name)")
                #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"), "\(size.name)")
                try await page.keepPicture("openid-\(size.name)")
            }
            // Nothing but the codes that there are is said.
            _ = try await page.evaluate("(location.hash = '#/openid/constructor', true)", as: Bool.self)
            try await page.waitUntil("no problem", "document.querySelector('#sign-in .problem') === null")
            #expect(page.complaints == [])
        }
    }

    @Test func anAdministratorLooksThroughWhoHasWhichRight() async throws {
        try await JoinSite.with { site in
            let visit = try await PortalVisit.begin(
                site, roles: ["administrator"], width: 1_440, height: 900, axe: true)
            let page = visit.page
            _ = try await site.daemon.causeway([
                "tokens", "add", "Hệ thống lưu trữ lịch sử", "--role", "archivist", "--scopes", "harvest",
            ])
            try await visit.go("review", toSee: "#rights table")
            try await page.see("Hệ thống lưu trữ lịch sử", in: "#rights table")
            try await page.see("Đã đến hạn rà soát", in: "#review-standing")
            try await page.see("Lượt đăng nhập", in: "#figures table")
            try await page.pressButton("Xác nhận đã rà soát")
            try await page.waitToSee("dialog[open] input")
            try await page.fill("dialog[open] input", "Đã xem")
            try await page.click(#"dialog button[type="submit"]"#)
            try await page.see("Nguyễn Thị Lan (quantri)", in: "#review-standing")
            _ = try await site.daemon.causeway(["people", "add", "moi", "--name", "Người mới", "--roles", "technician"])
            try await DocumentedSize.each { size in
                try await size.apply(to: visit)
                try await visit.go("review", toSee: "#figures table")
                let broken = try await LedMeeting.broken(on: page)
                #expect(broken == [], "\(size.name)")
                #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"), "\(size.name)")
                try await page.keepPicture("review-\(size.name)")
            }
            try await page.click("#review-changed")
            #expect(try await page.evaluate("document.querySelectorAll('#rights tbody tr').length", as: Int.self) == 1)
            try await visit.go("review/1", toSee: "#view-review table")
            #expect(try await !page.text("#view-review table").contains("Người mới"))

            let auditor = try await PortalVisit.begin(
                site, "kiemtra", name: "Phạm Văn Kiểm", roles: ["auditor"], width: 1_440, height: 900)
            try await auditor.go("review", toSee: "#rights table")
            #expect(try await auditor.page.isTrue("document.querySelector('#view-review .heading .button') === null"))
            #expect(page.complaints == [] && auditor.page.complaints == [])
        }
    }

    @Test func whatIsSentOfAnIncidentIsMadeOnTheJournalsPage() async throws {
        try await JoinSite.with { site in
            let visit = try await PortalVisit.begin(site, roles: ["auditor"], width: 1_440, height: 900, axe: true)
            let page = visit.page
            try await DocumentedSize.each { size in
                try await size.apply(to: visit)
                try await visit.go("journal", toSee: "#incident summary")
                try await page.click("#incident summary")
                try await page.waitToSee("#incident select")
                let broken = try await LedMeeting.broken(on: page)
                #expect(broken == [], "\(size.name)")
                #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"), "\(size.name)")
                try await page.keepPicture("incident-\(size.name)")
            }
            // What its button opens.
            let opened = try await page.evaluate(
                """
                (async () => {
                  let address = ''; window.open = (given) => { address = given; };
                  document.querySelector('#incident button').click();
                  const answer = await fetch(address);
                  return `${answer.status} ${await answer.text()}`;
                })()
                """, as: String.self)
            #expect(opened.hasPrefix("200 ") && opened.contains("<h1>"))
            #expect(opened.contains("set password"))
            #expect(page.complaints == [])
        }
    }
}
