import BrowserDriver
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// A convened meeting while it is held: rooms' endpoints, join pages, and the chair's page.
struct HeldMeeting: Sendable {
    static let question = "Thông qua phương án?"
    static let message = "Nghỉ giải lao mười phút, họp tiếp lúc mười giờ"
    static let absence = "mưa lũ chia cắt"

    let convened: ConvenedSite
    /// Its endpoints are those of the first places.
    var sitting: LedSitting
    /// By point.
    let pages: [String: Page]
    let chair: Page

    private var daemon: RunningDaemon { sitting.daemon }
    private func index(_ point: String) -> Int { ConvenedSite.places.firstIndex { $0.id == point } ?? 0 }
    private func endpoint(_ point: String) -> Baresip { sitting.endpoints[index(point)] }
    private func page(_ point: String) throws -> Page {
        guard let page = pages[point] else { throw ToolFailure("\(point) has no page") }
        return page
    }

    // MARK: What everybody sees and hears

    private static let picture = "#main-picture video"

    /// Waits until whatever shows pictures, but that of some points, shows this.
    func everybody(
        sees what: String, but points: Set<String> = [], _ isSo: @escaping @Sendable (ColourMap) -> Bool
    ) async throws {
        for (place, endpoint) in zip(ConvenedSite.places, sitting.endpoints)
        where place.colour != .none && !points.contains(place.id) {
            try await wait("\(place.id) to see \(what)", isSo) {
                guard let sight = try await endpoint.snapshot() else { return nil }
                return try await ColourMap(of: sight)
            }
        }
        for (point, page) in pages where !points.contains(point) {
            try await wait("\(point)'s page to see \(what)", isSo) { try await page.colours(Self.picture) }
        }
    }

    private func wait(
        _ what: String, _ isSo: @escaping @Sendable (ColourMap) -> Bool,
        _ look: @escaping @Sendable () async throws -> ColourMap?
    ) async throws {
        do {
            try await eventually(what, within: .seconds(25)) { try await look().map(isSo) ?? false }
        } catch {
            let sees = try? await look()?.description
            let pictures = try? await daemon.meetings().first { $0.id == sitting.meeting }?.participants.map {
                let line = $0.lineBitsPerSecond.map { "\($0) bit/s" } ?? "open"
                return "\($0.point) \($0.video?.packetsReceived ?? 0)/\($0.video?.packetsSent ?? 0), \(line)"
                    + ($0.video?.isWithheld == true ? ", withheld" : "")
            }
            throw ToolFailure("\(error): it sees \(sees ?? "nothing"); packets of pictures: \(pictures ?? [])")
        }
    }

    /// Whether a line is written at the upper edge of a picture that is of one colour otherwise.
    private static func hasLine(_ map: ColourMap, on colour: Colour) -> Bool {
        map.colour(aroundX: 0.5, y: 0.6, width: 0.2, height: 0.3) == colour
            && map.shareUnlikeMiddle(aroundX: 0.5, y: 0.12, width: 0.2, height: 0.24) > 0.1
            && map.shareUnlikeMiddle(aroundX: 0.5, y: 0.6, width: 0.2, height: 0.3) < 0.05
    }

    /// Does something in silence and waits until everybody was told of it by voice.
    private func everybodyIsTold(_ what: String, _ act: () async throws -> Void) async throws {
        let (endpoints, pages) = (sitting.endpoints, pages)
        for endpoint in endpoints {
            try await eventually("\(endpoint.name) to hear nothing") { try endpoint.loudness() < -50 }
        }
        for (point, page) in pages {
            try await eventually("\(point)'s page to hear nothing") { try await page.loudness() < -50 }
        }
        let listening = Task {
            try await withThrowingTaskGroup { group in
                for endpoint in endpoints {
                    group.addTask {
                        try await eventually("\(endpoint.name) to be told \(what)") {
                            try endpoint.loudness() > -38
                        }
                    }
                }
                for (point, page) in pages {
                    group.addTask {
                        try await eventually("\(point)'s page to be told \(what)") {
                            try await page.loudness() > -38
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        do { try await act() } catch {
            listening.cancel()
            throw error
        }
        try await listening.value
    }

    // MARK: From the opening to the end

    /// Whoever is invited waits; the chair's point opens by keys.
    func rollCall() async throws {
        try await sitting.order("excuse", "phongdien", "--reason", Self.absence)
        try await endpoint("vanphong").press("*000")
        try await sitting.until("all who are there to be in the hall with their sound and pictures") { control in
            control.isInSession
                && zip(control.roll, ConvenedSite.places).allSatisfy { line, place in
                    if case .empty = place.device { return line.presentSince == nil }
                    return line.place == "hall" && line.hasSound && line.hasPicture == (place.colour != .none)
                }
        }
        let control = try await sitting.control()
        #expect(control.roll.map(\.point) == ConvenedSite.places.map(\.id), "in the order of protocol")
        #expect(control.roll.map(\.isRequired) == ConvenedSite.places.map { $0.id != "quangdien" })
        #expect(control.roll.filter(\.wasMissingAtOpening).map(\.point) == ["phongdien"])
        #expect(control.roll.last?.excuse == Self.absence)
        #expect(control.roll.last?.callFailure == "not registered")
        #expect(control.roll.map(\.microphone) == ["open"] + Array(repeating: "muted", count: 7) + [nil])
        #expect(control.chair == "vanphong" && control.recording == "off")
        #expect(control.agenda.map(\.point) == ["soyte", "sotaichinh", nil])
        for page in pages.values {
            try await page.listen()
            try await page.waitForTone(ConvenedSite.chair.tone)
        }
    }

    func muteAll() async throws {
        try await sitting.order("unmute", "sotaichinh")
        try await sitting.order("unmute", "quangdien")
        try await sitting.expect(3, hears: [0, 2, 7], "hears three")
        try await sitting.order("mute-all")
        try await sitting.expect(3, hears: [0], "hears the chair alone")
        try await page("huongthuy").waitForTone(ConvenedSite.chair.tone)
    }

    /// Ordered, paused and resumed, each with its reason; all are told.
    func record() async throws {
        try await sitting.order("mute", "vanphong")
        try await everybodyIsTold("of the recording") {
            try await sitting.order("record start", "--reason", "ghi biên bản", "--document", "12/QĐ-VP")
        }
        try await sitting.until("the recording") { $0.recording == "running" }
        for page in pages.values { try await page.waitToSee("#recorded") }
        try await everybodyIsTold("of its pause") {
            try await sitting.order("record pause", "--reason", "giải lao")
        }
        #expect(try await sitting.control().recording == "paused")
        try await everybodyIsTold("that it goes on") {
            try await sitting.order("record resume", "--reason", "họp tiếp")
        }
        try await sitting.order("unmute", "vanphong")
        try await sitting.expect(1, hears: [0], "hears the chair again")
    }

    /// Hands by key and on a page; the word by the chair's keys, by the agenda, and on the chair's page.
    func speak() async throws {
        try await endpoint("aluoi").press("*5")
        try await sitting.until("the hand by key") { $0.queue.map(\.point) == ["aluoi"] }
        try await page("huongthuy").click("#tool-hand")
        try await sitting.until("the hand on the page") { $0.queue.map(\.point) == ["aluoi", "huongthuy"] }
        try await chair.waitUntil("both hands", "document.querySelectorAll('.queue li').length === 2")

        try await endpoint("vanphong").press("*002")
        try await sitting.until("the word of A Lưới") { $0.speech?.point == "aluoi" && $0.spotlight == "aluoi" }
        try await sitting.expect(3, hears: [0, 4], "hears the chair and who has the word")
        try await endpoint("vanphong").press("*003")
        try await sitting.until("its end") { $0.speech == nil }

        try await sitting.order("speak", "soyte")
        let control = try await sitting.control()
        #expect(control.speech?.limitSeconds == 60, "as the agenda plans")
        try await everybody(sees: "Sở Y tế", but: ["soyte"]) { $0.main == .blue }
        try await sitting.expect(3, hears: [0, 1], "hears the chair and Sở Y tế")
        // The page says whom it shows, though the chair is heard as well.
        try await page("quangdien").see("Sở Y tế", in: "#main-picture figcaption")
        try await page("quangdien").keepPicture("led-join-spotlight")
        // The time is over: that is written on all pictures.
        try await sitting.order("speak", "soyte", "--for", "2s")
        try await everybody(sees: "that the time is over", but: ["soyte"]) { Self.hasLine($0, on: .blue) }

        try await chair.pressButton("Mời phát biểu: Phường Hương Thủy")
        try await sitting.until("the word of the page") { $0.speech?.point == "huongthuy" && $0.queue.isEmpty }
        try await everybody(sees: "the page's camera", but: ["huongthuy"]) { $0.main == .green }
        try await sitting.expect(1, hears: [0, 6], "hears the chair and the page")
        try await chair.pressButton("Kết thúc lượt")
        try await sitting.until("nobody's word") { $0.speech == nil && $0.spotlight == nil }
        try await sitting.expect(1, hears: [0], "hears the chair alone")
    }

    /// All see all, in the order of protocol, and then one.
    func showGallery() async throws {
        let colours = ConvenedSite.places.dropLast().map(\.colour)
        try await sitting.order("layout", "gallery")
        try await everybody(sees: "all in the order of protocol", but: Set(pages.keys)) {
            $0.tiles(8, columns: 3) == colours
        }
        // Pages get the streams themselves, and show them in the same order.
        for (point, page) in pages {
            for (index, colour) in colours.enumerated() {
                let tile = "#gallery li:nth-child(\(index + 1)) video"
                guard colour != .none else {
                    try await page.waitUntil("no picture", "document.querySelector('\(tile)')?.hidden === true")
                    continue
                }
                try await page.waitUntil(
                    "a picture in \(tile)", within: .seconds(20),
                    "document.querySelector('\(tile)')?.hidden === false && document.querySelector('\(tile)').videoWidth > 0"
                )
                try await wait("\(point)'s page to see \(colour) in \(tile)") {
                    $0.main == colour
                } _: {
                    try await page.colours(tile)
                }
            }
        }
        try await page("quangdien").keepPicture("led-join-gallery")
        try await sitting.order("layout", "speaker")
        try await sitting.order("spotlight", "sotaichinh")
        try await everybody(sees: "Sở Tài chính", but: ["sotaichinh"]) { $0.main == .yellow }
        try await sitting.order("spotlight")
    }

    func meetAside() async throws {
        for point in ["namdong", "huongthuy"] { try await sitting.order("aside", point, "riêng") }
        try await sitting.expect(5, hears: [6], "hears the page in the side room alone")
        try await page("huongthuy").waitForTone(ConvenedSite.places[5].tone)
        try await sitting.expect(1, hears: [0], "hears nothing of the side room")
        for point in ["namdong", "huongthuy"] { try await sitting.order("recall", point) }
        try await sitting.expect(5, hears: [0], "is back, and hears the chair alone")
        try await page("huongthuy").waitForTone(ConvenedSite.chair.tone)
    }

    /// By keys of telephones and of the page; the result is written for all.
    func vote() async throws {
        try await chair.pressButton("Mở biểu quyết")
        try await chair.waitToSee("dialog[open]")
        try await chair.fill("dialog[open] .field:nth-of-type(1) input", Self.question)
        try await chair.click("dialog[open] button[type=submit]")
        try await sitting.until("the vote") { $0.vote?.question == Self.question }
        for (point, key) in [("soyte", "1"), ("sotaichinh", "1"), ("phuloc", "2"), ("soyte", "2")] {
            try await endpoint(point).press(key)
        }
        for (point, key) in [("huongthuy", "3"), ("quangdien", "1")] { try await press(key, on: try page(point)) }
        try await sitting.until("five ballots") { $0.vote?.cast == 5 }
        try await chair.see("Đã biểu quyết 5", in: ".lead-side")
        try await chair.keepPicture("led-chair-vote")
        try await chair.pressButton("Đóng biểu quyết")
        try await sitting.until("the result") { $0.vote == nil && !$0.votes.isEmpty }
        let result = try #require(try await sitting.control().votes.first)
        #expect((result.votesFor, result.votesAgainst, result.abstentions, result.notVoted) == (3, 1, 1, 3))
        for page in pages.values { try await page.see("Kết quả: tán thành 3, không tán thành 1", in: "#messages") }
    }

    private func press(_ key: String, on page: Page) async throws {
        if try await !page.isVisible("#open-keys") { try await page.click("#tool-points") }
        try await page.click("#open-keys")
        try await page.waitToSee("#keys-dialog")
        try await page.pressButton(key)
        try await page.click("#keys-dialog form button")
        try await page.click("#close-panel")
    }

    /// A point is killed while its microphone is open and its hand is up, and starts anew.
    mutating func callBack() async throws {
        let place = ConvenedSite.places[5]
        try await sitting.order("unmute", place.id)
        try await endpoint(place.id).press("*5")
        try await sitting.until("its hand") { $0.queue.map(\.point) == [place.id] }
        endpoint(place.id).process.signal(SIGKILL)
        try await sitting.until("it to be missed, and called") { control in
            control.roll[5].presentSince == nil && ["ringing", "waiting"].contains(control.roll[5].call)
        }
        sitting.endpoints[5] = try await convened.endpoint(place, place.colour)
        try await sitting.until("it to be called back", within: .seconds(60)) { control in
            let line = control.roll[5]
            return line.place == "hall" && line.microphone == "open" && line.reconnections == 1 && line.hasPicture
        }
        #expect(try await sitting.control().queue.map(\.point) == [place.id])
        try await sitting.expect(1, hears: [0, 5], "hears who came back with its microphone open")
        try await sitting.order("spotlight", place.id)
        try await everybody(sees: "who came back", but: [place.id]) { $0.main == place.colour }
    }

    /// While Xã Nam Đông is in the spotlight. The vote's result stands until the chair says something else, or nothing.
    func showMessage() async throws {
        let colour = ConvenedSite.places[5].colour
        try await everybody(sees: "the vote's result", but: ["namdong"]) { Self.hasLine($0, on: colour) }
        try await chair.pressButton("Gỡ kết quả biểu quyết")
        try await everybody(sees: "no line any more", but: ["namdong"]) { !Self.hasLine($0, on: colour) }
        try await sitting.order("message", Self.message)
        try await everybody(sees: "the message", but: ["namdong"]) { Self.hasLine($0, on: colour) }
        for page in pages.values { try await page.see(Self.message, in: "#messages") }
        try await page("quangdien").keepPicture("led-join-message")
    }

    func close() async throws {
        try await sitting.order("close")
        for endpoint in sitting.endpoints { try await endpoint.waitUntilHungUp() }
        for page in pages.values { try await page.waitToSee("#ended") }
        try await chair.see("Cuộc họp đã kết thúc", in: "main")
    }
}
