import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// axe-core's rules for WCAG 2.2 AA, where it is installed: `pip install axe-playwright-python` brings it, or
/// `CAUSEWAY_AXE` names an `axe.min.js`.
enum Axe {
    static let script: String? = {
        if let named = ProcessInfo.processInfo.environment["CAUSEWAY_AXE"] {
            return try? String(contentsOfFile: named, encoding: .utf8)
        }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import importlib.util as u,os;print(os.path.dirname(u.find_spec('axe_playwright_python').origin))",
        ]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let folder = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let path = folder.trimmingCharacters(in: .whitespacesAndNewlines) + "/axe.min.js"
        return process.terminationStatus == 0 ? try? String(contentsOfFile: path, encoding: .utf8) : nil
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
