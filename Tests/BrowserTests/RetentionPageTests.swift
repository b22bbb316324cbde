import Archive
import BrowserDriver
import Foundation
import InteropSupport
import Synchronization
import Testing

/// The page of retention, on an archive with meetings of long ago.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct RetentionPageTests {
    private static let old = [
        "20040504-080000-giaoban-aaaa", "20041005-080000-giaoban-bbbb", "20041106-080000-giaoban-cccc",
    ]
    private static let new = "20260105-080000-giaoban-dddd"

    /// An archive as a daemon of those years left it.
    private static func archive(at root: String) async throws {
        let meetings = zip(old + [new], ["2004-05-04", "2004-10-05", "2004-11-06", "2026-01-05"])
        let clock = Mutex(Date())
        let archive = try Archive(root: root, now: { clock.withLock { $0 } })
        for (id, day) in meetings {
            let opened = try Date("\(day)T01:00:00Z", strategy: .iso8601)
            clock.withLock { $0 = opened }
            let meeting = try await archive.openMeeting(
                NewMeeting(
                    id: id, room: "giaoban", title: "Giao ban ngày \(day)", convener: "Chủ tịch UBND tỉnh",
                    document: "120/GM-UBND", openedAt: opened))
            _ = try await archive.writeRoll([
                RollEntry(
                    meeting: id, point: "soyte", at: opened, .joined(name: "Sở Y tế", unit: "Sở Y tế tỉnh Thừa Thiên")),
                RollEntry(meeting: id, point: "soyte", at: opened + 3600, .left(reason: nil)),
            ])
            try archive.append(
                [
                    EventRecord(at: opened, name: "joined", fields: ["point": "soyte", "name": "Sở Y tế"]),
                    EventRecord(at: opened + 3600, name: "left", fields: ["point": "soyte"]),
                ], to: meeting)
            try archive.add(Data("{}".utf8), as: "reports/report.json", to: meeting)
            try await archive.closeMeeting(id, at: opened + 3600)
            clock.withLock { $0 = opened + 7200 }
            try await archive.seal(id)
        }
        try archive.close()
    }

    private static func with(_ body: (JoinSite, String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("cw-\(UUID().uuidString.prefix(8))")
            .path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await archive(at: root)
        let second = root + "-2"
        try FileManager.default.createDirectory(atPath: second, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: second) }
        try await JoinSite.with({
            $0.archive = root
            $0.archiveKeys = ", retention: {class: 20N}, secondLocation: {path: \(second)}"
        }) { site in try await body(site, second) }
    }

    /// Waits until the second location has the payload of these meetings and of no others.
    private static func copied(_ meetings: Set<String>, in second: String) async throws {
        let wanted = Set(meetings.map { String($0.suffix(4)) })
        try await eventually("the copies of \(meetings.count) meetings", within: .seconds(30)) {
            let paths = FileManager.default.enumerator(atPath: second)?.compactMap { $0 as? String } ?? []
            let there = paths.filter { $0.hasSuffix("/data/reports/report.json") }.compactMap { path in
                path.split(separator: "/").dropFirst(2).first.map { String($0.suffix(4)) }
            }
            return Set(there) == wanted
        }
    }

    /// The meetings that a search finds.
    private static func found(_ text: String, _ page: Page) async throws -> Set<String> {
        Set(
            try await page.evaluate(
                "fetch('/api/v1/search?q=' + encodeURIComponent('\(text)')).then((answer) => answer.json()).then((answer) => answer.meetings.map((each) => each.id))",
                as: [String].self))
    }

    private static func look(_ page: Page, _ name: String) async throws {
        #expect(try await LedMeeting.broken(on: page) == [], "\(name)")
        #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"), "\(name)")
        try await page.keepPicture("retention-\(name)")
    }

    private static func press(_ selector: String, _ words: String, _ page: Page) async throws {
        try await page.waitUntil(
            "the button \(words)",
            "[...document.querySelectorAll('\(selector) button')].some((each) => each.textContent.startsWith('\(words)'))"
        )
        _ = try await page.evaluate(
            "([...document.querySelectorAll('\(selector) button')].find((each) => each.textContent.startsWith('\(words)')).click(), true)",
            as: Bool.self)
    }

    private static func closed(_ page: Page) async throws {
        try await page.waitUntil("the dialog to close", "!document.querySelector('dialog[open]:not(#lock)')")
    }

    @Test(arguments: [(1_440, 900), (390, 844)])
    func twoPersonsDestroyWhatIsDueAndItsCertificateIsThere(width: Int, height: Int) async throws {
        try await Self.with { site, second in
            try await Self.copied(Set(Self.old + [Self.new]), in: second)
            let lan = try await PortalVisit.begin(
                site, "lan", roles: ["archivist"], width: width, height: height, axe: true)
            let page = lan.page
            try await lan.go("retention", toSee: "#view-retention table")
            for id in Self.old { try await page.see(id, in: "#view-retention table") }
            #expect(try await !page.text("#view-retention table").contains(Self.new))
            #expect(try await page.isTrue("document.querySelector('#propose').disabled"))
            try await Self.look(page, "due-\(width)")

            try await page.waitUntil(
                "the index", within: .seconds(30),
                "fetch('/api/v1/search?q=giao').then((answer) => answer.json()).then((answer) => !answer.isIndexing)")
            let all = Set(Self.old + [Self.new])
            let (byTitle, byUnit) = (try await Self.found("giao ban", page), try await Self.found("Thừa Thiên", page))
            #expect(byTitle == all && byUnit == all)

            // A hold on one of them.
            try await lan.go("retention/record/\(Self.old[2])", toSee: "#hold")
            try await page.click("#hold")
            try await page.fill(#"dialog [name="reason"]"#, "Thanh tra tỉnh đang xem xét")
            try await page.fill(#"dialog [name="document"]"#, "45/TTr ngày 02/11/2026")
            try await page.click(#"dialog button[type="submit"]"#)
            try await Self.closed(page)
            try await page.see("Thanh tra tỉnh đang xem xét", in: "#view-retention table")
            try await Self.press("#view-retention", "Ghi đã nộp", page)
            try await page.fill(#"dialog [name="document"]"#, "12/BBGN ngày 04/05/2005")
            try await page.click(#"dialog button[type="submit"]"#)
            try await Self.closed(page)
            try await page.see("12/BBGN", in: "#view-retention")
            try await Self.look(page, "record-\(width)")
            try await lan.go("retention/held", toSee: "#view-retention table")
            #expect(try await page.text("#view-retention table").contains(Self.old[2]))
            try await lan.go("retention/clocks", toSee: "#view-retention table")
            try await page.see("quá hạn", in: "#view-retention table")
            try await Self.look(page, "clocks-\(width)")

            // The first person proposes, and cannot review.
            try await lan.go("retention/due", toSee: "#propose")
            try await page.waitUntil("the list", "document.querySelectorAll('tbody input').length === 3")
            #expect(try await page.isTrue("document.querySelector('input[value=\"\(Self.old[2])\"]').disabled"))
            for id in Self.old.prefix(2) { try await page.click("input[value=\"\(id)\"]") }
            try await page.click("#propose")
            try await page.waitToSee(#"dialog [name="reason"]"#)
            try await page.fill(#"dialog [name="reason"]"#, "Hết thời hạn lưu trữ")
            try await Self.look(page, "propose-\(width)")
            try await page.click(#"dialog button[type="submit"]"#)
            try await Self.closed(page)
            try await page.see("Chờ thẩm tra", in: "#view-retention")
            try await page.pressButton("Thẩm tra: 1")
            try await page.waitToSee(#"dialog [name="verdict"]"#)
            try await lan.choose(#"dialog [name="verdict"]"#, "approve")
            try await page.fill(#"dialog [name="text"]"#, "QĐ 15/QĐ-VP ngày 05/01/2027")
            try await page.click(#"dialog button[type="submit"]"#)
            try await page.see("Người đề nghị hủy không được tự thẩm tra", in: "dialog .problem")

            // Another person does.
            let minh = try await PortalVisit.begin(
                site, "minh", name: "Trần Quang Minh", roles: ["archivist"], width: width, height: height, axe: true)
            try await minh.go("retention/proposals", toSee: "#proposal-1")
            try await minh.page.see("Giao ban ngày 2004-05-04", in: "#view-retention")
            try await minh.page.pressButton("Thẩm tra: 1")
            try await minh.page.waitToSee(#"dialog [name="verdict"]"#)
            try await minh.choose(#"dialog [name="verdict"]"#, "approve")
            try await minh.page.fill(#"dialog [name="text"]"#, "QĐ 15/QĐ-VP ngày 05/01/2027")
            try await Self.look(minh.page, "review-\(width)")
            try await minh.page.click(#"dialog button[type="submit"]"#)
            try await Self.closed(minh.page)
            try await minh.page.see("QĐ 15/QĐ-VP", in: "#view-retention")
            try await minh.page.waitToSee(#"#view-retention a[href$="/destruction/certificate.txt"]"#)
            try await Self.look(minh.page, "destroyed-\(width)")
            let certificate = try await minh.page.evaluate(
                "fetch(document.querySelector('a[href$=\"/\(Self.old[0])/destruction/certificate.txt\"]').href).then((answer) => answer.text())",
                as: String.self)
            #expect(certificate.contains("GIẤY CHỨNG NHẬN HỦY TÀI LIỆU") && certificate.contains(Self.old[0]))
            try await minh.go("retention/record/\(Self.old[0])", toSee: "#certificate")
            try await minh.page.waitToSee(#"a[href$="/destruction/certificate.sig"]"#)
            try await Self.look(minh.page, "certificate-\(width)")
            try await minh.choose("#language", "en")
            try await minh.page.see("Certificate of destruction", in: "#view-retention")
            try await Self.look(minh.page, "certificate-\(width)-en")
            try await minh.go("retention/due", toSee: "#propose")
            try await minh.page.see("On hold (1)", in: "#view-retention table")
            #expect(try await !minh.page.text("#view-retention table").contains(Self.old[0]))
            // What was in the destroyed ones is found no more; that they were is what their certificates say.
            let kept = Set([Self.old[2], Self.new])
            try await minh.page.waitUntil(
                "search to forget",
                "fetch('/api/v1/search?q=' + encodeURIComponent('Thừa Thiên')).then((answer) => answer.json()).then((answer) => answer.meetings.length === 2)"
            )
            let (left, titles) = (
                try await Self.found("Thừa Thiên", minh.page), try await Self.found("giao ban", minh.page)
            )
            #expect(left == kept && titles == all)
            try await Self.copied(kept, in: second)
        }
    }
}
