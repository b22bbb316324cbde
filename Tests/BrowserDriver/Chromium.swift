import Foundation
import InteropSupport

/// A headless Chromium with a camera and a microphone of its own making, gone with its profile when it ends.
package final class Chromium: Sendable {
    package static var isInstalled: Bool { Tool.find("chromium") != nil }

    private let process: ChildProcess
    private let folder: String
    package let tools: DevTools

    private init(process: ChildProcess, folder: String, tools: DevTools) {
        self.process = process
        self.folder = folder
        self.tools = tools
    }

    /// - Parameters:
    ///   - flags: beside those that every test needs.
    ///   - namespace: the network namespace that it lives in.
    package static func start(_ flags: [String] = [], in namespace: String? = nil) async throws -> Chromium {
        guard let program = Tool.find("chromium") else { throw ToolFailure("chromium is not installed") }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("chromium-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["commands", "answers"] {
            guard mkfifo("\(folder)/\(name)", 0o600) == 0 else { throw ToolFailure("no pipe in \(folder)") }
        }
        let tools = try DevTools(commands: folder + "/commands", answers: folder + "/answers")
        await tools.start()
        // It reads commands from descriptor 3 and answers on 4.
        let script = #"exec "$@" 3<"$0/commands" 4>"$0/answers""#
        let process = try ChildProcess(
            "/bin/sh",
            [
                "-c", script, folder,
            ] + (namespace.map { ["ip", "netns", "exec", $0] } ?? []) + [
                program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox",
                "--disable-gpu", "--user-data-dir=\(folder)/profile", "--ignore-certificate-errors",
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                "--autoplay-policy=no-user-gesture-required", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--mute-audio", "--lang=vi",
            ] + flags + ["about:blank"], log: folder + "/log")
        let browser = Chromium(process: process, folder: folder, tools: tools)
        do {
            _ = try await tools.command("Browser.getVersion")
        } catch {
            let said = process.logText.suffix(1_000)
            await browser.stop()
            throw ToolFailure("\(error); chromium said: \(said)")
        }
        return browser
    }

    package func stop() async {
        await tools.stop()
        await process.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private struct Context: Decodable { var browserContextId: String }
    private struct Target: Decodable { var targetId: String }
    private struct Session: Decodable { var sessionId: String }

    /// A page that shares no storage with any other.
    package func page(width: Int = 1280, height: Int = 800) async throws -> Page {
        let context = try await tools.command("Target.createBrowserContext").decoded(Context.self).browserContextId
        let target = try await tools.command(
            "Target.createTarget",
            ["url": "about:blank", "browserContextId": context, "width": width, "height": height]
        ).decoded(Target.self).targetId
        let session = try await tools.command("Target.attachToTarget", ["targetId": target, "flatten": true])
            .decoded(Session.self).sessionId
        return try await Page(tools: tools, session: session, target: target, width: width, height: height)
    }
}
