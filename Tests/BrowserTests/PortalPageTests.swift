import BrowserDriver
import Foundation
import InteropSupport
import Office
import PortalAPI
import Testing

/// Somebody at the portal's page.
struct PortalVisit {
    static let password = "cầu truyền hình 26"
    let site: JoinSite
    let page: Page

    /// Signed in by a link that the command line printed.
    static func begin(
        _ site: JoinSite, _ person: String = "quantri", name: String = "Nguyễn Thị Lan",
        roles: [String] = ["administrator", "convener", "technician", "chair"],
        width: Int = 1280, height: Int = 900, axe: Bool = false
    ) async throws -> PortalVisit {
        let answer = try await site.daemon.causeway(
            ["people", "add", person, "--name", name, "--position", "Chuyên viên", "--json", "--roles"]
                + roles)
        let issued = try PortalJSON.decode(RegisterAnswer.self, from: Data(answer.output.utf8))
        guard let link = issued.links.first else { throw ToolFailure("no link: \(answer.output)") }
        let page = try await site.browser.page(width: width, height: height)
        if axe, let script = Axe.script { try await page.prepare(script) }
        try await page.open("\(site.base)/#/start/\(link.token)")
        try await page.waitToSee("#start")
        try await page.fill(#"#start [name="password"]"#, password)
        try await page.fill(#"#start [name="again"]"#, password)
        try await page.click(#"#start button[type="submit"]"#)
        try await page.waitToSee("#view-home h1")
        return PortalVisit(site: site, page: page)
    }

    func go(_ route: String, toSee selector: String) async throws {
        _ = try await page.evaluate("(location.hash = '#/\(route)', true)", as: Bool.self)
        try await page.waitToSee(selector)
    }

    func choose(_ selector: String, _ value: String) async throws {
        _ = try await page.evaluate(
            """
            (() => { const e = document.querySelector('\(selector)'); e.value = '\(value)';
              e.dispatchEvent(new Event('change', { bubbles: true })); return true; })()
            """, as: Bool.self)
    }

    /// Gives a file to an input, as if it had been chosen.
    func attach(_ selector: String, _ name: String, _ text: String) async throws {
        let content = Data(text.utf8).base64EncodedString()
        _ = try await page.evaluate(
            """
            (() => { const bytes = Uint8Array.from(atob('\(content)'), (c) => c.charCodeAt(0));
              const files = new DataTransfer(); files.items.add(new File([bytes], '\(name)'));
              const e = document.querySelector('\(selector)'); e.files = files.files;
              e.dispatchEvent(new Event('change')); return true; })()
            """, as: Bool.self)
    }

    /// Fills in the form of a meeting to which all points are invited.
    func fillMeeting(_ title: String, minutesFromNow: Int = 120) async throws {
        try await go("schedule/new", toSee: ".meeting-form")
        for (name, text) in [
            ("title", title), ("convener", "Chủ tịch UBND tỉnh"), ("number", "120/GM-UBND"),
            ("field", "điều hành chung"),
            ("chair", "Nguyễn Văn A"),
        ] { try await page.fill(#".meeting-form [name="\#(name)"]"#, text) }
        let at = Date(timeIntervalSinceNow: Double(minutesFromNow) * 60 + 7 * 3600).formatted(.iso8601)
        try await choose(#"[name="date"]"#, "2026-01-20")
        try await choose(#"[name="day"]"#, String(at.prefix(10)))
        try await choose(#"[name="clock"]"#, String(at.dropFirst(11).prefix(5)))
        try await choose(#"[name="room"]"#, "giaoban")
        try await page.click("#invite-all")
    }
}

@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct PortalPageTests {
    @Test func anAdministratorComesByALinkManagesTheRegisterAndSignsInAgain() async throws {
        try await JoinSite.with { site in
            let visit = try await PortalVisit.begin(site)
            let page = visit.page
            try await visit.go("units", toSee: "#add")
            try await page.click("#add")
            try await page.fill(#"dialog [name="id"]"#, "sotuphap")
            try await page.fill(#"dialog [name="name"]"#, "Sở Tư pháp")
            try await page.click(#"dialog button[type="submit"]"#)
            try await page.waitUntil("the unit", "document.querySelector('#list')?.innerText.includes('Sở Tư pháp')")
            // Found without its marks.
            try await page.fill(#"input[type="search"]"#, "so tu phap")
            try await page.waitUntil("only it", "document.querySelectorAll('#list tbody tr').length === 1")

            // A file with a wrong line is told line by line, and nothing of it taken.
            try await page.click("#import")
            try await visit.attach(#"dialog input[type="file"]"#, "donvi.csv", "Mã;Tên\nsotc;Sở Tài chính\nSAI;Sai\n")
            try await page.waitUntil("the fault", "document.querySelector('.faults')?.innerText.includes('Dòng 3')")
            try await visit.attach(#"dialog input[type="file"]"#, "donvi.csv", "Mã;Tên\nsotc;Sở Tài chính\n")
            try await page.waitToSee(".report .tag.good")
            try await page.click(#"dialog button[type="submit"]"#)
            // Nothing below an open dialog can be written in.
            try await page.waitUntil("the dialog to close", "!document.querySelector('dialog[open]')")
            try await page.fill(#"input[type="search"]"#, "so tai chinh")
            try await page.waitUntil(
                "the import", "document.querySelector('#list')?.innerText.includes('Sở Tài chính')")

            try await visit.go("points", toSee: "#add")
            try await page.click("#add")
            try await page.fill(#"dialog [name="id"]"#, "tuphap")
            try await page.fill(#"dialog [name="name"]"#, "Điểm cầu Sở Tư pháp")
            try await page.click(#"dialog button[type="submit"]"#)
            try await page.waitToSee(".secret code")
            let password = try await page.text(".secret code")
            #expect(password.split(separator: "-").count == 4, "\(password)")
            // The daemon knows the account at once, and nobody had to call again.
            #expect(try await site.daemon.status().bridge.pointsConfigured == JoinSite.points.count + 1)
            #expect(page.complaints == [])

            try await page.click("dialog .button.main")
            try await page.click("#sign-out")
            try await page.waitToSee("#sign-in")
            try await page.fill(#"#sign-in [name="username"]"#, "quantri")
            try await page.fill(#"#sign-in [name="password"]"#, "không phải")
            try await page.press(.enter)
            try await page.waitUntil(
                "the refusal", "document.querySelector('.problem')?.innerText.includes('không đúng')")
            try await page.fill(#"#sign-in [name="password"]"#, PortalVisit.password)
            try await page.press(.enter)
            try await page.waitToSee("#navigation")
        }
    }

    @Test func aLockedScreenOpensByThePasswordAndLosesNothing() async throws {
        try await JoinSite.with { site in
            let visit = try await PortalVisit.begin(site)
            let page = visit.page
            try await visit.go("units", toSee: "#add")
            try await page.click("#add")
            try await page.fill(#"dialog [name="id"]"#, "sotuphap")
            try await page.fill(#"dialog [name="name"]"#, "Sở Tư pháp")
            let locked = """
                import('/assets/portal/api.js').then(({ api }) => api.post('session/lock')).then(() => true)
                """
            _ = try await page.evaluate(locked, as: Bool.self)
            try await page.click(#"dialog:not(#lock) button[type="submit"]"#)
            try await page.waitToSee("#lock form")
            try await page.fill(#"#lock [name="password"]"#, PortalVisit.password)
            try await page.press(.enter)
            try await page.waitUntil("the lock to open", "!document.getElementById('lock').open")
            #expect(
                try await page.evaluate(
                    #"document.querySelector('dialog [name="name"]')?.value ?? ''"#, as: String.self) == "Sở Tư pháp")
            try await page.click(#"dialog:not(#lock) button[type="submit"]"#)
            try await page.waitUntil("the unit", "document.querySelector('#list')?.innerText.includes('Sở Tư pháp')")
        }
    }

    @Test func aMeetingIsCalledTogetherAndItsGateTurnsGreen() async throws {
        try await JoinSite.with { site in
            let visit = try await PortalVisit.begin(site)
            let page = visit.page
            try await visit.fillMeeting("Giao ban tháng 12", minutesFromNow: 20)
            try await page.waitToSee("#verdict .tag.good")
            try await page.click(#".meeting-form button[type="submit"]"#)
            try await page.waitToSee(".gate-verdict.is-red")
            // Its rehearsal began ten minutes ago, so the conference knows of it.
            try await eventually("the conference to hear of it", within: .seconds(15)) {
                site.daemon.log.contains("rehearsal and meeting in room giaoban may begin")
            }
            let items = try await site.daemon.causeway(["schedule", "list", "--json"])
            let sitting = try #require(
                try PortalJSON.decode([ScheduleItem].self, from: Data(items.output.utf8)).first?.sitting.id)
            for point in ["phuloc", "soyte"] {
                for check in RehearsalCheck.allCases {
                    _ = try await site.daemon.causeway(["schedule", "check", sitting, point, check.rawValue])
                }
            }
            // Others' results come by themselves.
            try await page.waitUntil(
                "two points to have passed", "document.querySelectorAll('#gate td .tag.good').length === 2")
            #expect(try await page.isVisible(".gate-verdict.is-red"))
            // Who entered each result is written in its cell.
            let origins = try await page.evaluate(
                "[...document.querySelectorAll('#gate .origin')].map((each) => each.innerText)", as: [String].self)
            #expect(origins.count == 8 && origins.allSatisfy { $0.contains("ghi tay") && $0.contains("20") })
            _ = try await page.evaluate(
                "([...document.querySelectorAll('#gate .button')].find((b) => b.innerText === 'Chấp nhận').click(), true)",
                as: Bool.self)
            try await page.fill(#"dialog [name="reason"]"#, "Dự bằng điện thoại")
            try await page.click(#"dialog button[type="submit"]"#)
            try await page.waitToSee(".gate-verdict.is-green")

            try await visit.attach("#paper", "Báo cáo.pdf", "%PDF-1.7")
            try await page.waitUntil(
                "the paper", "document.querySelector('.papers')?.innerText.includes('Báo cáo.pdf')")
            try await page.waitToSee(".gate-verdict.is-green")

            try await page.click("#invitation")
            try await page.waitUntil("the letter", "document.querySelector('#letter')?.innerText.includes('GIẤY MỜI')")
            try await page.press(.escape)

            // The same room at the same time: shown while it is written, and refused.
            try await visit.fillMeeting("Cuộc họp khác", minutesFromNow: 30)
            try await page.waitToSee("#verdict .is-refused")
            #expect(page.complaints == [])
            try await page.click(#".meeting-form button[type="submit"]"#)
            try await page.waitUntil(
                "the refusal", "document.querySelector('.sticky-bar .problem')?.innerText.includes('Giao ban tháng 12')"
            )
        }
    }

    /// Each view at three sizes; pictures go to the folder that `CAUSEWAY_SCREENSHOTS` names.
    @Test(
        .enabled(if: Axe.script != nil, "axe-core is not installed"), arguments: [(390, 844), (820, 1180), (1440, 900)])
    func everyViewKeepsTheRules(width: Int, height: Int) async throws {
        try await JoinSite.with { site in
            for (id, name) in [("vpubnd", "Văn phòng Ủy ban nhân dân tỉnh"), ("soyt", "Sở Y tế")] {
                _ = try await site.daemon.causeway(["units", "add", id, "--name", name, "--level", "province"])
            }
            _ = try await site.daemon.causeway([
                "points", "add", "hoitruong", "--name", "Hội trường Văn phòng UBND tỉnh", "--unit", "vpubnd",
                "--officer",
                "Trần Văn Bình", "--telephone", "0234 3822 000", "--devices", "room-system", "tablet",
            ])
            let visit = try await PortalVisit.begin(site, width: width, height: height)
            let page = visit.page
            try await visit.fillMeeting(
                "Giao ban trực tuyến với các xã, phường về phòng chống thiên tai", minutesFromNow: 20)
            try await page.waitToSee("#verdict .tag.good")
            try await look(page, "schedule-form", width)
            try await page.click(#".meeting-form button[type="submit"]"#)
            try await page.waitToSee("#gate table")
            try await look(page, "meeting", width)
            try await visit.go("schedule/new", toSee: ".meeting-form")
            #expect(try await page.isVisible(".audience") == false)
            try await visit.choose(#"[name="level"]"#, "secret")
            try await page.waitToSee(".audience input")
            _ = try await page.evaluate("(document.querySelector('.audience').scrollIntoView(), true)", as: Bool.self)
            try await look(page, "secret-form", width)
            try await visit.fillMeeting("Họp khẩn", minutesFromNow: 40)
            try await page.waitToSee("#verdict .is-refused")
            try await look(page, "clash", width)
            for (route, selector) in [
                ("home", "#view-home .cards"), ("schedule", "#view-schedule .sittings"), ("units", "#view-units table"),
                ("points", "#view-points table"), ("rooms", "#view-rooms table"), ("people", "#view-people table"),
                ("journal", "#view-journal table"), ("guides", "#view-guides .guide-tools"),
                ("lines", "#view-lines .heading"), ("review", "#view-review #figures table"),
            ] {
                try await visit.go(route, toSee: selector)
                try await look(page, route == "lines" ? "lines-none" : route, width)
            }
            try await visit.go("rooms", toSee: "#add")
            try await page.click("#add")
            try await look(page, "room-form", width)
            try await page.press(.escape)
            try await page.waitUntil("the dialog to close", "!document.querySelector('dialog[open]')")
            for route in ["guides", "rooms"] {
                try await visit.choose("#language", "en")
                try await visit.go(route, toSee: "#view-\(route) h1")
                try await look(page, "\(route)-en", width)
            }
            try await visit.choose("#language", "vi")
            try await visit.go("points", toSee: "#add")
            try await page.click("#add")
            try await look(page, "point-form", width)
            try await page.press(.escape)
            #expect(page.complaints == [])
            try await page.waitUntil("the dialog to close", "!document.querySelector('dialog[open]')")
            _ = try await page.evaluate("(document.getElementById('sign-out').click(), true)", as: Bool.self)
            try await page.waitToSee("#sign-in")
            try await look(page, "sign-in", width)
        }
    }

    /// Rooms have all that rooms of the file have; a PIN is written and never shown.
    @Test func aRoomIsMadeWithItsChairAndItsPIN() async throws {
        try await JoinSite.with { site in
            let visit = try await PortalVisit.begin(site)
            let page = visit.page
            try await visit.go("rooms", toSee: "#add")
            try await page.click("#add")
            try await page.fill(#"dialog [name="id"]"#, "hop2")
            try await page.fill(#"dialog [name="title"]"#, "Phòng họp 2")
            try await visit.choose(#"dialog [name="microphones"]"#, "open")
            try await visit.choose(#"dialog [name="chair"]"#, "soyte")
            try await page.fill(#"dialog [name="pin"]"#, "12")
            try await page.click(#"dialog button[type="submit"]"#)
            try await page.waitUntil(
                "the refusal", "document.querySelector('dialog .problem')?.innerText.includes('4 đến 16 chữ số')")
            // The room is there by then, and what is left is its PIN.
            try await page.fill(#"dialog [name="pin"]"#, "135791")
            try await page.click(#"dialog button[type="submit"]"#)
            try await page.waitUntil("the room", "document.querySelector('#list')?.innerText.includes('Phòng họp 2')")
            try await page.waitUntil("its PIN", "document.querySelector('#list')?.innerText.includes('có PIN')")
            #expect(try await page.isTrue("!document.body.innerHTML.includes('135791')"))
            let listed = try await site.daemon.causeway(["rooms", "--json"])
            let room = try #require(
                try PortalJSON.decode([Listed<RoomEntry>].self, from: Data(listed.output.utf8))
                    .first { $0.entry.id == "hop2" })
            #expect(room.hasPIN == true && room.entry.chair == "soyte" && room.entry.opensMicrophones == true)
            #expect(!listed.output.contains("135791") && !site.daemon.log.contains("135791"))
        }
    }

    private func look(_ page: Page, _ name: String, _ width: Int) async throws {
        if try await page.isTrue("typeof axe === 'undefined'") {
            // The page's policy lets no script in but its own; the test's way in is not the page's.
            _ = try await page.command("Runtime.evaluate", ["expression": Axe.script ?? ""])
        }
        let broken = try await Axe.violations(page)
        #expect(broken == [], "\(name) at \(width): \(broken)")
        // WCAG 2.2, 1.4.10: nothing is cut off at the side.
        #expect(
            try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"),
            "\(name) at \(width) is too wide")
        try await page.keepPicture("\(name)-\(width)")
    }
}
