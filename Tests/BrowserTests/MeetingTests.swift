import BrowserDriver
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// Pages in a meeting, end to end: real Chromium, real daemon, sound and picture measured where they arrive.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct MeetingTests {
    private static let hertz = 440

    /// A meeting whose pages all have a microphone that hums.
    private func withTone(
        flags: [String] = [], _ change: (inout RunningDaemon.Setup) -> Void = { _ in },
        _ body: (JoinSite) async throws -> Void
    ) async throws {
        let tone = try await TestMedia.tone(Self.hertz, in: try RunningDaemon.binaries() + "/interop-media")
        try await JoinSite.with(flags: ["--use-file-for-fake-audio-capture=\(tone)"] + flags, change, body)
    }

    @Test func twoPagesHearAndSeeEachOther() async throws {
        try await withTone { site in
            let first = try await site.joined("soyte")
            let second = try await site.joined("phuloc")
            for page in [first, second] {
                try await page.waitForCamera(in: "#main-picture video")
                try await page.listen()
                try await page.waitForTone(Self.hertz)
                #expect(page.complaints == [])
            }
            // Who is muted is not heard; one's own voice does not come back.
            try await second.click("#tool-mic")
            try await eventually("silence of who is muted") { try await first.prominence(of: Self.hertz) < -20 }
            try await second.waitForTone(Self.hertz)
        }
    }

    /// A room system in the meeting, with a tone of 1 kHz and a film, a red one where nothing is said.
    private func withRoomSystem(
        _ site: JoinSite, film: String = "color=red:size=352x288:rate=25", _ body: (Baresip) async throws -> Void
    ) async throws {
        let media = try RunningDaemon.binaries() + "/interop-media"
        let point = JoinSite.points[0]
        var setup = Baresip.Setup(
            username: point.id, password: point.password, sound: try await TestMedia.tone(1_000, in: media),
            film: try await TestMedia.film(film, source: film, in: media))
        setup.certificateAuthority = site.daemon.authority
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "cw-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        ).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let room = try await Baresip(setup, in: folder)
        let outcome: Result<Void, any Error>
        do {
            try await room.dial(site.daemon.address())
            try await body(room)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await room.stop()
        try outcome.get()
    }

    @Test(.enabled(if: Tool.areInstalled("baresip", "ffmpeg"), "baresip or ffmpeg is missing"))
    func twoPagesAndARoomSystemMeet() async throws {
        try await withTone { site in
            let first = try await site.joined("soyte")
            let second = try await site.joined("aluoi")
            try await withRoomSystem(site) { room in
                let heard: @Sendable () throws -> Sound = { try Sound(growing: room.heard()).slice(-1.5, 1) }
                try await eventually("the pages to be heard", within: .seconds(20)) {
                    // Its file holds nothing at the beginning.
                    (try? heard())?.level(of: Double(Self.hertz)) ?? -100 > -30
                }
                // The room system alone speaks: the pages hear and see it, and it sees one of them.
                for page in [first, second] { try await page.click("#tool-mic") }
                for page in [first, second] {
                    try await page.listen()
                    try await page.waitForTone(1_000)
                    try await eventually("the room system's red film", within: .seconds(20)) {
                        let seen = try await page.picture("#main-picture video")
                        return seen.red > 100 && seen.red > 3 * seen.green
                    }
                }
                #expect(try heard().level(of: 1_000) < -45, "it hears itself")
                let sight = try await room.snapshot()
                #expect(sight != nil, "the room system sees nothing")
            }
        }
    }

    @Test(.enabled(if: Tool.areInstalled("baresip", "ffmpeg"), "baresip or ffmpeg is missing"))
    func theGalleryShowsEverybodyAtOnce() async throws {
        try await JoinSite.with { site in
            let page = try await site.joined("soyte")
            try await withRoomSystem(site) { _ in
                try await eventually("the room system's red film alone", within: .seconds(20)) {
                    let seen = try await page.picture("#main-picture video")
                    return seen.red > 100 && seen.red > 3 * seen.green
                }
                let sent = try await page.picture("#main-picture video").width
                try await page.click("#tool-layout")
                // The film itself, as large as it is sent, in a tile of the page's own: nothing is composed for it.
                try await page.waitForTile("phuloc")
                try await eventually("the red film in its tile", within: .seconds(20)) {
                    let seen = try await page.picture(Page.tile("phuloc"))
                    return seen.width == sent && seen.red > 100 && seen.red > 3 * seen.green
                }
                try await page.waitForTile("soyte")
                #expect(try await page.picture(Page.tile("soyte")).green > 30, "one's own picture is among the tiles")
                #expect(try await page.isVisible("#self") == false)
                #expect(try await page.isVisible("#main-picture") == false)
                // And back.
                try await page.click("#tool-layout")
                try await eventually("the film alone again", within: .seconds(20)) {
                    let seen = try await page.picture("#main-picture video")
                    return seen.red > 100 && seen.red > 3 * seen.green
                }
                #expect(page.complaints == [])
            }
        }
    }

    @Test(.enabled(if: Tool.areInstalled("baresip", "ffmpeg"), "baresip or ffmpeg is missing"))
    func whatTheChairChoosesThePageArranges() async throws {
        try await JoinSite.with { site in
            let page = try await site.joined("soyte")
            _ = try await site.joined("aluoi")
            try await withRoomSystem(site) { _ in
                let meeting = try await site.daemon.waitForMedia(of: 3).id
                let sitting = LedSitting(daemon: site.daemon, meeting: meeting, endpoints: [], tones: [])
                let order = try await sitting.control().roll.filter { $0.place == "hall" }.map(\.point)
                try await sitting.order("layout", "gallery")
                for point in order { try await page.waitForTile(point) }
                #expect(try await page.tiles("#gallery") == order, "in the order of protocol")
                try await page.keepPicture("page-gallery")

                try await sitting.order("layout", "chair", "--show", "aluoi,phuloc")
                try await page.waitUntil("two tiles", "document.querySelectorAll('#gallery li').length === 2")
                #expect(try await page.tiles("#gallery") == ["aluoi", "phuloc"], "in the chair's order")
                try await eventually("the red film in its place", within: .seconds(20)) {
                    let seen = try await page.picture(Page.tile("phuloc"))
                    return seen.red > 100 && seen.red > 3 * seen.green
                }
                // For this point alone.
                try await sitting.order("layout", "chair", "--show", "phuloc", "--point", "soyte")
                try await page.waitUntil("one tile", "document.querySelectorAll('#gallery li').length === 1")
                #expect(try await page.tiles("#gallery") == ["phuloc"])

                // The speaker large, and the rest in a strip.
                try await sitting.order("spotlight", "phuloc")
                try await sitting.order("layout", "speaker-strip")
                try await page.waitToSee("#strip")
                try await eventually("the red film large", within: .seconds(20)) {
                    let seen = try await page.picture("#main-picture video")
                    return seen.red > 100 && seen.red > 3 * seen.green
                }
                try await page.waitForTile("aluoi", in: "#strip")
                #expect(try await page.tiles("#strip") == ["aluoi"])
                try await page.keepPicture("page-strip")

                // A line for all stands on the picture that is composed then, and the page shows that.
                try await sitting.order("message", "Nghỉ giải lao 10 phút")
                try await page.waitUntil(
                    "the composed picture", within: .seconds(20),
                    "document.querySelector('#strip').hidden && document.querySelector('#main-picture video').videoWidth > 352"
                )
                try await sitting.order("message")
                try await page.waitForTile("aluoi", in: "#strip")
                #expect(page.complaints == [])
            }
        }
    }

    private func keepPictures(_ name: String, of page: Page) async throws {
        for (size, width, height) in [("phone", 390, 844), ("tablet", 820, 1180), ("desktop", 1440, 900)] {
            _ = try await page.command(
                "Emulation.setDeviceMetricsOverride",
                ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
            try await page.waitUntil("the size", "innerWidth === \(width)")
            try await page.keepPicture("\(name)-\(size)")
        }
    }

    /// Pictures for `docs/join`, into the folder that `CAUSEWAY_SCREENSHOTS` names.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["CAUSEWAY_SCREENSHOTS"] != nil
                && Tool.areInstalled("baresip", "ffmpeg"),
            "only where pictures are wanted"))
    func theMeetingIsPictured() async throws {
        try await JoinSite.with { site in
            let page = try await site.joined("soyte", width: 1440, height: 900)
            let other = try await site.joined("aluoi")
            try await withRoomSystem(site, film: "mandelbrot=size=352x288:rate=25") { _ in
                try await page.click("#tool-mic")
                try await other.click("#tool-mic")
                try await page.waitUntil(
                    "the film", "document.querySelector('#main-picture video')?.videoWidth === 352")
                try await keepPictures("meeting", of: page)
                try await page.click("#tool-layout")
                for point in ["phuloc", "aluoi", "soyte"] { try await page.waitForTile(point) }
                try await keepPictures("gallery", of: page)
            }
        }
    }

    @Test func theMicrophonesButtonShowsWhetherTheMeetingHearsThePoint() async throws {
        try await withTone { site in
            let page = try await site.joined("soyte")
            let other = try await site.joined("phuloc")
            try await other.listen()
            let meeting = try #require(try await site.daemon.meetings().first?.id)
            let sitting = LedSitting(daemon: site.daemon, meeting: meeting, endpoints: [], tones: [])
            try await page.see("Tắt micrô", in: "#tool-mic")

            try await sitting.order("mute", "soyte")
            try await page.see("Micrô bị tắt", in: "#tool-mic")
            #expect(try await page.isTrue("document.getElementById('tool-mic').classList.contains('is-off')"))
            // The room lets points speak, so the point opens its microphone again.
            try await page.click("#tool-mic")
            try await page.see("Tắt micrô", in: "#tool-mic")
            try await other.waitForTone(Self.hertz)

            try await sitting.order("forbid-unmute")
            try await sitting.order("mute", "soyte")
            try await page.see("Micrô bị tắt", in: "#tool-mic")
            try await page.click("#tool-mic")
            try await page.see("Hãy giơ tay để xin phát biểu", in: "#banner")
            try await eventually("silence of who is muted") { try await other.prominence(of: Self.hertz) < -20 }

            // Opened by the chair, and off here: the page says what is left to do.
            try await sitting.order("unmute", "soyte")
            try await page.see("Tắt micrô", in: "#tool-mic")
            try await page.click("#tool-mic")
            try await page.see("Bật micrô", in: "#tool-mic")
            try await sitting.order("mute", "soyte")
            try await page.see("Micrô bị tắt", in: "#tool-mic")
            try await sitting.order("unmute", "soyte")
            try await page.see("Bấm để bật micrô", in: "#banner")
            try await page.click("#banner button")
            try await page.see("Tắt micrô", in: "#tool-mic")
            try await other.waitForTone(Self.hertz)
        }
    }

    @Test func aComposedPictureIsNamedOnce() async throws {
        try await JoinSite.with { site in
            let page = try await site.joined("soyte")
            _ = try await site.joined("phuloc")
            try await page.waitForCamera(in: "#main-picture video")
            try await page.see("Phú Lộc", in: "#main-picture figcaption")
            let meeting = try #require(try await site.daemon.meetings().first?.id)
            let sitting = LedSitting(daemon: site.daemon, meeting: meeting, endpoints: [], tones: [])
            try await sitting.order("message", "Nghỉ giải lao 10 phút")
            try await page.waitUntil(
                "no second name", "document.querySelector('#main-picture figcaption').textContent === ''")
            try await page.keepPicture("page-message")
            try await sitting.order("message")
            try await page.see("Phú Lộc", in: "#main-picture figcaption")
        }
    }

    @Test func theCameraIsSentInSeveralSizes() async throws {
        try await JoinSite.with { site in
            let first = try await site.joined("soyte")
            let second = try await site.joined("phuloc")
            _ = try await first.evaluate(
                """
                setInterval(async () => {
                  const report = await window.peers.at(-1).getStats();
                  window.sent = [...report.values()].filter((each) =>
                    each.type === 'outbound-rtp' && each.kind === 'video' && each.rid && each.framesSent > 10);
                }, 500) > 0
                """, as: Bool.self)
            try await first.waitUntil("two sizes at least", within: .seconds(30), "(window.sent ?? []).length >= 2")
            try await second.waitForCamera(in: "#main-picture video")
            let participants = try #require(try await site.daemon.meetings().first?.participants)
            #expect(participants.allSatisfy { $0.video?.packetsLost == 0 })
        }
    }

    @Test func theRosterFollowsWhoComesRaisesAHandAndLeaves() async throws {
        try await JoinSite.with { site in
            let first = try await site.joined("soyte")
            let second = try await site.joined("phuloc")
            try await first.click("#tool-points")
            try await first.waitUntil("both on the list", "document.querySelectorAll('#roster li').length === 2")
            #expect(try await first.text("#roster").contains("Sở Y tế (bạn)"))
            try await second.click("#tool-hand")
            try await first.waitToSee("#roster .mark.hand")
            #expect(try await first.text("#roster li").contains("Ủy ban nhân dân xã Phú Lộc"), "hands stand on top")
            try await first.waitUntil(
                "it to be said", "document.getElementById('says').textContent.includes('giơ tay')")
            let meeting = try #require(try await site.daemon.meetings().first)
            #expect(meeting.participants.filter { $0.handRaisedAt != nil }.map(\.point) == ["phuloc"])
            try await second.click("#tool-hand")
            try await first.waitUntil("the hand to go", "!document.querySelector('#roster .mark.hand')")
            try await second.click("#tool-leave")
            try await second.click("#leave-dialog [value=yes]")
            try await second.waitToSee("#ended")
            try await first.waitUntil("one to be left", "document.querySelectorAll('#roster li').length === 1")
            let names = try site.daemon.events(of: meeting.id).compactMap { $0["event"] ?? $0["name"] }
            #expect(names.contains("hand-raised") && names.contains("hand-lowered"), "\(names)")
        }
    }

    @Test func messagesReachTheOthersAndTheMeetingsRecord() async throws {
        try await JoinSite.with { site in
            let first = try await site.joined("soyte")
            let second = try await site.joined("phuloc")
            try await first.click("#tool-chat")
            try await first.fill("#text", "Đã nhận <b>đủ</b> tài liệu")
            try await first.press(.enter)
            try await first.waitToSee("#messages .own")
            try await second.waitToSee("#unread")
            #expect(try await second.text("#unread") == "1")
            try await second.click("#tool-chat")
            #expect(try await second.text("#messages .message p") == "Đã nhận <b>đủ</b> tài liệu")
            #expect(try await second.text("#messages .message b") == "Sở Y tế")
            #expect(try await second.isVisible("#unread") == false)
            let meeting = try #require(try await site.daemon.meetings().first)
            try await eventually("the message in the record") {
                try site.daemon.events(of: meeting.id).contains { $0["text"] == "Đã nhận <b>đủ</b> tài liệu" }
            }
        }
    }

    @Test func anInvitationLeadsIntoTheMeeting() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened(invitation: try await site.invitation("soyte"))
            try await page.click("#join")
            try await page.waitToSee("#meeting")
            try await eventually("the point in the meeting") {
                try await site.daemon.meetings().first?.participants.map(\.point) == ["soyte"]
            }
        }
    }

    @Test func aScreenIsSharedAndNoLonger() async throws {
        try await JoinSite.with(flags: ["--use-fake-ui-for-media-stream=display-media-type=browser"]) { site in
            let first = try await site.joined("soyte")
            let second = try await site.joined("phuloc")
            try await first.waitForCamera(in: "#main-picture video")
            try await first.click("#tool-share")
            try await second.waitToSee("#slides")
            try await second.waitUntil("slides", "document.querySelector('#slides video').videoWidth > 0")
            try await second.waitUntil(
                "who presents", "document.querySelector('#slides figcaption').textContent.includes('Sở Y tế')")
            try await first.click("#tool-share")
            try await second.waitUntil(
                "the slides to go", within: .seconds(20), "document.getElementById('slides').hidden")
        }
    }

    @Test(.enabled(if: Wall.isPossible, "needs root and nftables"))
    func thePageComesBackWhenTheNetworkWasAwayForTenSeconds() async throws {
        // An address of its own on loopback, so that its ways can be closed without touching others'.
        let address = "127.77.\(Int.random(in: 1...250)).\(Int.random(in: 1...250))"
        try await withTone({ $0.address = address }) { site in
            let page = try await site.joined("soyte")
            let other = try await site.joined("phuloc")
            try await page.waitForCamera(in: "#main-picture video")
            let wall = try await Wall(around: address)
            let end = ContinuousClock.now + .seconds(10)
            do {
                try await page.waitToSee("#banner")
                #expect(try await page.text("#banner") == "Mất kết nối. Đang kết nối lại…")
                try await Task.sleep(until: end)
            } catch {
                await wall.fall()
                throw error
            }
            await wall.fall()
            for each in [page, other] {
                try await each.waitUntil(
                    "the connection", within: .seconds(30), "document.getElementById('banner').hidden")
                try await each.listen()
                try await each.waitForTone(Self.hertz)
            }
            #expect(try await site.daemon.meetings().first?.participants.count == 2)
            for each in [page, other] { try await each.waitForCamera(in: "#main-picture video") }
        }
    }

    @Test func theMeetingIsSteeredByTheKeyboardAlone() async throws {
        try await JoinSite.with { site in
            let page = try await site.opened()
            try await page.focus("#name")
            try await page.type("soyte")
            try await page.press(.tab)
            try await page.type("mat-khau")
            try await page.press(.enter)
            try await page.waitToSee("#meeting")
            func focused() async throws -> String {
                try await page.evaluate("document.activeElement.id", as: String.self)
            }
            #expect(try await focused() == "tool-mic")
            try await page.press(.space)
            #expect(try await page.text("#tool-mic span") == "Bật micrô")
            for expected in ["tool-camera", "tool-hand", "tool-share", "tool-layout", "tool-points", "tool-chat"] {
                try await page.press(.right)
                #expect(try await focused() == expected)
            }
            try await page.press(.enter)
            #expect(try await focused() == "text")
            try await page.type("xin chào")
            try await page.press(.enter)
            try await page.waitToSee("#messages .own")
            try await page.press(.escape)
            #expect(try await focused() == "tool-chat")
            try await page.press(.right)
            try await page.press(.enter)
            try await page.waitToSee("#leave-dialog")
            try await page.press(.tab)
            try await page.press(.enter)
            try await page.waitToSee("#ended")
            try await eventually("the room to empty") {
                try await site.daemon.meetings().allSatisfy { $0.participants.isEmpty }
            }
        }
    }

    @Test(
        .enabled(if: Axe.script != nil, "axe-core is not installed"), arguments: [(390, 844), (820, 1180), (1440, 900)])
    func theMeetingKeepsTheRulesOfAccessibility(width: Int, height: Int) async throws {
        try await JoinSite.with { site in
            let other = try await site.joined("phuloc")
            try await other.click("#tool-hand")
            let page = try await site.browser.page(width: width, height: height)
            try await page.prepare(Axe.script ?? "")
            try await page.open(site.address())
            try await page.waitToSee("#check")
            try await site.signIn(page, "soyte")
            try await page.waitToSee("#meeting")
            for step in [
                "#tool-points", "#tool-chat", "#close-panel", "#quality", "#quality", "#tool-layout", "#tool-leave",
            ] {
                try await page.click(step)
                #expect(try await Axe.violations(page) == [], "after \(step)")
            }
        }
    }
}
