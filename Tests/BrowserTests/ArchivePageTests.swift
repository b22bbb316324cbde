import BrowserDriver
import Foundation
import InteropSupport
import Office
import PortalAPI
import Testing

/// The archive's pages over a meeting that real points held: it is searched for, its moment opened and played, sought by who
/// spoke, one point watched alone, and the moment shared.
@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(if: LedMeeting.isPossible, "baresip, sox or ffmpeg is missing"))
struct ArchivePageTests {
    @Test func anArchivistFindsAndWatchesAMoment() async throws {
        try await RecordedSitting.with { site, meeting in
            let page = try await LedMeeting.signedIn(site, "archivist", 1_440, 900)
            try await search(page, meeting)
            try await play(page)
            try await seekBySpeaker(page)
            try await watchAlone(page)
            try await share(page, site, meeting)
            try await verify(page)
            try await bringLater(page, site, meeting)
            try await look(page, meeting)
            try await lookAtOthers(page)
            #expect(page.complaints == [])
            try await expectJournal(site, meeting)
        }
    }

    private func go(_ page: Page, _ hash: String) async throws {
        _ = try await page.evaluate("(location.hash = '\(hash)', true)", as: Bool.self)
    }

    private static let player = "document.querySelector('.player video')"

    private func waitForTime(_ page: Page, _ what: String, _ condition: String) async throws {
        try await page.waitUntil(
            what, within: .seconds(20), "(() => { const v = \(Self.player); return \(condition); })()")
    }

    private func colour(_ page: Page) async throws -> Colour {
        try await page.colours(".player video").colour(aroundX: 0.5, y: 0.45, width: 0.2, height: 0.2)
    }

    // MARK: The way through

    private func search(_ page: Page, _ meeting: String) async throws {
        try await go(page, "#/archive")
        try await page.waitToSee("#view-archive input[type=search]")
        // Without marks, and before the last word is whole.
        try await page.fill("#view-archive input[type=search]", "tinh hinh dich be")
        try await page.waitUntil(
            "the speech", "document.querySelector('.found .passages a[href*=\"?t=\"]')?.textContent.includes('Sở Y tế')"
        )
        #expect(try await page.text(".archive-count") == "1 cuộc họp")
        #expect(try await page.isTrue("document.querySelectorAll('.found mark').length > 0"))
        let broken = try await LedMeeting.broken(on: page)
        #expect(broken == [])
        try await page.keepPicture("archive-search-1440")
        for (filter, count) in [
            ("&level=restricted", 0), ("&field=y%20te&from=2020-01-01&order=newest", 1), ("&kind=report", 0),
        ] {
            let found = try await page.evaluate(
                "fetch('/api/v1/search?q=giao%20ban\(filter)').then((a) => a.json()).then((a) => a.meetings.length)",
                as: Int.self)
            #expect(found == count, "\(filter)")
        }
        try await page.fill("#view-archive input[type=search]", "khong co gi nhu the")
        try await page.see("Không tìm thấy", in: ".archive-count")
        try await page.fill("#view-archive input[type=search]", "tình hình dịch bệnh")
        try await page.waitToSee(".found .passages a[href*=\"?t=\"]")
    }

    private func play(_ page: Page) async throws {
        _ = try await page.evaluate(
            """
            (() => {
              window.began = performance.now();
              new MutationObserver((_, watcher) => {
                const video = document.querySelector('.player video');
                if (!video) return;
                watcher.disconnect();
                video.addEventListener('loadeddata', () => { window.firstPicture = performance.now() - window.began; }, { once: true });
              }).observe(document.getElementById('main'), { childList: true, subtree: true });
              document.querySelector('.found .passages a[href*="?t="]').click();
              return true;
            })()
            """, as: Bool.self)
        try await page.waitToSee(".player video")
        let moment = "Number(location.hash.split('t=')[1])"
        try await waitForTime(page, "the moment", "v.readyState >= 2 && Math.abs(v.currentTime - \(moment)) < 0.1")
        let first = try await page.evaluate("window.firstPicture ?? -1", as: Double.self)
        #expect(first > 0 && first < 3_000, "\(first) ms")
        print("first picture of the film after \(Int(first)) ms")
        let start = try await page.evaluate("\(Self.player).currentTime", as: Double.self)
        try await page.pressButton("Phát")
        try await waitForTime(page, "the film to play", "v.currentTime > \(start) + 1.5 && v.videoWidth === 640")
        // It was opened where that agency spoke; keys work in the player.
        _ = try await page.evaluate("(document.querySelector('.player').focus(), true)", as: Bool.self)
        try await page.press(.space)
        try await waitForTime(page, "the film to pause", "v.paused")
        let broken = try await LedMeeting.broken(on: page)
        #expect(broken == [])
    }

    private func seekBySpeaker(_ page: Page) async throws {
        for (point, name) in [("soyte", "Sở Y tế"), ("phuloc", "Phú Lộc")] {
            let lane = ".lane[data-point=\(point)]"
            _ = try await page.evaluate(
                """
                (() => {
                  const track = document.querySelector('\(lane) .lane-track');
                  const bar = track.querySelector('.did-speak').getBoundingClientRect();
                  const box = track.getBoundingClientRect();
                  track.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: bar.left + bar.width * 0.6, clientY: box.top + 5 }));
                  return true;
                })()
                """, as: Bool.self)
            try await waitForTime(page, "\(point)'s speech", "!v.seeking && v.readyState >= 2")
            let lit = try await page.text(".now")
            #expect(lit.contains(name), "\(lit)")
        }
        // Small pictures show where the keyboard goes.
        try await page.focus(".seek")
        try await page.press(.left)
        try await page.waitToSee(".preview-picture")
        #expect(
            try await page.evaluate("document.querySelector('.preview-picture').style.backgroundImage", as: String.self)
                .contains("thumbnails/sheet-0001.webp"))
        // The first speech of a line by the keyboard.
        try await page.focus(".lane[data-point=soyte] .lane-track")
        try await page.press(.right)
        try await page.press(.left)
        #expect(
            try await page.evaluate("document.activeElement.getAttribute('aria-valuetext')", as: String.self)
                .hasPrefix("lượt 1 trong 1"))
    }

    private func watchAlone(_ page: Page) async throws {
        for (point, name, wanted) in [
            ("phuloc", "Ủy ban nhân dân xã Phú Lộc", Colour.yellow), ("chutoa", "Văn phòng UBND tỉnh", .red),
            ("soyte", "Sở Y tế", .blue),
        ] {
            _ = try await page.evaluate(
                "(window.began = performance.now(), \(Self.player).addEventListener('loadeddata', () => { window.firstPicture = performance.now() - window.began; }, { once: true }), true)",
                as: Bool.self)
            try await page.pressButton("Xem riêng \(name)")
            try await waitForTime(
                page, "\(point) alone",
                "v.src.includes('/points/\(point)/stream') && v.currentTime > 1 && v.videoWidth === 352")
            try await eventually("\(point)'s colour", within: .seconds(10)) { try await colour(page) == wanted }
            print(
                "first picture of \(point) alone after \(Int(try await page.evaluate("window.firstPicture", as: Double.self))) ms"
            )
            let type = try await page.evaluate(
                "fetch(\(Self.player).src, { method: 'HEAD' }).then((answer) => answer.headers.get('content-type'))",
                as: String.self)
            #expect(type == (point == "chutoa" ? "video/matroska" : "video/webm"))
            // Within its stream from anywhere.
            try await page.pressButton("Lùi 10 giây")
            try await waitForTime(
                page, "it to play from there", "v.currentTime > 0.5 && v.currentTime < 5 && v.readyState >= 2")
            #expect(try await page.text(".clock").hasPrefix("0:0"))
            #expect(try await colour(page) == wanted)
        }
        try await page.keepPicture("archive-alone-1440")
        try await page.pressButton("Xem riêng Sở Y tế")
        try await waitForTime(page, "the film", "v.src.includes('access.webm') && v.readyState >= 2")
    }

    private func share(_ page: Page, _ site: JoinSite, _ meeting: String) async throws {
        _ = try await page.evaluate(
            "(Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } }), true)",
            as: Bool.self)
        // What was watched before may still take it elsewhere.
        try await waitForTime(
            page, "second 6",
            "(v.pause(), Math.abs(v.currentTime - 6.2) < 0.1 ? !v.seeking : (v.currentTime = 6.2, false))")
        try await page.pressButton("Chia sẻ đoạn này")
        try await page.waitUntil("the link", "window.copied !== undefined")
        let link = try await page.evaluate("window.copied", as: String.self)
        #expect(link.hasSuffix("#/archive/\(meeting)?t=6"))
        try await page.open(site.base + "/?elsewhere")
        try await page.open(link)
        try await page.waitToSee(".player video")
        try await waitForTime(page, "the shared moment", "v.readyState >= 2 && Math.abs(v.currentTime - 6) < 0.2")
        // Who is not signed in is asked to, and comes there.
        let other = try await site.browser.page()
        try await other.open(link)
        try await other.waitToSee("#sign-in")
    }

    private func verify(_ page: Page) async throws {
        try await page.pressButton("Phím tắt")
        let broken = try await LedMeeting.broken(on: page)
        #expect(broken == [], "with the keys shown")
        try await page.pressButton("Đóng")
        try await page.pressButton("Kiểm tra ngay")
        try await page.waitUntil(
            "the verdict", within: .seconds(30), "document.querySelector('.record-cards .tag.good') !== null")
    }

    /// A paper that comes when the recording is sealed stands beside the others, and says of what is in it.
    private func bringLater(_ page: Page, _ site: JoinSite, _ meeting: String) async throws {
        let answer = try await Tool.run(
            "curl",
            [
                "-sSf", "--unix-socket", site.daemon.socketPath,
                "http://causeway/api/v1/schedule?from=2000-01-01T00:00:00Z",
            ])
        let items = try PortalJSON.decode([ScheduleItem].self, from: Data(answer.utf8))
        let scheduled = try #require(items.first { $0.title == "Giao ban về phòng, chống dịch" })
        let paper = site.daemon.folder + "/Kết luận.pdf"
        try "%PDF-1.7\n1 0 obj <</OpenAction <</S/JavaScript/JS(app.alert(1))>> >>"
            .write(toFile: paper, atomically: true, encoding: .utf8)
        let brought = try await site.daemon.causeway(
            ["schedule", "attach", ScheduledMeeting.id(ofSitting: scheduled.sitting.id), paper])
        #expect(brought.status == 0, "\(brought.output)")
        try await go(page, "#/home")
        try await page.waitToSee("#view-home")
        try await go(page, "#/archive/\(meeting)")
        try await page.see("bổ sung sau khi niêm phong", in: ".record-cards .papers")
        try await page.see("có mã lệnh hoặc tệp nhúng", in: ".record-cards .papers")
        #expect(try await page.text(".record-cards .papers").contains("Báo cáo dịch bệnh"))
        let kept = try await page.evaluate(
            """
            Promise.all([...document.querySelectorAll('.record-cards .papers a')].map((each) => fetch(each.href)
              .then((answer) => `${answer.status} ${answer.headers.get('content-disposition')?.split(';')[0]}`)))
            """, as: [String].self)
        #expect(kept == ["200 attachment", "200 attachment"])
    }

    // MARK: How it looks

    private func look(_ page: Page, _ meeting: String) async throws {
        for language in ["vi", "en"] {
            for (width, height) in [(1_440, 900), (820, 1_180), (390, 844)] {
                try await resize(page, width, height)
                for (name, hash) in [("search", "#/archive?q=d%E1%BB%8Bch"), ("meeting", "#/archive/\(meeting)?t=8")] {
                    try await go(page, "#/home")
                    try await page.waitToSee("#view-home")
                    _ = try await page.evaluate(
                        """
                        (() => {
                          const choice = document.getElementById('language');
                          choice.value = '\(language)';
                          return choice.dispatchEvent(new Event('change'));
                        })()
                        """, as: Bool.self)
                    try await go(page, hash)
                    if name == "search" {
                        try await page.waitToSee(".found-meeting")
                    } else {
                        try await page.waitToSee(".lanes .lane")
                        try await waitForTime(page, "a picture", "v.readyState >= 2 && !v.seeking")
                    }
                    for scheme in ["light", "dark"] {
                        _ = try await page.command(
                            "Emulation.setEmulatedMedia",
                            ["features": [["name": "prefers-color-scheme", "value": scheme]]])
                        // Colours change little by little, and not at all where the browser thinks nobody looks.
                        _ = try await page.evaluate(
                            "(document.getAnimations().forEach((each) => each.finish()), true)", as: Bool.self)
                        let broken = try await LedMeeting.broken(on: page)
                        #expect(broken == [], "\(name) \(language) \(width) \(scheme)")
                        if scheme == "light" || language == "vi" {
                            try await page.keepPicture(
                                "archive-\(name)-\(width)-\(language)\(scheme == "dark" ? "-dark" : "")")
                        }
                    }
                    #expect(
                        try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"), "\(name) \(width)")
                    guard name == "meeting", language == "vi" else { continue }
                    _ = try await page.evaluate(
                        "(document.querySelector('.lanes-card').scrollIntoView(), scrollBy(0, -64), true)",
                        as: Bool.self)
                    try await page.keepPicture("archive-lanes-\(width)")
                }
            }
        }
    }

    /// The rest of the portal is dark there, too.
    private func lookAtOthers(_ page: Page) async throws {
        try await resize(page, 1_440, 900)
        for view in ["home", "schedule", "units", "points", "rooms", "reports"] {
            try await go(page, "#/\(view)")
            try await page.waitUntil(
                view, "document.querySelector('#view-\(view) h1') && !document.querySelector('#view-\(view) > .hint')")
            let broken = try await LedMeeting.broken(on: page)
            #expect(broken == [], "\(view), dark")
            try await page.keepPicture("dark-\(view)")
        }
    }

    private func resize(_ page: Page, _ width: Int, _ height: Int) async throws {
        _ = try await page.command(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
    }

    private func expectJournal(_ site: JoinSite, _ meeting: String) async throws {
        let answer = try await Tool.run(
            "curl", ["-sSf", "--unix-socket", site.daemon.socketPath, "http://causeway/api/v1/journal"])
        for line in ["open recording", "play recording", "watch recording", "verify recording"] {
            #expect(answer.contains("\"action\":\"\(line)\""), "\(line)")
        }
        #expect(answer.contains("\(meeting) phuloc") && answer.contains("\(meeting) film 0:00:0"))
    }
}

/// A convened meeting of three points that is over, and its sealed recording.
enum RecordedSitting {
    static let points = [
        (point: RunningDaemon.Point("chutoa", "Văn phòng UBND tỉnh"), colour: Colour.red),
        (point: RunningDaemon.Point("soyte", "Sở Y tế"), colour: .blue),
        (point: RunningDaemon.Point("phuloc", "Ủy ban nhân dân xã Phú Lộc"), colour: .yellow),
    ]

    static func with(_ body: (JoinSite, String) async throws -> Void) async throws {
        try await JoinSite.with({
            $0.points = points.map(\.point)
            $0.rooms = [
                "{id: giaoban, title: Giao ban tuần, linger: 2s, chair: chutoa, microphones: muted, "
                    + "recording: {order: standing, orderedBy: Chánh Văn phòng, document: 12/QĐ-VP}}"
            ]
        }) { site in
            try await convene(site)
            let meeting = try await hold(site)
            let recording = try await site.daemon.waitUntilSealed(meeting)
            #expect(recording.files.contains { $0.path == "data/access.webm" })
            try await body(site, meeting)
        }
    }

    private static func convene(_ site: JoinSite) async throws {
        let draft = ScheduledMeeting(
            title: "Giao ban về phòng, chống dịch", room: "giaoban", convener: "Chủ tịch UBND tỉnh",
            document: .init(number: "120/GM-UBND", date: "2026-01-20"), field: "y tế",
            chair: .init(name: "Lê Thị Hương", point: "chutoa"), starts: Date(timeIntervalSinceNow: 1), minutes: 30,
            invited: points.map { .init(point: $0.point.id) },
            agenda: [
                .init(title: "Tình hình dịch bệnh", speaker: "Sở Y tế", minutes: 1),
                .init(title: "Ý kiến của cơ sở", speaker: "Ủy ban nhân dân xã Phú Lộc", minutes: 1),
                .init(title: "Kết luận"),
            ], rehearsalMinutes: 0)
        let folder = site.daemon.folder
        try PortalJSON.encode(draft).write(to: URL(fileURLWithPath: folder + "/meeting.json"))
        let answer = try await Tool.run(
            "curl",
            [
                "-sSf", "--unix-socket", site.daemon.socketPath, "-H", "Content-Type: application/json",
                "--data-binary",
                "@\(folder)/meeting.json", "http://causeway/api/v1/schedule",
            ])
        let scheduled = try PortalJSON.decode(MeetingDetail.self, from: Data(answer.utf8)).meeting
        let paper = folder + "/Báo cáo dịch bệnh.txt"
        try "Báo cáo tình hình dịch bệnh tuần 3".write(toFile: paper, atomically: true, encoding: .utf8)
        _ = try await site.daemon.causeway(["schedule", "attach", scheduled.id, paper])
        try await eventually("the conference to hear of it", within: .seconds(15)) {
            site.daemon.log.contains("meeting in room giaoban may begin")
        }
    }

    /// The chair opens it, and gives two points the word, one after another.
    private static func hold(_ site: JoinSite) async throws -> String {
        let media = try RunningDaemon.binaries() + "/interop-media"
        let folder = site.daemon.folder + "/points"
        var endpoints: [Baresip] = []
        let outcome: Result<String, any Error>
        do {
            for (index, place) in points.enumerated() {
                var setup = Baresip.Setup(
                    username: place.point.id, password: place.point.password,
                    sound: try await TestMedia.tone(440 + 160 * index, in: media))
                setup.film = try await TestMedia.film(
                    "long-\(place.colour.rawValue)", source: "color=\(place.colour.rawValue):size=352x288:rate=25",
                    seconds: 600, in: media)
                setup.certificateAuthority = site.daemon.authority
                if index == 0 {
                    // What masters keep as FLAC, and what WebM does not hold.
                    setup.audioCodecs = ["PCMA/8000/1"]
                    setup.videoCodecs = ["H264"]
                }
                let endpoint = try await Baresip(setup, in: folder + "/\(index)")
                endpoints.append(endpoint)
                try await endpoint.dial(site.daemon.address(of: "giaoban"))
            }
            let meeting = try await site.daemon.meetings().first { $0.room == "giaoban" }
            let sitting = LedSitting(
                daemon: site.daemon, meeting: try #require(meeting?.id), endpoints: endpoints, tones: [440, 600, 760])
            try await sitting.order("open")
            try await sitting.until("the recording") { $0.recording == "running" }
            _ = try await site.daemon.waitForMedia(of: 3, packets: 50, video: true)
            // The chair's microphone is open, and its tone as loud as theirs.
            try await sitting.order("mute", "chutoa")
            for point in ["soyte", "phuloc"] {
                let start = try site.daemon.events(of: sitting.meeting).count
                try await sitting.order("speak", point)
                try await eventually("\(point) to be the speaker", within: .seconds(20)) {
                    try site.daemon.events(of: sitting.meeting).dropFirst(start)
                        .contains { $0["event"] == "speaker" && $0["point"] == point }
                }
                // So much of it is recorded.
                try await Task.sleep(for: .seconds(6))
            }
            try await sitting.order("end-speech")
            try await sitting.order("close")
            outcome = .success(sitting.meeting)
        } catch {
            outcome = .failure(error)
        }
        for endpoint in endpoints { await endpoint.stop() }
        return try outcome.get()
    }
}
