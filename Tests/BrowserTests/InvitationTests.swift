import BrowserDriver
import Foundation
import InteropSupport
import Testing

/// Invitation links, from the command line to the room's door.
@Suite(.serialized, .enabled(if: Chromium.isInstalled, "chromium is not installed"))
struct InvitationTests {
    @Test func anInvitationLeavesTheAddressAndNamesThePoint() async throws {
        try await JoinSite.with { site in
            let token = try await site.invitation("soyte")
            let page = try await site.opened(invitation: token)
            #expect(try await page.evaluate("location.hash", as: String.self) == "")
            #expect(try await page.text("#invited-name") == "soyte")
            #expect(try await page.isVisible("#name") == false)
            #expect(!site.daemon.log.contains(token), "the daemon logs an invitation")
        }
    }

    @Test func anInvitationThatIsOverSaysSoAndLeadsToThePassword() async throws {
        try await JoinSite.with { site in
            let token = try await site.invitation("soyte", valid: "1s")
            let page = try await site.opened(invitation: token)
            try await eventually("the invitation to expire") {
                try await page.isTrue("Date.now() > \(Self.expiry(of: token)) + 1000")
            }
            try await page.click("#join")
            try await page.waitToSee("#failure")
            #expect(try await page.text("#failure").hasPrefix("Liên kết mời đã hết hạn"))
            try await page.click("#use-password")
            try await page.waitToSee("#name")
        }
    }

    @Test func anInvitationIsGoodForItsRoomOnly() async throws {
        try await JoinSite.with { site in
            let token = try await site.invitation("aluoi", to: "khac")
            let page = try await site.opened(invitation: token)
            try await page.click("#join")
            try await page.waitToSee("#failure")
            #expect(try await page.text("#failure") == "Liên kết mời này không dùng được cho phòng họp này.")
        }
    }

    @Test func aForgedInvitationIsAnInvitationThatIsOver() async throws {
        try await JoinSite.with { site in
            let token = try await site.invitation("soyte")
            let forged = token.prefix { $0 != "." } + ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            let page = try await site.opened(invitation: String(forged))
            try await page.click("#join")
            try await page.waitToSee("#failure")
            #expect(try await page.text("#failure").hasPrefix("Liên kết mời đã hết hạn hoặc không còn hiệu lực."))
        }
    }

    @Test func nobodyIsInvitedWhereHeMayNotCome() async throws {
        try await JoinSite.with { site in
            let answer = try await site.daemon.causeway(["points", "invite", "soyte", "--room", "khac"])
            #expect(answer.status != 0 && answer.output.contains("does not let in: soyte"), "\(answer)")
        }
    }

    /// When a token expires, in milliseconds since 1970: its second to ninth octet.
    private static func expiry(of token: String) -> UInt64 {
        let packed = token.prefix { $0 != "." }.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        let data = Data(base64Encoded: packed + String(repeating: "=", count: (4 - packed.count % 4) % 4)) ?? Data()
        return data.dropFirst().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } * 1_000
    }
}
