import BrowserDriver
import InteropSupport

/// A page of a headless Chromium in the meeting, by the join page. Its camera is green and moves, its microphone hums.
struct ChromiumEndpoint: Endpoint {
    let browser: Chromium
    let page: Page
    private let address: String
    private let point: RunningDaemon.Point

    fileprivate init(_ browser: Chromium, address: String, point: RunningDaemon.Point) async throws {
        self.browser = browser
        self.address = address
        self.point = point
        page = try await browser.page()
    }

    /// The room is that of the page.
    func dial(_ uri: String) async throws {
        try await page.openRoom(address)
        try await page.signIn(point.id, point.password)
        try await page.waitToSee("#meeting", within: .seconds(30))
    }

    func hangUp() async throws {
        try await page.click("#tool-leave")
        try await page.click("#leave-dialog [value=yes]")
        try await page.waitToSee("#ended")
    }

    var said: String { page.complaints.joined(separator: "; ") }
    func stop() async { await browser.stop() }

    // MARK: What it knows of its line

    /// Begins to note how long the large picture stands still.
    func watchPicture() async throws {
        _ = try await page.evaluate(
            """
            (() => {
              const video = document.querySelector('#main-picture video');
              window.still = { longest: 0, last: performance.now(), count: 0 };
              const step = () => {
                const now = performance.now();
                window.still.longest = Math.max(window.still.longest, now - window.still.last);
                window.still.last = now;
                window.still.count += 1;
                video.requestVideoFrameCallback(step);
              };
              video.requestVideoFrameCallback(step);
              return true;
            })()
            """, as: Bool.self)
    }

    /// In milliseconds, since the picture is watched.
    func longestStandstill() async throws -> Double {
        try await page.evaluate(
            "Math.max(window.still.longest, performance.now() - window.still.last)", as: Double.self)
    }

    /// What it had to make up of the sound it should have got, so far, in seconds.
    func concealed() async throws -> Double {
        try await page.evaluate(
            """
            (async () => {
              const report = await window.peers.at(-1).getStats();
              const sound = [...report.values()].filter((each) => each.type === 'inbound-rtp' && each.kind === 'audio');
              return sound.reduce((sum, each) =>
                sum + (each.concealedSamples ?? 0) - (each.silentConcealedSamples ?? 0), 0) / 48000;
            })()
            """, as: Double.self)
    }
}

extension Sitting {
    /// A page that joins as a point, in the line's namespace or beside us.
    func chromium(as point: RunningDaemon.Point = Sitting.points[0], isDistant: Bool = true) async throws
        -> ChromiumEndpoint
    {
        // Two of the same tone would be twice as loud.
        let tone = try await TestMedia.tone(isDistant ? Self.tone : 700, in: media)
        let browser = try await Chromium.start(
            ["--use-file-for-fake-audio-capture=\(tone)"], in: isDistant ? namespace?.name : nil)
        do {
            let endpoint = try await ChromiumEndpoint(
                browser, address: "https://\(daemon.host):\(daemon.httpsPort)/join/\(Self.room)", point: point)
            keep(endpoint)
            return endpoint
        } catch {
            await browser.stop()
            throw error
        }
    }
}
