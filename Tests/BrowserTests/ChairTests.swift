import BrowserDriver
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// The chair's page in real Chromium, over a real daemon with real points.
@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(if: LedMeeting.isPossible, "baresip, sox or ffmpeg is missing"))
struct ChairTests {
    @Test func theChairLeadsAMeetingFromItsPage() async throws {
        try await LedMeeting.with { site, page, endpoints, meeting in
            try await page.click("#navigation a[data-name=meetings]")
            try await page.waitToSee("#view-meetings .card a")
            try await page.click("#view-meetings .card a")
            try await page.waitUntil("the roll", "document.querySelectorAll('.roll tbody tr').length === 4")
            let order = try await page.evaluate(
                "[...document.querySelectorAll('.roll tbody tr')].map((row) => row.dataset.point)", as: [String].self)
            #expect(order == LedMeeting.points.map(\.id))
            #expect(try await page.text(".roll tr[data-point=aluoi]").contains("VẮNG"))
            try await page.see("tiếng: có", in: ".roll tr[data-point=soyte]")
            #expect(try await LedMeeting.broken(on: page) == [])

            // A hand by key, and the word by one tap.
            try await endpoints[1].press("*5")
            try await page.waitToSee(".queue li")
            try await page.keepPicture("chair-queue")
            try await page.pressButton("Mời phát biểu: Sở Y tế")
            try await page.waitToSee(".speaker")
            #expect(try await page.text(".speaker").contains("Sở Y tế"))
            var control = try await site.daemon.control(of: meeting)
            #expect(control.speech?.point == "soyte" && control.spotlight == "soyte" && control.queue.isEmpty)

            // One tap mutes.
            try await page.pressButton("Mở: Ủy ban nhân dân xã Phú Lộc")
            try await page.pressButton("Tắt: Ủy ban nhân dân xã Phú Lộc")
            try await page.pressButton("Mở: Ủy ban nhân dân xã Phú Lộc")
            try await page.pressButton("Tắt hết micrô")
            try await page.see("Đang tắt", in: ".roll tr[data-point=phuloc]")
            control = try await site.daemon.control(of: meeting)
            #expect(control.roll.map(\.microphone) == ["open", "open", "muted", nil])

            // A layout for one point.
            _ = try await page.evaluate(
                """
                (() => {
                  const choice = document.querySelector('[data-key=layout-soyte]');
                  choice.closest('details').open = true;
                  choice.value = 'gallery-activity';
                  return choice.dispatchEvent(new Event('change'));
                })()
                """, as: Bool.self)
            try await eventually("the layout", within: .seconds(10)) {
                try await page.text("body").contains("Đã thực hiện: Bố cục: Lưới, ai vừa phát biểu đứng trước, Sở Y tế")
            }
            try await page.keepPicture("chair-layout")

            // The chair chooses who is seen, and in which order.
            _ = try await page.evaluate(
                """
                (() => {
                  const choice = document.querySelector('.orders select[aria-label="Bố cục cho mọi điểm"]');
                  choice.value = 'chair';
                  return choice.dispatchEvent(new Event('change'));
                })()
                """, as: Bool.self)
            try await page.waitToSee("dialog[open] .sequence")
            let ticked =
                "[...document.querySelectorAll('.sequence li')].filter((each) => each.querySelector('input').checked).map((each) => each.dataset.point)"
            #expect(try await page.evaluate(ticked, as: [String].self) == ["chutoa"], "the chair's point, at first")
            try await page.click(".sequence li[data-point=phuloc] input")
            try await page.click(".sequence li[data-point=chutoa] input")
            try await page.click(".sequence li[data-point=soyte] input")
            for _ in 0..<2 { try await page.pressButton("Đưa lên: Ủy ban nhân dân xã Phú Lộc") }
            #expect(try await page.evaluate(ticked, as: [String].self) == ["phuloc", "soyte"])
            #expect(try await LedMeeting.broken(on: page) == [])
            try await page.keepPicture("chair-arrange")
            try await page.click("dialog[open] button[type=submit]")
            try await eventually("the choice", within: .seconds(10)) {
                let control = try await site.daemon.control(of: meeting)
                return control.layout == "chair" && control.chosen == ["phuloc", "soyte"]
            }

            // A recording needs a reason.
            try await page.pressButton("Ra lệnh ghi")
            try await page.waitToSee("dialog[open]")
            try await page.click("dialog[open] button[type=submit]")
            try await page.waitToSee("dialog[open] .problem")
            try await page.fill("dialog[open] .field:nth-of-type(1) input", "ghi biên bản")
            try await page.click("dialog[open] button[type=submit]")
            try await page.see("Đang ghi", in: ".facts")

            // A vote.
            try await page.pressButton("Mở biểu quyết")
            try await page.waitToSee("dialog[open]")
            try await page.fill("dialog[open] .field:nth-of-type(1) input", "Thông qua kế hoạch?")
            try await page.click("dialog[open] button[type=submit]")
            try await page.waitToSee(".tally")
            try await endpoints[1].press("1")
            try await endpoints[2].press("2")
            try await page.see("Đã biểu quyết 2", in: ".lead-side")
            try await page.keepPicture("chair-vote")
            try await page.pressButton("Đóng biểu quyết")
            try await page.see("Không biểu quyết", in: ".tally")

            // English.
            _ = try await page.evaluate(
                """
                (() => {
                  const choice = document.getElementById('language');
                  choice.value = 'en';
                  return choice.dispatchEvent(new Event('change'));
                })()
                """, as: Bool.self)
            try await page.see("Mute all", in: ".orders")
            try await page.keepPicture("chair-english")
            // Nobody was signed in at first, and the recording lacked its reason.
            #expect(page.complaints.filter { !$0.contains("/session") && !$0.contains("/orders") } == [])
        }
    }

    @Test func onAPhoneTheChairSeesEverythingByScrollingDown() async throws {
        try await LedMeeting.with(width: 390, height: 844) { _, page, _, meeting in
            _ = try await page.evaluate("(location.hash = '#/meetings/\(meeting)', true)", as: Bool.self)
            try await page.waitUntil("the roll", "document.querySelectorAll('.roll tbody tr').length === 4")
            let wide = try await page.evaluate(
                """
                [...document.querySelectorAll('main *')]
                  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('.hidden'))
                  .map((each) => each.tagName + '.' + each.className)
                """, as: [String].self)
            #expect(wide == [], "nothing is cut off at the side")
            #expect(try await LedMeeting.broken(on: page) == [])
            try await page.keepPicture("chair-phone")
        }
    }

    @Test func aTechnicianSeesLinesAndIsRefusedTheChairsOrders() async throws {
        try await LedMeeting.with(as: "technician") { site, page, _, meeting in
            _ = try await page.evaluate("(location.hash = '#/meetings/\(meeting)', true)", as: Bool.self)
            try await page.waitUntil("the roll", "document.querySelectorAll('.roll tbody tr').length === 4")
            #expect(try await page.text(".roll tr[data-point=soyte]").contains("opus"))
            #expect(try await page.isTrue("document.querySelectorAll('.orders button').length === 0"))
            try await page.keepPicture("technician")
            // Whatever the page shows, the daemon judges.
            let refused = try await page.evaluate(
                """
                import('/assets/portal/api.js')
                  .then(({ api }) => api.post('meetings/\(meeting)/orders', { order: 'close' }))
                  .then(() => 0, (error) => error.status)
                """, as: Int.self)
            #expect(refused == 403)
            try await page.pressButton("Mở: Sở Y tế")
            try await page.see("Đang mở", in: ".roll tr[data-point=soyte]")
            #expect(try await site.daemon.control(of: meeting).roll[1].microphone == "open")
        }
    }
}
