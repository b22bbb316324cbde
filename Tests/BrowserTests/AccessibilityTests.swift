import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// axe-core's rules for WCAG 2.2 AA: `make .build/axe/axe.min.js` fetches it, or `CAUSEWAY_AXE` names one.
enum Axe {
    static let script: String? = {
        let fetched = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../.build/axe/axe.min.js").standardizedFileURL.path
        return try? String(
            contentsOfFile: ProcessInfo.processInfo.environment["CAUSEWAY_AXE"] ?? fetched, encoding: .utf8)
    }()

    /// Rules that are broken, each with the first element that breaks it.
    static func violations(_ page: Page) async throws -> [String] {
        try await page.evaluate(
            """
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
              .then((result) => result.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 160)}`))
            """, as: [String].self)
    }
}

@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(if: Axe.script != nil, "axe-core is not installed"))
struct AccessibilityTests {
    @Test(arguments: [(390, 844), (820, 1180), (1440, 900)])
    func theCheckKeepsTheRules(width: Int, height: Int) async throws {
        try await JoinSite.with { site in
            let page = try await site.browser.page(width: width, height: height)
            try await page.prepare(Axe.script ?? "")
            try await page.open(site.address())
            try await page.waitToSee("#check")
            #expect(try await Axe.violations(page) == [])
            try await page.click("#join")
            #expect(try await Axe.violations(page) == [], "with something missing")
            // WCAG 2.2, 1.4.10: nothing is cut off at the side.
            #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
        }
    }
}
