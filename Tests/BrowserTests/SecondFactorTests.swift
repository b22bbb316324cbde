import BrowserDriver
import Foundation
import InteropSupport
import Office
import PortalAPI
import Testing

/// Signing in with an authenticator app, in real Chromium; oathtool is the app.
@Suite(
    .serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"),
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/oathtool"), "oathtool is not installed"))
struct SecondFactorTests {
    private func shown(_ secret: String, later seconds: Int = 0) async throws -> String {
        let time = Int(Date().timeIntervalSince1970) + seconds
        let answer = try await Tool.run("oathtool", ["--totp", "--base32", secret, "--now", "@\(time)"])
        return answer.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(arguments: [(390, 844), (1_280, 900)])
    func anAdministratorSetsUpAnAppAndSignsInWithIt(width: Int, height: Int) async throws {
        try await JoinSite.with {
            $0.secondFactor = "required"
        } _: { site in
            let answer = try await site.daemon.causeway(
                ["people", "add", "quantri", "--name", "Nguyễn Thị Lan", "--json", "--roles", "administrator"])
            let issued = try PortalJSON.decode(RegisterAnswer.self, from: Data(answer.output.utf8))
            let link = try #require(issued.links.first)
            let page = try await site.browser.page(width: width, height: height)
            if let axe = Axe.script { try await page.prepare(axe) }
            try await page.open("\(site.base)/#/start/\(link.token)")
            try await page.waitToSee("#start")
            try await page.fill(#"#start [name="password"]"#, PortalVisit.password)
            try await page.fill(#"#start [name="again"]"#, PortalVisit.password)
            try await page.click(#"#start button[type="submit"]"#)

            try await page.waitToSee("#enrol .qr")
            #expect(try await page.isTrue("document.getElementById('navigation').hidden"))
            try await page.keepPicture("second-factor-enrol-\(width)")
            if Axe.script != nil { #expect(try await Axe.violations(page) == []) }
            #expect(try await page.isTrue("document.documentElement.scrollWidth <= innerWidth"))
            try await page.click("#enrol summary")
            let secret = try await page.text(".secret-key").filter { !$0.isWhitespace }
            try await page.fill(#"#enrol [name="code"]"#, "12345")
            try await page.press(.enter)
            try await page.see("không đúng", in: ".problem")
            try await page.fill(#"#enrol [name="code"]"#, try await shown(secret))
            try await page.press(.enter)

            try await page.waitToSee("#recovery li:nth-of-type(10)")
            try await page.keepPicture("second-factor-recovery-\(width)")
            if Axe.script != nil { #expect(try await Axe.violations(page) == []) }
            let recovery = try await page.text("#recovery li")
            try await page.click(#"#recovery button[type="submit"]"#)
            try await page.waitToSee("#view-home h1")

            // What the app shows next signs in; so does a code on paper, once.
            for code in [try await shown(secret, later: 30), recovery] {
                try await page.click("#sign-out")
                try await page.waitToSee("#sign-in")
                try await page.fill(#"#sign-in [name="username"]"#, "quantri")
                try await page.fill(#"#sign-in [name="password"]"#, PortalVisit.password)
                try await page.press(.enter)
                try await page.waitToSee("#second-factor")
                if Axe.script != nil { #expect(try await Axe.violations(page) == []) }
                try await page.keepPicture("second-factor-code-\(width)")
                try await page.fill(#"#second-factor [name="code"]"#, code)
                try await page.press(.enter)
                try await page.waitToSee("#view-home h1")
            }
            _ = try await page.evaluate("(location.hash = '#/account', true)", as: Bool.self)
            try await page.see("Đang bật", in: "#view-account")
            if Axe.script != nil { #expect(try await Axe.violations(page) == []) }
            try await page.keepPicture("second-factor-account-\(width)")
            #expect(page.complaints.filter { !$0.contains("/session") } == [])
        }
    }
}
