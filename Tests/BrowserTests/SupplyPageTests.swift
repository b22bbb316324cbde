import Archive
import BrowserDriver
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// The way of a copy through the real daemon: an agency asks for a recording, an archivist grants a span of it, the agency watches
/// that and no more, what it took is traced to it, and taking the grant back ends it.
@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(if: Tool.areInstalled("ffmpeg", "ffprobe", "espeak-ng"), "ffmpeg or espeak-ng is missing"))
struct SupplyPageTests {
    private static let recording = "20260105-080000-giaoban-dddd"
    /// Milliseconds of the recording.
    private static let length: Int64 = 100_000

    /// An archive with one sealed meeting, of a hundred seconds in which somebody counts.
    private static func archive(at root: String) async throws {
        let archive = try Archive(root: root)
        let opened = try Date("2026-01-05T01:00:00Z", strategy: .iso8601)
        let meeting = try await archive.openMeeting(
            NewMeeting(
                id: recording, room: "giaoban", title: "Giao ban về phòng, chống dịch",
                convener: "Chủ tịch UBND tỉnh", document: "120/GM-UBND", openedAt: opened))
        try archive.append([EventRecord(at: opened, name: "opened", fields: [:])], to: meeting)
        let speech = root + "/speech.wav"
        defer { try? FileManager.default.removeItem(atPath: speech) }
        let words = (100...320).map { "\($0)" }.joined(separator: ", ")
        try await Tool.run("espeak-ng", ["-v", "vi", "-w", speech, words])
        try await Tool.run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=10:duration=100", "-i",
                speech, "-t", "100", "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "400k", "-c:a", "libopus",
                "-b:a", "48k", archive.paths(of: meeting).accessCopy,
            ])
        _ = try await archive.closeMeeting(recording, at: opened + 100, durationMilliseconds: length)
        _ = try await archive.seal(recording)
        try archive.close()
    }

    private static func with(_ body: (JoinSite, String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("cw-\(UUID().uuidString.prefix(8))")
            .path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await archive(at: root)
        try await JoinSite.with({ $0.archive = root }) { site in try await body(site, root) }
    }

    private static func look(_ page: Page, _ name: String) async throws {
        let broken = try await LedMeeting.broken(on: page)
        #expect(broken == [], "\(name)")
        #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"), "\(name)")
        try await page.keepPicture("supply-\(name)")
    }

    private static func send(_ page: Page) async throws {
        try await page.click(#"dialog button[type="submit"]"#)
        try await page.waitUntil("the dialog to close", "!document.querySelector('dialog[open]:not(#lock)')")
    }

    private static func status(_ page: Page, _ path: String) async throws -> Int {
        try await page.evaluate("fetch('/api/v1/\(path)').then((answer) => answer.status)", as: Int.self)
    }

    /// What a page downloads, in pieces that the driver carries.
    private static func download(_ page: Page, _ path: String) async throws -> Data {
        var data = Data()
        while true {
            let piece = try await page.evaluate(
                """
                fetch('/api/v1/\(path)', { headers: { Range: 'bytes=\(data.count)-\(data.count + 600_000)' } })
                  .then(async (answer) => answer.status === 416 ? '' : answer.status !== 206 ? '!' + answer.status
                    : btoa(Array.from(new Uint8Array(await answer.arrayBuffer()), (each) => String.fromCharCode(each)).join('')))
                """, as: String.self)
            if piece.isEmpty { return data }
            data += try #require(Data(base64Encoded: piece), "\(piece.prefix(10))")
        }
    }

    @Test(.timeLimit(.minutes(6)), arguments: [(1_440, 900), (390, 844)])
    func anAgencyAsksWatchesWhatItWasGrantedAndNoMore(width: Int, height: Int) async throws {
        try await Self.with { site, root in
            let lan = try await PortalVisit.begin(
                site, "lan", roles: ["agency-reader"], width: width, height: height, axe: true)
            let minh = try await PortalVisit.begin(
                site, "minh", name: "Trần Quang Minh", roles: ["archivist"], width: width, height: height, axe: true)
            try await Self.ask(lan, width)
            try await Self.grant(minh, width)
            try await Self.watch(lan, site, root, width)
            try await Self.revoke(lan, minh, root, width)
        }
    }

    /// Pictures for `docs/portal`, into the folder that `CAUSEWAY_SCREENSHOTS` names.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["CAUSEWAY_SCREENSHOTS"] != nil, "no pictures are wanted"),
        .timeLimit(.minutes(10)))
    func picturesOfAskingGrantingAndWatching() async throws {
        try await Self.with { site, root in
            let lan = try await PortalVisit.begin(
                site, "lan", roles: ["agency-reader"], width: 1_440, height: 900, axe: true)
            let minh = try await PortalVisit.begin(
                site, "minh", name: "Trần Quang Minh", roles: ["archivist"], width: 1_440, height: 900, axe: true)
            try await Self.ask(lan, 1_440)
            try await DocumentedSize.each { size in
                for visit in [lan, minh] { try await size.apply(to: visit) }
                try await lan.go("supply", toSee: "#ask")
                try await lan.page.click("#ask")
                try await lan.page.waitToSee(#"dialog [name="reason"]"#)
                try await lan.page.fill(#"dialog [name="reason"]"#, "Trả lời kiến nghị của công dân")
                try await lan.page.keepPicture("supply-request-\(size.name)")
                try await minh.go("supply", toSee: "#view-supply .cell-tools .button.main")
                try await minh.page.click("#view-supply .cell-tools .button.main")
                try await minh.page.waitToSee(#"dialog [name="until"]"#)
                try await minh.page.keepPicture("supply-grant-\(size.name)")
                for visit in [lan, minh] {
                    try await visit.page.press(.escape)
                    try await visit.page.waitUntil("the dialog to close", "!document.querySelector('dialog[open]')")
                }
            }
            try await minh.choose("#language", "vi")
            try await Self.grant(minh, 1_440)
            try await lan.go("supply/grants", toSee: "#view-supply")
            try await lan.page.waitToSee(##"a[href="#/supply/watch/1"]"##, within: .seconds(120))
            try await DocumentedSize.each { size in
                try await size.apply(to: lan)
                try await lan.go("supply/watch/1", toSee: ".copy-stage video")
                // It plays a moment: of one that never did the first picture may not be drawn yet, and one that was sought shows that it waits.
                _ = try await lan.page.evaluate(
                    """
                    new Promise((done) => {
                      const video = document.querySelector('.copy-stage video');
                      const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
                      const look = (now, frame) => {
                        if (frame.mediaTime < 1) { video.requestVideoFrameCallback(look); return; }
                        video.addEventListener('pause', drawn, { once: true });
                        video.pause();
                      };
                      video.requestVideoFrameCallback(look);
                      video.muted = true;
                      video.play();
                    })
                    """, as: Bool.self)
                try await lan.page.keepPicture("supply-watch-\(size.name)")
            }
        }
    }

    private static func ask(_ lan: PortalVisit, _ width: Int) async throws {
        let page = lan.page
        try await lan.go("supply", toSee: "#ask")
        try await look(page, "empty-\(width)")
        try await page.click("#ask")
        try await page.waitToSee(#"dialog [name="reason"]"#)
        try await page.fill(#"dialog [name="description"]"#, "Họp giao ban đầu năm")
        try await page.fill(#"dialog [name="recording"]"#, recording)
        try await page.fill(#"dialog [name="reason"]"#, "Trả lời kiến nghị của công dân")
        try await page.fill(#"dialog [name="from"]"#, "0:15")
        try await page.click(#"dialog button[type="submit"]"#)
        try await page.see("cần cả hai ô", in: "dialog .problem")
        try await page.fill(#"dialog [name="to"]"#, "1:25")
        try await look(page, "ask-\(width)")
        try await send(page)
        try await page.see("Đang chờ", in: "#view-supply table")
        try await look(page, "asked-\(width)")
        #expect(try await page.text("#view-supply table").contains("0:15–1:25"))
        #expect(try await !page.text("#view-supply table").contains("phòng, chống dịch"), "its title is not told yet")
        // Nothing of the recording is seen before.
        #expect(try await status(page, "recordings/\(recording)/files/data/access.webm") == 403)
    }

    private static func grant(_ minh: PortalVisit, _ width: Int) async throws {
        let page = minh.page
        try await minh.go("supply", toSee: "#view-supply table")
        try await page.see("Trả lời kiến nghị", in: "#view-supply table")
        try await look(page, "waiting-\(width)")
        try await page.pressButton("Từ chối yêu cầu 1")
        try await page.waitToSee(#"dialog [name="reason"]"#)
        try await look(page, "refuse-\(width)")
        try await page.pressButton("Đóng")
        try await page.pressButton("Cấp theo yêu cầu 1")
        try await page.waitToSee(#"dialog [name="until"]"#)
        try await minh.choose(#"dialog [name="level"]"#, "unauthenticated")
        try await look(page, "grant-\(width)")
        try await send(page)
        try await page.see("Đã cấp", in: "#view-supply table")
    }

    private static func watch(_ lan: PortalVisit, _ site: JoinSite, _ root: String, _ width: Int) async throws {
        let page = lan.page
        try await lan.go("supply/grants", toSee: "#view-supply table")
        try await page.see("Giao ban về phòng, chống dịch", in: "#view-supply table")
        try await page.waitToSee(##"a[href="#/supply/watch/1"]"##, within: .seconds(120))
        try await look(page, "grants-\(width)")
        try await lan.go("supply/watch/1", toSee: ".copy-stage video")
        let video = "document.querySelector('.copy-stage video')"
        _ = try await page.evaluate("(\(video).muted = true, \(video).play().then(() => true))", as: Bool.self)
        try await page.waitUntil("the film to play", "\(video).currentTime > 1 && \(video).videoWidth === 640")
        let length = try await page.evaluate("\(video).duration", as: Double.self)
        #expect(abs(length - 70) < 0.5, "the span, and nothing beyond it")
        try await look(page, "watch-\(width)")
        try await lan.choose("#language", "en")
        try await page.see("This copy is for", in: "#view-supply")
        try await page.waitUntil("a picture", "\(video)?.readyState >= 2")
        try await look(page, "watch-\(width)-en")
        try await lan.choose("#language", "vi")

        // Outside of it, and for others, there is nothing.
        for path in [
            "recordings/\(recording)/files/data/access.webm", "recordings/\(recording)/film/stream?from=0&to=10",
            "recordings/\(recording)/timeline",
        ] { #expect(try await status(page, path) == 403, "\(path)") }
        #expect(try await status(page, "access/grants/2/film") == 404)

        // What was taken away is known again.
        let taken = try await download(page, "access/grants/1/film?download=1")
        let file = root + "/found.mp4"
        try taken.write(to: URL(fileURLWithPath: file))
        let said = try await site.daemon.causeway(["supply", "trace", file, "--recording", recording])
        #expect(said.status == 0 && said.output.contains("Grant 1: Nguyễn Thị Lan"), "\(said.output)")
        #expect(said.output.contains("begins at 0:15") || said.output.contains("15"), "\(said.output)")
        let same = try await site.daemon.causeway(
            ["supply", "trace", try #require(original(root)), "--recording", recording])
        #expect(same.status == 0 && same.output.contains("cannot be told"), "\(same.output)")
    }

    private static func original(_ root: String) -> String? {
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.first { $0.hasSuffix("/access.webm") }.map { root + "/" + $0 }
    }

    private static func revoke(_ lan: PortalVisit, _ minh: PortalVisit, _ root: String, _ width: Int) async throws {
        try await minh.go("supply/grants", toSee: "#view-supply table")
        try await look(minh.page, "granted-\(width)")
        try await minh.go("supply/grant/1", toSee: "#revoke")
        try await minh.page.see("tải về", in: "#view-supply table")
        try await look(minh.page, "grant-uses-\(width)")
        try await minh.page.click("#revoke")
        try await minh.page.fill(#"dialog [name="reason"]"#, "Cấp nhầm người")
        try await look(minh.page, "revoke-\(width)")
        try await send(minh.page)
        try await minh.page.see("Cấp nhầm người", in: "#view-supply")
        try await look(minh.page, "revoked-\(width)")
        // At once for what is asked, and soon for what is in the player.
        #expect(try await status(lan.page, "access/grants/1/film") == 403)
        #expect(!FileManager.default.fileExists(atPath: root + "/supply/1"))
        try await lan.page.see("không còn hiệu lực", in: "#view-supply .problem")
        #expect(try await lan.page.isTrue("document.querySelector('.copy-stage video') === null"))
        try await look(lan.page, "over-\(width)")
        let uses = try await minh.page.evaluate(
            "fetch('/api/v1/access/grants/1').then((answer) => answer.json()).then((grant) => grant.uses.map((use) => use.what))",
            as: [String].self)
        #expect(uses.filter { $0 == "watched" }.count == 1 && uses.contains("downloaded") && uses.contains("refused"))
    }
}
