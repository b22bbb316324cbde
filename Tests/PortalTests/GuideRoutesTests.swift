import Documents
import Foundation
import Office
import PortalAPI
import Testing

@testable import Portal

enum GuideMaterialOfTests {
    static func configuration(_ root: String) -> GuideConfiguration {
        GuideConfiguration(
            publicURL: "https://hop.example.vn", authorityPath: root + "/cert.pem",
            tokensPath: root + "/provisioning.json",
            material: { id in
                guard ["so-yt", "the-khoa"].contains(id) else { return nil }
                return GuideMaterial(
                    site: GuideSite(
                        domain: "causeway.test",
                        entrances: [.init(transport: .tls, host: "hop.example.vn", port: 5061)],
                        portalURL: "https://hop.example.vn", trust: .known, mediaHost: "203.0.113.9",
                        mediaPorts: 20_000...29_999),
                    point: GuidePoint(id: id, name: "Sở Y tế", username: id),
                    secrets: id == "so-yt" ? [.init(ha1: "5ec2e7", algorithm: .sha256)] : [])
            })
    }
}

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct GuideRoutesTests {
    private static let minted = "/api/v1/points/so-yt/provisioning"

    /// `https://hop.example.vn/provision/…` as it is asked for here.
    private static func path(_ url: String) -> String { String(url.dropFirst("https://hop.example.vn".count)) }

    @Test func anAccountIsFetchedOnceWithoutSigningIn() async throws {
        try await PortalHarness.run { portal in
            let made = try await portal.ask(Self.minted, method: "POST").decoded(Provisioning.self)
            #expect(abs(made.expiresAt.timeIntervalSinceNow - 3 * 86_400) < 60)
            let path = Self.path(made.url)
            // What only looks at an address does not use it up.
            #expect(try await portal.ask(path, .https(token: nil), method: "HEAD").status == 404)
            let guide = try await portal.ask(Self.path(made.guide), .https(token: nil))
            #expect(guide.status == 200 && guide.headers["content-type"] == "text/html; charset=utf-8")
            #expect(guide.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(String(decoding: guide.body, as: UTF8.self).contains("<svg"))

            let fetched = try await portal.ask(path, .https(token: nil))
            #expect(fetched.status == 200 && fetched.headers["cache-control"] == "no-store")
            #expect(String(decoding: fetched.body, as: UTF8.self).contains("5ec2e7"))
            for used in [path, Self.path(made.guide)] {
                let again = try await portal.ask(used, .https(token: nil))
                #expect(again.status == 404)
                #expect(!String(decoding: again.body, as: UTF8.self).contains("5ec2e7"))
            }
        }
    }

    @Test func tokensOutliveTheDaemonHashedAndUnreadableToOthers() async throws {
        try await PortalHarness.run { portal in
            let made = try await portal.ask(Self.minted, method: "POST").decoded(Provisioning.self)
            let token = try #require(made.url.split(separator: "/").last)
            let file = portal.root + "/provisioning.json"
            let kept = try String(contentsOfFile: file, encoding: .utf8)
            #expect(kept.contains("so-yt") && !kept.contains(token))
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let next = GuideDesk(GuideMaterialOfTests.configuration(portal.root))
            #expect(try next.take(String(token), at: Date())?.point == "so-yt")
            #expect(GuideDesk(GuideMaterialOfTests.configuration(portal.root)).look(String(token), at: Date()) == nil)
        }
    }

    @Test func aPointsInvitationLeadsToItsOwnGuideUntilADayAfterTheMeeting() async throws {
        try await PortalHarness.run { portal in
            let points = ["so-yt", "so-tc"].map { RegisterChange.add(.point(PointEntry(id: $0, name: "Sở"))) }
            try await portal.office.apply(points, by: "test")
            let meeting = try await portal.office.schedule(PortalHarness.meeting(points: ["so-yt"]), by: "t").meeting
            for kind in ["invitation", "calendar"] {
                let answer = try await portal.ask("/api/v1/schedule/\(meeting.id)/\(kind)?point=so-yt")
                let text = String(decoding: answer.body, as: UTF8.self).replacing("\r\n ", with: "")
                let urls = text.matches(of: /https:\/\/hop\.example\.vn(\/guides\/so-yt\/[a-z]+\?key=[0-9a-f.]+)/).map {
                    String($0.1)
                }
                #expect(urls.count == 3, "\(text)")
                for url in urls {
                    let guide = try await portal.ask(url, .https(token: nil))
                    #expect(guide.status == 200)
                    // It is read, and sets nothing up.
                    #expect(!String(decoding: guide.body, as: UTF8.self).contains("/provision/"))
                }
                let url = try #require(urls.first)
                let other = url.replacing("/so-yt/", with: "/the-khoa/")
                #expect(try await portal.ask(other, .https(token: nil)).status == 404)
                let altered = url.hasSuffix("0") ? url.dropLast() + "1" : url.dropLast() + "0"
                #expect(try await portal.ask(String(altered), .https(token: nil)).status == 404)
            }
            // Who is not invited has none, nor has the letter to all.
            for query in ["?point=so-tc", ""] {
                let answer = try await portal.ask("/api/v1/schedule/\(meeting.id)/invitation\(query)")
                #expect(!String(decoding: answer.body, as: UTF8.self).contains("/guides/"))
            }
        }
    }

    @Test func aKeyToReadGuidesIsOfOnePointAndEnds() {
        var tokens = ProvisioningTokens()
        var random = SystemRandomNumberGenerator()
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(!tokens.mayRead("1800000060.00", "a", at: now))
        let key = tokens.readingKey(for: "a", until: now + 60, &random)
        #expect(tokens.mayRead(key, "a", at: now) && tokens.mayRead(key, "a", at: now + 59))
        #expect(!tokens.mayRead(key, "a", at: now + 60) && !tokens.mayRead(key, "b", at: now))
        #expect(!tokens.mayRead(key.replacing("1800000060", with: "1800000061"), "a", at: now))
        for wrong in ["", ".", "1800000060", "1800000060.", "x.y", key + ".", "." + key] {
            #expect(!tokens.mayRead(wrong, "a", at: now), "\(wrong)")
        }
        #expect(
            tokens.readingKey(for: "a", until: now + 60, &random) == key, "letters that are made again say the same")
    }

    @Test func guidesAreForDevicesAndLanguagesThatThereAre() async throws {
        try await PortalHarness.run { portal in
            for (path, status) in [
                ("/so-yt/browser", 200), ("/so-yt/tablet?lang=en", 200), ("/so-yt/telegraph", 404),
                ("/nobody/browser", 404), ("/so-yt/browser?lang=fr", 400), ("/so-yt/browser?format=doc", 400),
            ] {
                #expect(try await portal.ask("/api/v1/guides" + path).status == status, "\(path)")
            }
            // Reading one makes no address.
            let read = try await portal.ask("/api/v1/guides/so-yt/linphone")
            #expect(!String(decoding: read.body, as: UTF8.self).contains("<svg"))
            let printed = try await portal.ask("/api/v1/guides/so-yt/linphone?valid=60", method: "POST")
            #expect(String(decoding: printed.body, as: UTF8.self).contains("<svg"))
            #expect(try await portal.ask("/api/v1/guides/so-yt/linphone?valid=0", method: "POST").status == 400)
            #expect(try await portal.ask("/api/v1/guides/so-yt/linphone?valid=9999999", method: "POST").status == 400)
            #expect(try await portal.ask("/guides/so-yt/linphone", .https(token: nil)).status == 404)
            #expect(try await portal.ask("/guides/so-yt/linphone?key=x", .https(token: nil)).status == 404)
            #expect(try await portal.ask("/api/v1/points/the-khoa/provisioning", method: "POST").status == 409)
            let authority = try await portal.ask("/ca.pem", .https(token: nil))
            #expect(String(decoding: authority.body, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----"))
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/weasyprint")))
    func aGuideIsPrinted() async throws {
        try await PortalHarness.run { portal in
            let pdf = try await portal.ask("/api/v1/guides/so-yt/room-system?format=pdf")
            #expect(pdf.headers["content-type"] == "application/pdf")
            #expect(pdf.headers["content-disposition"] == "attachment; filename=\"huong-dan-so-yt-room-system.pdf\"")
            #expect(pdf.body.starts(with: Data("%PDF-".utf8)))
        }
    }
}

@Suite struct ProvisioningTokensTests {
    private let now = Date(timeIntervalSince1970: 1_795_487_400)
    private var random = SystemRandomNumberGenerator()

    @Test mutating func aTokenIsGoodOnceAndUntilItExpires() {
        var tokens = ProvisioningTokens()
        let token = tokens.issue(for: "a", until: now + 60, at: now, &random)
        #expect(token.utf8.count == 64)
        #expect(tokens.look(token, at: now + 59)?.point == "a")
        #expect(tokens.look(token, at: now + 60) == nil)
        #expect(tokens.take(token, at: now + 59)?.point == "a")
        #expect(tokens.take(token, at: now + 59) == nil)
        let late = tokens.issue(for: "a", until: now + 60, at: now, &random)
        #expect(tokens.take(late, at: now + 61) == nil)
        #expect(tokens.entries.isEmpty)
    }

    @Test mutating func theyAreBoundedForAPointAndForAll() {
        var tokens = ProvisioningTokens()
        let made = (0..<10).map { tokens.issue(for: "a", until: now + 100 + TimeInterval($0), at: now, &random) }
        #expect(tokens.entries.count == ProvisioningTokens.mostOfPoint)
        #expect(made.map { tokens.look($0, at: now) != nil } == (0..<10).map { $0 >= 6 })
        for point in 0..<(ProvisioningTokens.most + 5) {
            _ = tokens.issue(for: "p\(point)", until: now + 1000, at: now, &random)
        }
        #expect(tokens.entries.count == ProvisioningTokens.most)
        _ = tokens.issue(for: "b", until: now + 9000, at: now + 5000, &random)
        #expect(tokens.entries.count == 1)
    }
}
