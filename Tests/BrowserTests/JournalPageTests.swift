import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// The portal's journal with entries of many kinds, and the first page that says how the system is.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct JournalPageTests {
    @Test func whatWasDoneIsSaidInTheReadersLanguage() async throws {
        try await JoinSite.with { site in
            let visit = try await PortalVisit.begin(site)
            let page = visit.page
            try await page.waitUntil(
                "all is well", "document.querySelector('#state').innerText.includes('Mọi thứ bình thường.')")
            for command in [
                ["units", "add", "sonoivu", "--name", "Sở Nội vụ"],
                ["units", "set", "sonoivu", "--name", "Sở Nội vụ tỉnh"],
                ["units", "remove", "sonoivu"],
                ["points", "add", "langco", "--name", "Xã Chân Mây – Lăng Cô", "--unit", "tinh"],
                ["points", "password", "langco"],
                ["people", "add", "minh", "--name", "Lê Minh", "--roles", "auditor"], ["people", "link", "minh"],
                ["tokens", "add", "giamsat", "--role", "technician", "--scopes", "status:read", "--days", "30"],
                ["drain", "--no-wait"], ["drain", "--cancel"], ["audit", "export", "-o", "FOLDER/audit.jsonl"],
                ["trace", "--pcapng", "FOLDER/sip.pcapng"], ["recordings", "fixity", "--due"],
                ["retention", "carry-out"],
            ] {
                let arguments = command.map { $0.replacingOccurrences(of: "FOLDER", with: site.daemon.folder) }
                let answer = try await site.daemon.causeway(arguments)
                #expect(answer.status == 0, "\(command): \(answer.output)")
            }
            let deeds =
                "[...document.querySelectorAll('#view-journal tbody tr td:nth-child(3)')].map((each) => each.innerText)"
            try await visit.go("journal", toSee: "#view-journal table")
            let vietnamese = try await page.evaluate(deeds, as: [String].self)
            #expect(vietnamese.count >= 11)
            // No word of Vietnamese that is used for them has no mark.
            for deed in vietnamese { #expect(deed.contains { !$0.isASCII }, "\(deed)") }
            for deed in [
                "thêm đơn vị", "sửa đơn vị", "bỏ đơn vị", "đặt mật khẩu mới cho điểm cầu", "cấp liên kết đặt mật khẩu",
                "tạo mã truy cập", "thôi mở cuộc họp mới", "tải nhật ký", "xem diễn biến cuộc gọi",
                "kiểm tra các gói đến hạn", "thực hiện việc hủy đã duyệt",
            ] {
                #expect(vietnamese.contains(deed), "\(deed): \(vietnamese)")
            }
            try await page.keepPicture("journal-entries")
            try await visit.choose("#language", "en")
            try await page.waitUntil("the other language", "\(deeds).includes('added a unit')")
            #expect(try await page.evaluate(deeds, as: [String].self).contains("lets meetings begin again"))
            #expect(page.complaints == [])
        }
    }
}
