import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// The page of reports, for a chair who may not see recordings, after a meeting of real points.
@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(if: LedMeeting.isPossible, "baresip, sox or ffmpeg is missing"))
struct ReportsPageTests {
    @Test(arguments: [(1_440, 900), (390, 844)])
    func aChairReadsReportsWithoutTheRightToRecordings(width: Int, height: Int) async throws {
        try await LedMeeting.with(as: "chair", width: width, height: height) { site, page, _, meeting in
            _ = try await site.daemon.causeway(["meetings", "end", meeting])
            _ = try await page.evaluate("(location.hash = '#/reports', true)", as: Bool.self)
            try await page.waitUntil("the meeting", "document.querySelector('#view-reports table') !== null")
            #expect(try await page.text("#view-reports").contains("Họp trực tuyến tháng 11"))
            try await page.waitUntil("the months", "document.querySelectorAll('#view-reports table').length === 2")
            #expect(try await LedMeeting.broken(on: page) == [])
            #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
            try await page.keepPicture("reports-\(width)")
            let (report, recordings) = (
                try await status("recordings/\(meeting)/report", page), try await status("recordings", page)
            )
            #expect(report == 200 && recordings == 403)
            _ = try await page.evaluate(
                """
                (() => {
                  const choice = document.getElementById('language');
                  choice.value = 'en';
                  return choice.dispatchEvent(new Event('change'));
                })()
                """, as: Bool.self)
            try await page.waitUntil(
                "English", "document.querySelector('#view-reports table th')?.innerText === 'Meeting'")
            #expect(try await LedMeeting.broken(on: page) == [])
            try await page.keepPicture("reports-\(width)-en")
            try await noteAnAbsence(meeting, page, width: width)
        }
    }

    /// Whoever was missed is excused when it is over.
    private func noteAnAbsence(_ meeting: String, _ page: Page, width: Int) async throws {
        _ = try await page.evaluate("(location.hash = '#/reports/\(meeting)', true)", as: Bool.self)
        try await page.waitUntil("who was absent", "document.querySelector('#view-reports [data-point]') !== null")
        _ = try await page.evaluate("(document.querySelector('[data-point]').click(), true)", as: Bool.self)
        try await page.waitUntil("the dialog", "document.querySelector('dialog [name=reason]') !== null")
        #expect(try await LedMeeting.broken(on: page) == [])
        _ = try await page.evaluate(
            """
            (document.querySelector('dialog [name=reason]').value = 'mưa lũ chia cắt',
             document.querySelector('dialog [type=submit]').click(), true)
            """, as: Bool.self)
        try await page.waitUntil(
            "what was noted",
            "/mưa lũ chia cắt[^]*noted after the meeting by/.test(document.querySelector('#view-reports table')?.innerText ?? '')"
        )
        #expect(try await LedMeeting.broken(on: page) == [])
        #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
        try await page.keepPicture("attendance-\(width)-en")
        _ = try await page.evaluate(
            """
            (() => {
              const choice = document.getElementById('language');
              choice.value = 'vi';
              return choice.dispatchEvent(new Event('change'));
            })()
            """, as: Bool.self)
        try await page.waitUntil(
            "Vietnamese",
            "/mưa lũ chia cắt/.test(document.querySelector('#view-reports table')?.innerText ?? '')"
                + " && !document.querySelector('#view-reports').innerText.includes('noted after the meeting')")
        #expect(try await LedMeeting.broken(on: page) == [])
        try await page.keepPicture("attendance-\(width)-vi")
    }

    private func status(_ path: String, _ page: Page) async throws -> Int {
        try await page.evaluate("fetch('/api/v1/\(path)').then((answer) => answer.status)", as: Int.self)
    }
}
