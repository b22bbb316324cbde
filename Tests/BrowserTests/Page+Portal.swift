import BrowserDriver

extension Page {
    /// Presses the button that is called so, wherever it is.
    func pressButton(_ name: String) async throws {
        let found = """
            [...document.querySelectorAll('button')]
              .find((each) => (each.getAttribute('aria-label') ?? each.textContent) === '\(name)')
            """
        try await waitUntil("the button \(name)", "\(found) !== undefined")
        _ = try await evaluate("(\(found).click(), true)", as: Bool.self)
    }

    func see(_ words: String, in selector: String, within limit: Duration = .seconds(15)) async throws {
        try await waitUntil(
            words, within: limit, "document.querySelector('\(selector)')?.textContent.includes('\(words)')")
    }
}

extension Page {
    /// The picture of a point among the tiles of a join page.
    static func tile(_ point: String, in list: String = "#gallery") -> String {
        "\(list) li[data-entity^=\"sip:\(point)@\"] video"
    }

    func waitForTile(_ point: String, in list: String = "#gallery") async throws {
        let tile = Self.tile(point, in: list)
        try await waitUntil(
            "the picture of \(point) in \(list)", within: .seconds(20),
            "document.querySelector('\(tile)')?.hidden === false && document.querySelector('\(tile)').videoWidth > 0")
    }

    /// The points of the tiles, in their order.
    func tiles(_ list: String) async throws -> [String] {
        try await evaluate(
            "[...document.querySelectorAll('\(list) li')].map((each) => each.dataset.entity.slice(4).split('@')[0])",
            as: [String].self)
    }
}
