import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// The line check on the join page, in a real browser against the real daemon.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct LineCheckTests {
    @Test(arguments: [(1_280, 800), (390, 844)])
    func theButtonHasTheLineCheckedAndShowsTheVerdict(width: Int, height: Int) async throws {
        try await JoinSite.with({ $0.lineCheck = "duration: 12s" }) { site in
            // An invitation to a room lets into the check too.
            let token = try await site.invitation("soyte")
            let page = try await site.opened(invitation: token, width: width, height: height)
            #expect(try await page.text("#line-check") == "Kiểm tra đường truyền")
            try await page.click("#line-check")
            try await page.waitToSee("#line-dialog")
            try await page.waitUntil(
                "its own picture", within: .seconds(20), "document.getElementById('line-picture').videoWidth > 0")
            try await page.waitToSee("#line-figures", within: .seconds(40))
            let grade = try await page.evaluate("document.getElementById('line-state').dataset.grade", as: String.self)
            let shown = try await page.text("#line-dialog")
            #expect(["good", "usable"].contains(grade), "\(shown)")
            let figures = try await page.text("#line-figures")
            #expect(figures.contains("DTLS-SRTP") && figures.contains("opus") && figures.contains("×"), "\(figures)")
            #expect(site.daemon.log.contains("the line of soyte:"))
            #expect(page.complaints == [])
            #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
            try await page.keepPicture("line-check-\(width)")
            // And in again by the same page.
            try await page.click("#line-close")
            try await page.click("#join")
            try await page.waitToSee("#meeting")
        }
    }

    @Test func withoutANameThereIsNoCheck() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened()
            try await page.click("#line-check")
            #expect(try await page.text("#failure") == "Hãy nhập tên đăng nhập của điểm cầu.")
            #expect(try await page.isVisible("#line-dialog") == false)
        }
    }

    @Test func whereChecksAreNotOfferedThereIsNoButton() async throws {
        try await JoinSite.with({ $0.lineCheck = "simultaneous: 0" }) { site in
            let page = try await site.opened()
            #expect(try await page.isVisible("#line-check") == false)
        }
    }
}
