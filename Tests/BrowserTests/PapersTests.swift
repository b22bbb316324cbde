import BrowserDriver
import Foundation
import InteropSupport
import Office
import PortalAPI
import Testing

/// Papers of a convened meeting on the join page, in real Chromium over a real daemon.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct PapersTests {
    /// A meeting that sits now, of two of three points, with one paper.
    private func convene(_ site: JoinSite) async throws {
        let added = try await site.daemon.causeway([
            "schedule", "add", "--room", "giaoban", "--title", "Giao ban", "--at", "now", "--convener", "Chủ tịch",
            "--document", "1/GM", "--document-date", "2026-01-20", "--field", "y tế", "--chair", "Ông A",
            "--chair-point", "soyte", "--points", "soyte", "phuloc", "--rehearsal", "0", "--json",
        ])
        let meeting = try PortalJSON.decode(MeetingDetail.self, from: Data(added.output.utf8)).meeting
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("to-trinh-\(UUID().uuidString).pdf")
        try Data("%PDF-1.7 tờ trình".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let attached = try await site.daemon.causeway(["schedule", "attach", meeting.id, file.path])
        #expect(attached.status == 0, "\(attached.output)")
        try await eventually("the conference to hear of it", within: .seconds(15)) {
            site.daemon.log.contains("rehearsal and meeting in room giaoban may begin")
        }
    }

    @Test(arguments: [(1_280, 800), (390, 844)])
    func anInvitedPointFetchesThemWhileTheMeetingGoesOn(width: Int, height: Int) async throws {
        try await JoinSite.with { site in
            try await convene(site)
            let page = try await site.browser.page(width: width, height: height)
            if let axe = Axe.script { try await page.prepare(axe) }
            try await page.openRoom(site.address())
            try await site.signIn(page, "soyte")
            try await page.waitToSee("#meeting")
            try await page.click("#tool-points")
            try await page.waitToSee("#open-papers")
            #expect(try await page.text("#open-papers") == "Tài liệu họp (1)")
            try await page.click("#open-papers")
            try await page.waitToSee("#papers-list button")
            if Axe.script != nil { #expect(try await Axe.violations(page) == []) }
            #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
            try await page.keepPicture("papers-\(width)")
            try await page.click("#papers-list button")
            try await page.waitUntil("it to be said", "document.getElementById('says').textContent.includes('Đã tải')")
            #expect(page.complaints == [])

            // Nothing without proof, nothing with a wrong one, and nothing once the meeting is over.
            func status(_ proof: String) async throws -> Int {
                try await page.evaluate(
                    """
                    fetch('/join/giaoban/papers/1', { credentials: 'omit', headers: \(proof) })
                      .then((answer) => answer.status)
                    """, as: Int.self)
            }
            #expect(try await status("{}") == 401)
            #expect(try await status("{ Authorization: 'Bearer abc.def' }") == 401)
        }
    }

    @Test func aPointThatIsNotInvitedGetsNoneByItsOwnPassword() async throws {
        try await JoinSite.with { site in
            try await convene(site)
            let page = try await site.joined("phuloc")
            func papers(_ name: String) async throws -> Int {
                try await page.evaluate(
                    """
                    import('/assets/join/sip/digest.js').then(async ({ Password }) => {
                      const { domain } = await (await fetch('/join/giaoban/settings')).json();
                      const ask = async (proof) => (await fetch('/join/giaoban/papers',
                        { credentials: 'omit', headers: proof ? { Authorization: proof } : {} })).json();
                      const password = new Password('\(name)', 'mat-khau');
                      const { challenge } = await ask();
                      password.take({ headers: { all: () => [challenge] } });
                      return (await ask(await password.authorization('GET', `sip:giaoban@${domain}`))).papers.length;
                    })
                    """, as: Int.self)
            }
            #expect(try await papers("phuloc") == 1)
            #expect(try await papers("aluoi") == 0)
        }
    }
}
