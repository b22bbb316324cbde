import Foundation
import InteropSupport
import Synchronization

/// One page of a browser, as a person with a keyboard would use it.
package final class Page: Sendable {
    private let tools: DevTools
    private let session: String
    private let target: String
    private let heard = Mutex<[String]>([])

    /// What the console was told as errors: exceptions, breaches of the Content-Security-Policy, files that are missing.
    package var complaints: [String] { heard.withLock { $0 } }

    package init(tools: DevTools, session: String, target: String, width: Int, height: Int) async throws {
        self.tools = tools
        self.session = session
        self.target = target
        await tools.listen(to: session) { [heard = Listener(self)] method, message in heard.hear(method, message) }
        for domain in ["Page", "Runtime", "Log", "Network"] { _ = try await command("\(domain).enable") }
        _ = try await command(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
    }

    package func close() async { _ = try? await tools.command("Target.closeTarget", ["targetId": target]) }

    package func command(_ method: String, _ arguments: DevTools.Arguments = [:]) async throws -> DevToolsMessage {
        try await tools.command(method, arguments, in: session)
    }

    // MARK: Looking

    private struct Evaluated<Value: Decodable>: Decodable {
        struct Outcome: Decodable { var value: Value? }
        struct Exception: Decodable {
            struct Object: Decodable { var description: String? }
            var text: String
            var exception: Object?
        }
        var result: Outcome
        var exceptionDetails: Exception?
    }

    /// What an expression gives; promises are awaited.
    package func evaluate<Value: Decodable>(_ expression: String, as type: Value.Type) async throws -> Value {
        let answer = try await command(
            "Runtime.evaluate",
            ["expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true]
        ).decoded(Evaluated<Value>.self)
        if let failure = answer.exceptionDetails {
            throw ToolFailure("\(failure.text) \(failure.exception?.description ?? "") in \(expression)")
        }
        guard let value = answer.result.value else { throw ToolFailure("nothing comes of \(expression)") }
        return value
    }

    package func isTrue(_ expression: String) async throws -> Bool {
        try await evaluate("Boolean(\(expression))", as: Bool.self)
    }

    package func text(_ selector: String) async throws -> String {
        try await evaluate("document.querySelector('\(selector)')?.innerText ?? ''", as: String.self)
    }

    package func isVisible(_ selector: String) async throws -> Bool {
        try await isTrue("document.querySelector('\(selector)')?.checkVisibility()")
    }

    package func waitUntil(_ what: String, within limit: Duration = .seconds(15), _ expression: String) async throws {
        do {
            try await eventually(what, within: limit) { (try? await self.isTrue(expression)) == true }
        } catch {
            let seen = (try? await evaluate("document.body.innerText", as: String.self)) ?? ""
            throw ToolFailure("\(error); the page shows: \(seen.suffix(800)); it complained: \(complaints)")
        }
    }

    package func waitToSee(_ selector: String, within limit: Duration = .seconds(15)) async throws {
        try await waitUntil(selector, within: limit, "document.querySelector('\(selector)')?.checkVisibility()")
    }

    /// Keeps what the page looks like as NAME.png, where `CAUSEWAY_SCREENSHOTS` names a folder for such.
    package func keepPicture(_ name: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["CAUSEWAY_SCREENSHOTS"] else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        struct Picture: Decodable { var data: Data }
        let picture = try await command("Page.captureScreenshot", ["format": "png"]).decoded(Picture.self)
        try picture.data.write(to: URL(fileURLWithPath: "\(folder)/\(name).png"))
    }

    // MARK: Doing

    /// Runs a script before those of each page that is opened from now on.
    package func prepare(_ script: String) async throws {
        _ = try await command("Page.addScriptToEvaluateOnNewDocument", ["source": script])
    }

    package func open(_ url: String) async throws {
        _ = try await command("Page.navigate", ["url": url])
        try await waitUntil("\(url) to load", "document.readyState === 'complete' && location.href !== 'about:blank'")
    }

    package func click(_ selector: String) async throws {
        try await waitToSee(selector)
        _ = try await evaluate("(document.querySelector('\(selector)').click(), true)", as: Bool.self)
    }

    package func focus(_ selector: String) async throws {
        _ = try await evaluate("(document.querySelector('\(selector)').focus(), true)", as: Bool.self)
    }

    /// Writes where the focus is.
    package func type(_ text: String) async throws { _ = try await command("Input.insertText", ["text": text]) }

    package func fill(_ selector: String, _ text: String) async throws {
        try await focus(selector)
        _ = try await evaluate("(document.activeElement.select?.(), true)", as: Bool.self)
        try await type(text)
    }

    package enum Key: String {
        case tab = "Tab", enter = "Enter", escape = "Escape", right = "ArrowRight", left = "ArrowLeft", space = " "
    }

    package func press(_ key: Key, shift: Bool = false) async throws {
        let codes: [Key: Int] = [.tab: 9, .enter: 13, .escape: 27, .right: 39, .left: 37, .space: 32]
        var fields: DevTools.Arguments = [
            "key": key.rawValue, "code": key == .space ? "Space" : key.rawValue,
            "windowsVirtualKeyCode": codes[key] ?? 0, "modifiers": shift ? 8 : 0,
        ]
        if key == .enter { fields["text"] = "\r" }
        if key == .space { fields["text"] = " " }
        fields["type"] = "keyDown"
        _ = try await command("Input.dispatchKeyEvent", fields)
        fields["text"] = nil
        fields["type"] = "keyUp"
        _ = try await command("Input.dispatchKeyEvent", fields)
    }

    /// The network goes away for this page, or comes back. WebSockets that are open are not told.
    package func setOffline(_ isOffline: Bool) async throws {
        _ = try await command(
            "Network.emulateNetworkConditions",
            ["offline": isOffline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1])
    }

    // MARK: Complaints

    private final class Listener: Sendable {
        // The page owns the way to itself; it must not be owned by it.
        nonisolated(unsafe) private weak var page: Page?
        init(_ page: Page) { self.page = page }

        private struct Entry: Decodable {
            struct Item: Decodable {
                var level: String
                var text: String
                var url: String?
            }
            var entry: Item
        }
        private struct Thrown: Decodable {
            struct Details: Decodable {
                struct Object: Decodable { var description: String? }
                var text: String
                var exception: Object?
            }
            var exceptionDetails: Details
        }
        private struct Call: Decodable {
            struct Argument: Decodable {
                var description: String?
            }
            var type: String
            var args: [Argument]
        }

        func hear(_ method: String, _ message: DevToolsMessage) {
            let complaint: String?
            switch method {
            case "Log.entryAdded":
                let entry = try? message.decoded(Entry.self).entry
                complaint = entry.flatMap { $0.level == "error" ? "\($0.text) \($0.url ?? "")" : nil }
            case "Runtime.exceptionThrown":
                let details = try? message.decoded(Thrown.self).exceptionDetails
                complaint = details.map { "\($0.text) \($0.exception?.description ?? "")" }
            case "Runtime.consoleAPICalled":
                let call = try? message.decoded(Call.self)
                complaint = call.flatMap {
                    $0.type == "error" ? $0.args.compactMap(\.description).joined(separator: " ") : nil
                }
            default: complaint = nil
            }
            if let complaint { page?.heard.withLock { $0.append(complaint) } }
        }
    }
}
