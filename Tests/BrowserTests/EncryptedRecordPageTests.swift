import Archive
import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// The page of a restricted recording: that it is encrypted, and what is left of it to be seen while its key is away.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct EncryptedRecordPageTests {
    private static let id = "20260105-080000-giaoban-kinn"
    private static let key = Data((1...32).map { UInt8($0) })

    /// An archive with one restricted meeting, sealed with the key.
    private static func archive(at root: String) async throws {
        let opened = try Date("2026-01-05T01:00:00Z", strategy: .iso8601)
        let archive = try Archive(root: root, encryption: EncryptionSettings(.required, key: key))
        let meeting = try await archive.openMeeting(
            NewMeeting(
                id: id, room: "giaoban", title: "Họp hẹp về nhân sự", convener: "Chủ tịch UBND tỉnh",
                document: "9/GM-UBND", sitting: "m.1", confidentiality: "restricted", openedAt: opened))
        try archive.append(
            [
                EventRecord(at: opened, name: "joined", fields: ["point": "soyte", "name": "Sở Y tế"]),
                EventRecord(at: opened + 60, name: "left", fields: ["point": "soyte"]),
            ], to: meeting)
        try archive.add(Data("{\"parts\": []}".utf8), as: "waveform.json", to: meeting)
        try await archive.closeMeeting(id, at: opened + 60, durationMilliseconds: 60_000)
        try await archive.seal(id)
        try archive.close()
    }

    private static func with(key: Data?, _ body: (JoinSite) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/cw-\(UUID().uuidString.prefix(8))"
        let credentials = root + "-credentials"
        defer { for path in [root, credentials] { try? FileManager.default.removeItem(atPath: path) } }
        try await archive(at: root)
        try FileManager.default.createDirectory(atPath: credentials, withIntermediateDirectories: true)
        try key?.write(to: URL(fileURLWithPath: credentials + "/archive-kek"))
        try await JoinSite.with({
            $0.archive = root
            $0.environment = ["CREDENTIALS_DIRECTORY": credentials]
        }) { site in try await body(site) }
    }

    private static func open(_ page: Page) async throws {
        _ = try await page.evaluate("(location.hash = '#/archive/\(id)', true)", as: Bool.self)
        try await page.waitUntil(
            "its card of the seal",
            "document.querySelector('.record-cards')?.textContent.includes('Được mã hóa khi lưu')")
    }

    /// Those that are listed, most of them in a part that is folded.
    private static func files(_ page: Page) async throws -> String {
        try await page.evaluate("document.querySelector('.record-cards').textContent", as: String.self)
    }

    private static func verify(_ page: Page) async throws {
        try await page.pressButton("Kiểm tra ngay")
        try await page.waitUntil("the verdict", "document.querySelector('.record-cards .tag.good') !== null")
        #expect(try await LedMeeting.broken(on: page) == [])
    }

    @Test func withItsKeyItsFilesAreListedAndGiven() async throws {
        try await Self.with(key: Self.key) { site in
            let page = try await LedMeeting.signedIn(site, "archivist", 1_440, 900)
            try await Self.open(page)
            let text = try await Self.files(page)
            #expect(text.contains("waveform.json") && !text.contains(".sealed"), "\(text)")
            let given = try await page.evaluate(
                "fetch('/api/v1/recordings/\(Self.id)/files/waveform.json').then((answer) => answer.text())",
                as: String.self)
            #expect(given == "{\"parts\": []}")
            try await Self.verify(page)
            try await page.keepPicture("archive-encrypted-1440")
            #expect(page.complaints == [])
        }
    }

    @Test func withoutItTheRestIsShownAndVerified() async throws {
        try await Self.with(key: nil) { site in
            let page = try await LedMeeting.signedIn(site, "archivist", 390, 844)
            try await Self.open(page)
            #expect(try await page.text("main .notice").contains("hiện không có khóa để đọc"))
            let text = try await Self.files(page)
            #expect(!text.contains("waveform.json") && !text.contains(".sealed"), "\(text)")
            try await Self.verify(page)
            #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
            try await page.keepPicture("archive-encrypted-locked-390")
        }
    }
}
