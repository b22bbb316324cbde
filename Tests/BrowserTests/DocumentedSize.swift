import BrowserDriver

/// The sizes and languages in which documents show a page.
struct DocumentedSize {
    /// `tablet-en`
    let name: String
    private let width: Int
    private let height: Int
    private let language: String

    static func each(_ body: (DocumentedSize) async throws -> Void) async throws {
        for language in ["vi", "en"] {
            for (name, width, height) in [("desktop", 1_440, 900), ("tablet", 820, 1_180), ("phone", 390, 844)] {
                try await body(
                    DocumentedSize(name: "\(name)-\(language)", width: width, height: height, language: language))
            }
        }
    }

    func apply(to page: Page) async throws {
        _ = try await page.command(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
        _ = try await page.evaluate(
            """
            (() => { const e = document.getElementById('language'); e.value = '\(language)';
              e.dispatchEvent(new Event('change', { bubbles: true })); return true; })()
            """, as: Bool.self)
    }

    /// Leaves the view that is open, so that it is drawn anew.
    func apply(to visit: PortalVisit) async throws {
        try await visit.go("home", toSee: "#view-home h1")
        try await apply(to: visit.page)
    }
}
