import Foundation

/// What the demonstration says: plain lines, in colours on a terminal; and what was not as it is to be, counted.
enum Screen {
    private static let isTerminal = isatty(STDOUT_FILENO) == 1
    private static func paint(_ text: String, _ code: String) -> String {
        isTerminal ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    static func say(_ text: String = "") {
        print(text)
        fflush(nil)
    }
    static func headline(_ text: String) { say("\n" + paint(text, "1;36")) }
    static func step(_ text: String) { say(paint("· ", "2") + text) }
    static func failed(_ text: String) { say(paint("✗ ", "31") + text) }
    static func passed(_ text: String) { say(paint("✓ ", "32") + text) }

    /// Vietnamese letters take one column each, however many scalars they are.
    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// What is looked at, and how it came out.
struct Checks {
    private(set) var failures: [String] = []

    mutating func expect(_ condition: Bool, _ text: String) {
        if condition { return Screen.passed(text) }
        Screen.failed(text)
        failures.append(text)
    }
}
