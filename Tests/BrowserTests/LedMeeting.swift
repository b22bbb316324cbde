import BrowserDriver
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A meeting of real points on a real daemon, and a page on which somebody is signed in at the portal.
enum LedMeeting {
    static var isPossible: Bool { Tool.areInstalled("baresip", "sox", "ffmpeg") }

    static let points = [
        RunningDaemon.Point("chutoa", "Văn phòng UBND tỉnh"), RunningDaemon.Point("soyte", "Sở Y tế"),
        RunningDaemon.Point("phuloc", "Ủy ban nhân dân xã Phú Lộc"), RunningDaemon.Point("aluoi", "Xã A Lưới"),
    ]

    /// A meeting of three points, of four that are expected, and a page on which somebody of these roles is signed in.
    static func with(
        as role: String = "chair", width: Int = 1440, height: Int = 900,
        _ body: (JoinSite, Page, [Baresip], String) async throws -> Void
    ) async throws {
        try await JoinSite.with({
            $0.points = Self.points
            $0.rooms = [
                "{id: hop, title: \"Họp trực tuyến tháng 11\", linger: 5s, chair: chutoa, "
                    + "points: [chutoa, soyte, phuloc, aluoi], microphones: muted}"
            ]
        }) { site in
            var endpoints: [Baresip] = []
            let media = try RunningDaemon.binaries() + "/interop-media"
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "cw-" + String(UInt32.random(in: 0 ... .max), radix: 36)
            ).path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let outcome: Result<Void, any Error>
            do {
                for (index, point) in Self.points.prefix(3).enumerated() {
                    var setup = Baresip.Setup(
                        username: point.id, password: point.password,
                        sound: try await TestMedia.tone(440 + 200 * index, in: media))
                    setup.certificateAuthority = site.daemon.authority
                    let endpoint = try await Baresip(setup, in: folder + "/\(index)")
                    endpoints.append(endpoint)
                    try await endpoint.dial(site.daemon.address(of: "hop"))
                }
                let meeting = try await site.daemon.waitForMedia(of: 3, packets: 20)
                let page = try await signedIn(site, role, width, height)
                try await body(site, page, endpoints, meeting.id)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            for endpoint in endpoints { await endpoint.stop() }
            try outcome.get()
        }
    }

    static func signedIn(_ site: JoinSite, _ role: String, _ width: Int, _ height: Int) async throws -> Page {
        let added = try await site.daemon.causeway(
            ["people", "add", "ba", "--name", "Bà Lê Thị Hương", "--roles", role, "--json"])
        guard added.status == 0, let start = added.output.firstIndex(of: "{"), let end = added.output.lastIndex(of: "}")
        else { throw ToolFailure("people add: \(added.output)") }
        let answer = try JSONSerialization.jsonObject(with: Data(added.output[start...end].utf8)) as? [String: Any]
        let link = try #require((answer?["links"] as? [[String: Any]])?.first?["url"] as? String)
        let page = try await site.browser.page(width: width, height: height)
        if let axe = Axe.script { try await page.prepare(axe) }
        try await page.open(link)
        try await page.waitToSee("#start")
        let secret = "song-huong-nui-ngu-2026"
        for field in ["#start .field:nth-of-type(2) input", "#start .field:nth-of-type(3) input"] {
            try await page.fill(field, secret)
        }
        try await page.click("#start button[type=submit]")
        try await page.waitToSee("#view-home")
        return page
    }

    /// Rules of WCAG that a page breaks, where axe-core is there to tell.
    static func broken(on page: Page) async throws -> [String] {
        Axe.script == nil ? [] : try await Axe.violations(page)
    }
}
