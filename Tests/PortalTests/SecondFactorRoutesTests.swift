import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct SecondFactorRoutesTests {
    private static let password = "cầu truyền hình 26"

    /// Somebody at a browser.
    private struct Browser {
        let portal: PortalHarness
        var cookie = ""
        var csrf = ""

        mutating func enter(_ path: String, _ body: some Encodable) async throws -> PortalHarness.Answer {
            let text = String(decoding: try PortalJSON.encode(body), as: UTF8.self)
            let answer = try await portal.ask("/api/v1/\(path)", .https(token: nil), method: "POST", body: text)
            if answer.status == 200, let set = answer.headers["set-cookie"] {
                cookie = String(set.prefix { $0 != ";" })
                csrf = try answer.decoded(SessionStatus.self).csrfToken
            }
            return answer
        }

        func ask(_ path: String, _ method: String = "GET", _ body: String? = nil) async throws -> PortalHarness.Answer {
            try await portal.ask(
                "/api/v1/\(path)", .https(token: nil), method: method,
                headers: ["Cookie": cookie, "X-CSRF-Token": csrf], body: body)
        }
    }

    private func begin(_ portal: PortalHarness, roles: Set<Role>) async throws -> Browser {
        try await portal.office.apply([.add(.person(PersonEntry(id: "lan", name: "Lan", roles: roles)))], by: "test")
        let link = try await portal.office.issueLink(to: "lan", by: "test")
        var browser = Browser(portal: portal)
        #expect(
            try await browser.enter("session/link", LinkRequest(token: link.token, password: Self.password)).status
                == 200)
        return browser
    }

    /// What an app that was given `offer` shows, made by another's program.
    private func shown(_ offer: SecondFactorOffer, later seconds: Int = 0) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/oathtool")
        let time = Int(Date().timeIntervalSince1970) + seconds
        process.arguments = ["--totp", "--base32", offer.secret, "--now", "@\(time)"]
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return said.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/oathtool"), "oathtool is not installed"))
    func anArchivistMaySetUpTheAppAndNothingElseBeforeThat() async throws {
        try await PortalHarness.run {
            $0.secondFactor = .required
        } _: { portal in
            var browser = try await begin(portal, roles: [.archivist])
            var status = try await browser.ask("session").decoded(SessionStatus.self)
            #expect(status.mustEnrol && status.actions.isEmpty && !status.hasSecondFactor)
            for path in ["recordings", "search?q=a", "units", "status"] {
                let refused = try await browser.ask(path)
                #expect(refused.status == 403 && refused.error?.code == "enrol", "\(path)")
            }
            #expect(try await browser.ask("session/second-factor", "PUT", #"{"code":"123456"}"#).status == 409)
            let offer = try await browser.ask("session/second-factor", "POST").decoded(SecondFactorOffer.self)
            #expect(offer.address.contains("secret=\(offer.secret)&") && offer.code.count > 20)
            let wrong = try await browser.ask("session/second-factor", "PUT", #"{"code":"12345x"}"#)
            #expect(wrong.status == 401 && wrong.error?.code == "second-factor")
            let codes = try await browser.ask(
                "session/second-factor", "PUT", #"{"code":"\#(try shown(offer))"}"#
            ).decoded(RecoveryCodes.self)
            #expect(codes.codes.count == 10)
            status = try await browser.ask("session").decoded(SessionStatus.self)
            #expect(!status.mustEnrol && status.hasSecondFactor && status.actions.contains("readRecording"))
            #expect(try await browser.ask("recordings").status == 200)
            // Whoever finds the session open cannot make the account their own, nor turn it off.
            #expect(try await browser.ask("session/second-factor", "POST").status == 409)
            let body = #"{"password":"\#(Self.password)","code":"\#(codes.codes[1])"}"#
            #expect(try await browser.ask("session/second-factor", "DELETE", body).status == 409)

            let bare = try await browser.enter("session", SignInRequest(name: "lan", password: Self.password))
            #expect(bare.status == 401 && bare.error?.code == "second-factor")
            let code = try shown(offer, later: 30)
            #expect(
                try await browser.enter("session", SignInRequest(name: "lan", password: Self.password, code: code))
                    .status == 200)
            #expect(try await browser.ask("recordings").status == 200)
            #expect(
                try await browser.enter("session", SignInRequest(name: "lan", password: Self.password, code: code))
                    .status == 401, "a password that was used")

            // The administrator forgets the app: open sessions end, and the next one begins with a new app.
            #expect(try await portal.ask("/api/v1/people/lan/second-factor", method: "DELETE").status == 200)
            #expect(try await browser.ask("recordings").status == 401)
            #expect(
                try await browser.enter("session", SignInRequest(name: "lan", password: Self.password)).status == 200)
            #expect(try await browser.ask("recordings").error?.code == "enrol")
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/oathtool"), "oathtool is not installed"))
    func whoNeedsNoneTurnsItOnAndOff() async throws {
        try await PortalHarness.run {
            $0.secondFactor = .required
        } _: { portal in
            let browser = try await begin(portal, roles: [.convener])
            #expect(try await browser.ask("units").status == 200)
            let offer = try await browser.ask("session/second-factor", "POST").decoded(SecondFactorOffer.self)
            let codes = try await browser.ask(
                "session/second-factor", "PUT", #"{"code":"\#(try shown(offer))"}"#
            ).decoded(RecoveryCodes.self)
            func remove(_ password: String, _ code: String) async throws -> Int {
                try await browser.ask(
                    "session/second-factor", "DELETE", #"{"password":"\#(password)","code":"\#(code)"}"#
                ).status
            }
            #expect(try await remove("sai", codes.codes[0]) == 401)
            #expect(try await remove(Self.password, "sai") == 401)
            #expect(try await remove(Self.password, codes.codes[0]) == 204)
            #expect(try await browser.ask("session").decoded(SessionStatus.self).hasSecondFactor == false)
        }
    }

    @Test func nobodyTurnsAnotherOnesOffOrAnythingWithoutTheSessionsToken() async throws {
        try await PortalHarness.run { portal in
            let browser = try await begin(portal, roles: [.convener])
            #expect(try await browser.ask("people/lan/second-factor", "DELETE").status == 403)
            var forged = browser
            forged.csrf = "0"
            #expect(try await forged.ask("session/second-factor", "POST").status == 403)
            #expect(
                try await portal.ask("/api/v1/session/second-factor", .https(token: nil), method: "POST").status == 401)
        }
    }
}
