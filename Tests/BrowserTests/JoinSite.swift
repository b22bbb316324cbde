import BrowserDriver
import Foundation
import InteropSupport

/// A daemon with a door for browsers, and a browser; both gone when the test ends.
struct JoinSite: Sendable {
    static let points = [
        RunningDaemon.Point("phuloc", "Ủy ban nhân dân xã Phú Lộc"),
        RunningDaemon.Point("soyte", "Sở Y tế"),
        RunningDaemon.Point("aluoi", "Xã A Lưới"),
    ]

    let daemon: RunningDaemon
    let browser: Chromium

    /// The portal stays at 127.0.0.1, wherever the rest is.
    var base: String { "https://127.0.0.1:\(daemon.httpsPort)" }
    func address(of room: String = "giaoban") -> String { "\(base)/join/\(room)" }

    static func with(
        flags: [String] = [], _ change: (inout RunningDaemon.Setup) -> Void = { _ in },
        _ body: (JoinSite) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("causeway-join-\(UUID().uuidString.prefix(8))").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var setup = RunningDaemon.Setup(points: points)
        setup.hasWebSocket = true
        setup.rooms.append("{id: khac, title: Phòng khác, points: [aluoi]}")
        change(&setup)
        let daemon = try await RunningDaemon(setup, in: folder)
        let outcome: Result<Void, any Error>
        do {
            let browser = try await Chromium.start(flags)
            do {
                try await body(JoinSite(daemon: daemon, browser: browser))
                outcome = .success(())
            } catch {
                outcome = .failure(ToolFailure("\(error)\n— the daemon said:\n\(daemon.log.suffix(2_500))"))
            }
            await browser.stop()
        } catch {
            outcome = .failure(error)
        }
        await daemon.stop()
        try outcome.get()
    }

    /// The page at its device check, in Vietnamese.
    func opened(
        _ room: String = "giaoban", invitation: String? = nil, width: Int = 1280, height: Int = 800
    ) async throws -> Page {
        let page = try await browser.page(width: width, height: height)
        try await page.openRoom(address(of: room) + (invitation.map { "#k=\($0)" } ?? ""))
        return page
    }

    func signIn(_ page: Page, _ username: String, _ password: String = "mat-khau") async throws {
        try await page.signIn(username, password)
    }

    /// A page in the meeting.
    func joined(_ username: String, width: Int = 1280, height: Int = 800) async throws -> Page {
        let page = try await opened(width: width, height: height)
        try await signIn(page, username)
        try await page.waitToSee("#meeting")
        return page
    }

    /// An invitation's token, as the command line makes it.
    func invitation(_ point: String, to room: String = "giaoban", valid: String = "1h") async throws -> String {
        let answer = try await daemon.causeway(["points", "invite", point, "--room", room, "--valid", valid])
        guard answer.status == 0, let token = answer.output.split(separator: "=").last else {
            throw ToolFailure("no invitation: \(answer.output)")
        }
        return token.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
