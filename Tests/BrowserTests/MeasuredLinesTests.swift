import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// What was measured of a line, and what rings in a meeting, as the portal shows them in real Chromium.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct MeasuredLinesTests {
    /// A line that no figure of jitter, rate and resolution is good enough for.
    private static let lineCheck =
        "duration: 5s, thresholds: {jitter: [0, 0], rate: [90000, 90000], pictureHeight: [4000, 4000]}"

    @Test func theGateShowsWhatWasMeasuredAndTheLineItsAlarms() async throws {
        try await JoinSite.with({ $0.lineCheck = Self.lineCheck }) { site in
            let visit = try await PortalVisit.begin(site, width: 1_440, height: 1_000)
            let page = visit.page
            try await visit.fillMeeting("Giao ban tháng 12", minutesFromNow: 20)
            // What is left empty is as the site has it.
            #expect(try await page.text(".meeting-form").contains("Để trống thì theo cấu hình."))
            _ = try await page.evaluate(
                "(document.querySelector('.meeting-form [name=clock]').scrollIntoView(), true)", as: Bool.self)
            try await page.keepPicture("form-rehearsal")
            try await page.click(#".meeting-form button[type="submit"]"#)
            try await page.waitToSee(".gate-verdict.is-red")

            let point = try await site.opened(invitation: try await site.invitation("soyte"))
            try await point.click("#line-check")
            try await point.waitToSee("#line-figures", within: .seconds(30))
            try await page.waitUntil(
                "what was measured",
                "[...document.querySelectorAll('#gate .origin .tag')].some((each) => each.textContent === 'đo')")
            let gate = try await page.text("#gate")
            #expect(gate.contains("MOS 4,") && gate.contains(" ms") && !gate.contains("notFit"), "\(gate)")
            try await page.pressButton("Số đo: Sở Y tế")
            try await page.waitToSee("dialog[open][data-point=soyte]")
            let figures = try await page.text("dialog[open][data-point=soyte]")
            for part in ["DTLS-SRTP", "opus", "kbit/s", "×"] { #expect(figures.contains(part), "\(figures)") }
            try await page.keepPicture("gate-figures")
            try await page.press(.escape)
            try await page.keepPicture("gate-measured")

            try await point.click("#line-close")
            try await point.click("#join")
            try await point.waitToSee("#meeting")
            try await visit.go("meetings", toSee: "#view-meetings .card a")
            try await page.click("#view-meetings .card a")
            try await page.see("Thử kỹ thuật chưa đạt", in: "#gate-red")
            try await page.keepPicture("gate-red")

            try await visit.go("lines", toSee: "#view-lines .card a")
            try await page.click("#view-lines .card a")
            for alarm in ["rung đi nhiều", "gửi quá ít", "hình quá nhỏ"] {
                try await page.see(alarm, in: ".line-card[data-point=soyte] .line-tags", within: .seconds(40))
            }
            #expect(
                try await page.isTrue(
                    "document.querySelectorAll('.line-card[data-point=soyte] .tile.is-bad').length >= 3"))
            try await page.keepPicture("lines-alarms")
            #expect(page.complaints.filter { !$0.contains("/session") } == [])
        }
    }
}
