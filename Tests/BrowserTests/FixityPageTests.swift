import Archive
import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// The page with what looking after the packages came to, on an archive of which a disk spoilt something.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct FixityPageTests {
    private static let spoilt = "20060104-080000-giaoban-eeee"
    private static let lost = "20060105-080000-giaoban-ffff"

    /// An archive as a daemon of those years left it, whole in its second location, with damage since.
    private static func archive(at root: String, second: String) async throws {
        let opened = try Date("2006-01-04T01:00:00Z", strategy: .iso8601)
        let archive = try Archive(root: root, now: { opened + 7200 })
        for (id, title) in [(spoilt, "Giao ban đầu năm"), (lost, "Họp phòng chống lụt bão")] {
            let meeting = try await archive.openMeeting(
                NewMeeting(id: id, room: "giaoban", title: title, openedAt: opened))
            try archive.add(Data("{}".utf8), as: "reports/report.json", to: meeting)
            try archive.add(Data("tờ trình".utf8), as: "papers/001-to-trinh.txt", to: meeting)
            try await archive.closeMeeting(id, at: opened + 3600)
            let sealed = try await archive.seal(id)
            let copy = second + "/" + sealed.package
            try FileManager.default.createDirectory(
                atPath: (copy as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: archive.paths(of: sealed).directory, toPath: copy)
            let directories = [archive.paths(of: sealed).directory] + (id == lost ? [copy] : [])
            for directory in directories {
                let paper = directory + "/data/papers/001-to-trinh.txt"
                chmod(paper, 0o640)
                try Data("tờ khác".utf8).write(to: URL(fileURLWithPath: paper))
            }
        }
        try archive.close()
    }

    @Test(arguments: [(1_440, 900), (390, 844)])
    func theArchivistSeesWhatWasDamagedAndWhatBecameOfIt(width: Int, height: Int) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/cw-\(UUID().uuidString.prefix(8))"
        let second = root + "-2"
        try FileManager.default.createDirectory(atPath: second, withIntermediateDirectories: true)
        defer { for path in [root, second] { try? FileManager.default.removeItem(atPath: path) } }
        try await Self.archive(at: root, second: second)
        try await JoinSite.with({
            $0.archive = root
            $0.archiveKeys = ", secondLocation: {path: \(second)}"
        }) { site in
            let lan = try await PortalVisit.begin(
                site, "lan", roles: ["archivist"], width: width, height: height, axe: true)
            let page = lan.page
            try await page.waitUntil(
                "the run to be over", within: .seconds(30),
                "fetch('/api/v1/fixity').then((answer) => answer.json()).then((answer) => !!answer.reports[0]?.endedAt)"
            )
            try await lan.go("archive", toSee: #"#view-archive a[href$="archive/fixity"]"#)
            try await page.click(#"#view-archive a[href$="archive/fixity"]"#)
            try await page.see("1 gói còn hỏng", in: "#view-archive table")
            try await Self.look(page, "list-\(width)")
            try await page.click("#view-archive table a")
            for words in [
                "Giao ban đầu năm", "Họp phòng chống lụt bão", "Đã nguyên vẹn trở lại", "Còn hỏng",
                "Đã khôi phục từ \(second)", "data/papers/001-to-trinh.txt: đã bị đổi",
            ] { try await page.see(words, in: "#view-archive") }
            try await Self.look(page, "report-\(width)")
        }
    }

    private static func look(_ page: Page, _ name: String) async throws {
        #expect(try await LedMeeting.broken(on: page) == [], "\(name)")
        #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"), "\(name)")
        try await page.keepPicture("fixity-\(name)")
    }
}
