import BrowserDriver
import Foundation
import InteropSupport
import PortalAPI
import Testing

/// The technician's page in real Chromium: lines, levels, and who disturbs, over a real daemon with real points.
@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(if: LedMeeting.isPossible, "baresip, sox or ffmpeg is missing"))
struct LinesTests {
    private func card(_ point: String) -> String { ".line-card[data-point=\(point)]" }

    @Test(arguments: [(1_440, 900), (820, 1_180), (390, 844)])
    func aTechnicianSeesEveryLineAndMutesWhoDisturbsByOneKey(width: Int, height: Int) async throws {
        try await LedMeeting.with(as: "technician", width: width, height: height) { site, page, _, meeting in
            _ = try await page.evaluate("(location.hash = '#/lines', true)", as: Bool.self)
            try await page.waitToSee("#view-lines .card a")
            try await page.click("#view-lines .card a")
            // Of four who are expected three are in.
            try await page.waitUntil("the lines", "document.querySelectorAll('.line-card').length === 3")
            try await page.waitUntil(
                "two samples", within: .seconds(30),
                "(document.querySelector('\(card("soyte")) .series')?.getAttribute('d') ?? '').includes('L')")
            #expect(try await page.text(card("soyte")).contains("kbit/s"))
            #expect(
                try await page.evaluate(
                    "document.querySelector('\(card("soyte")) .graph').getAttribute('aria-label')", as: String.self
                ).hasPrefix("MOS: hiện "))
            #expect(try await page.text(card("soyte")).contains("đã tắt micrô"))

            // A sine of a quarter of full scale is −15 dB, also of who is muted. Heard by all and going on it is noise, which
            // one key stops.
            let level = "Math.abs(document.querySelector('\(card("soyte")) meter').value + 15) <= 2"
            try await page.waitUntil("the level while it is muted", level)
            try await page.pressButton("Mở micrô: Sở Y tế")
            try await page.waitUntil("the level", level)
            try await page.waitUntil(
                "the noise", within: .seconds(20),
                "document.querySelector('.noise-card')?.textContent.includes('Sở Y tế: ồn liên tục')")
            try await page.waitUntil(
                "it to be said", "document.getElementById('says').textContent.includes('Sở Y tế: ồn liên tục')")
            #expect(try await page.text(".alarm-log").contains("Sở Y tế: ồn liên tục"))
            let broken = try await LedMeeting.broken(on: page)
            #expect(broken == [], "\(broken)")
            #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
            try await page.keepPicture("lines-\(width)")
            // The chair's tone is as steady, and its microphone is open from the beginning.
            try await page.waitUntil(
                "both", within: .seconds(20), "document.querySelectorAll('.noise-line').length === 2")
            for left in [1, 0] {
                _ = try await page.evaluate(
                    "(dispatchEvent(new KeyboardEvent('keydown', { key: 'F8', cancelable: true })), true)",
                    as: Bool.self)
                try await page.waitUntil(
                    "one less", "document.querySelectorAll('.noise-line').length === \(left)")
            }
            let control = try await site.daemon.control(of: meeting)
            let line = try #require(control.roll.first { $0.point == "soyte" })
            #expect(line.microphone == "muted")

            // Only what rings, in English.
            try await page.click(".alarms .tick input")
            try await page.waitUntil(
                "no card", "[...document.querySelectorAll('.line-card')].every((each) => each.hidden)")
            try await page.click(".alarms .tick input")
            _ = try await page.evaluate(
                """
                (() => {
                  const choice = document.getElementById('language');
                  choice.value = 'en';
                  return choice.dispatchEvent(new Event('change'));
                })()
                """, as: Bool.self)
            try await page.waitUntil(
                "English", "document.querySelector('\(card("soyte"))')?.textContent.includes('Round trip')")
            #expect(try await LedMeeting.broken(on: page) == [])
            try await page.keepPicture("lines-\(width)-en")
            #expect(page.complaints.filter { !$0.contains("/session") } == [])
        }
    }
}
