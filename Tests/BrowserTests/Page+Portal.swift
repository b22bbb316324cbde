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
