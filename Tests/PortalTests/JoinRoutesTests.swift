import Foundation
import Office
import PortalAPI
import Testing

@testable import Portal

/// The join page's routes, which anybody may ask.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct JoinRoutesTests {
    @Test func thePageComesWithAPolicyOfItsOwn() async throws {
        try await PortalHarness.run { portal in
            let page = try await portal.ask("/join/giaoban", .https(token: nil))
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
            #expect(policy.contains("connect-src 'self' wss://127.0.0.1:7443;"))
            #expect(!policy.contains("unsafe") && !policy.contains("*"))
            let status = try await portal.ask("/api/v1/status")
            #expect(status.headers["content-security-policy"]?.hasSuffix("sandbox") == true)
        }
    }

    @Test func aRoomThatThereIsNotIsAPageToo() async throws {
        try await PortalHarness.run { portal in
            let page = try await portal.ask("/join/khong-co", .https(token: nil))
            #expect(page.status == 404 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(String(decoding: page.body, as: UTF8.self).contains("Không có phòng họp này"))
            #expect(try await portal.ask("/join/khong-co/settings", .https(token: nil)).status == 404)
        }
    }

    @Test func theSettingsSayWhereToDial() async throws {
        try await PortalHarness.run { portal in
            let settings = try await portal.ask("/join/giaoban/settings", .https(token: nil))
                .decoded(JoinSettings.self)
            #expect(
                settings
                    == JoinSettings(
                        room: "giaoban", title: "Họp giao ban", domain: "causeway.test", isOpen: true,
                        webSocket: "wss://127.0.0.1:7443"))
        }
    }

    @Test func filesAreSentOnceAndNoneButThePages() async throws {
        try await PortalHarness.run { portal in
            let script = try await portal.ask("/assets/join/sip/agent.js", .https(token: nil))
            #expect(script.status == 200 && script.headers["content-type"] == "text/javascript; charset=utf-8")
            let tag = try #require(script.headers["etag"])
            let again = try await portal.ask(
                "/assets/join/sip/agent.js", .https(token: nil), headers: ["If-None-Match": tag])
            #expect(again.status == 304 && again.body.isEmpty)
            for path in ["../PageFiles.swift", "..%2f..%2fetc/passwd", "nothing.js", ""] {
                #expect(try await portal.askRaw("/assets/join/" + path).status == 404, "\(path)")
            }
        }
    }

    @Test func invitationsAreMadeByAdministratorsOnly() async throws {
        try await PortalHarness.run { portal in
            let path = "/api/v1/points/so-yt/invitation"
            let wanted = #"{"room": "giaoban", "validSeconds": 3600}"#
            func ask(_ token: String?, _ body: String) async throws -> PortalHarness.Answer {
                try await portal.ask(path, .https(token: token), method: "POST", body: body)
            }
            #expect(try await ask(nil, wanted).status == 401)
            #expect(try await ask(PortalHarness.archivistToken, wanted).status == 403)
            let made = try await ask(PortalHarness.administratorToken, wanted)
            let invitation = try made.decoded(Invitation.self)
            #expect(made.status == 201 && invitation.point == "so-yt")
            #expect(invitation.url == "https://hop.example.vn/join/giaoban#k=abc.DEF-_9")
            for seconds in ["0", "-5", "99999999999"] {
                let body = #"{"room": "giaoban", "validSeconds": \#(seconds)}"#
                #expect(try await ask(PortalHarness.administratorToken, body).status == 400)
            }
        }
    }

    @Test func thePlaceToDialIsTheListenersOrThatOfThePage() {
        let listener = JoinConfiguration(webSocket: .listener(host: nil, port: 7443))
        #expect(listener.webSocketURL(pageAt: "hop.example.vn:8443") == "wss://hop.example.vn:7443")
        #expect(listener.webSocketURL(pageAt: "[2001:db8::1]:8443") == "wss://[2001:db8::1]:7443")
        for forged in ["a b", "a;script-src *", "[::1", "", "a\r\nb", "[x]:1"] {
            #expect(listener.webSocketURL(pageAt: forged) == nil, "\(forged)")
        }
        let named = JoinConfiguration(webSocket: .listener(host: "2001:db8::2", port: 7443))
        #expect(named.webSocketURL(pageAt: "x") == "wss://[2001:db8::2]:7443")
        #expect(JoinConfiguration(webSocket: .url("wss://h/sip")).webSocketURL(pageAt: nil) == "wss://h/sip")
        #expect(JoinConfiguration().webSocketURL(pageAt: "x") == nil)
    }

    @Test func papersAreForInvitedPointsAndComeAsFiles() async throws {
        try await PortalHarness.run { portal in
            try await portal.office.apply([.add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
            let meeting = try await portal.office.schedule(PortalHarness.meeting(points: ["so-yt"]), by: "t").meeting
            let other = try await portal.office.schedule(
                PortalHarness.meeting(points: ["so-yt"], after: 48), by: "t"
            ).meeting
            func paper(_ name: String, of meeting: String) async throws -> Paper {
                let pieces = AsyncThrowingStream<Data, any Error> { stream in
                    stream.yield(Data("%PDF-1.7 /JavaScript (app.alert)".utf8))
                    stream.finish()
                }
                return try await portal.office.addPaper(name, to: meeting, by: "test", pieces: pieces)
            }
            let mine = try await paper("Tờ trình.pdf", of: meeting.id)
            let foreign = try await paper("Khác.pdf", of: other.id)
            let list = "/join/giaoban/papers"
            #expect(try await portal.ask(list, .https(token: nil)).decoded(JoinPapers.self) == JoinPapers())
            #expect(try await portal.ask("\(list)/\(mine.id)", .https(token: nil)).status == 404)

            await portal.bridge.admit(.challenged("Digest realm=\"x\"", isWrong: false))
            let asked = try await portal.ask(list, .https(token: nil)).decoded(JoinPapers.self)
            #expect(asked.challenge == "Digest realm=\"x\"" && asked.papers.isEmpty)
            let refused = try await portal.ask("\(list)/\(mine.id)", .https(token: nil))
            #expect(refused.status == 401 && refused.headers["www-authenticate"] == "Digest realm=\"x\"")

            await portal.bridge.admit(.admitted(point: "so-yt", sitting: try #require(meeting.sittings.first).id))
            let papers = try await portal.ask(list, .https(token: nil)).decoded(JoinPapers.self).papers
            #expect(papers == [JoinPaper(id: mine.id, name: "Tờ trình.pdf", bytes: 32, hasCode: true)])
            let file = try await portal.ask("\(list)/\(mine.id)", .https(token: nil))
            #expect(file.status == 200 && file.body.count == 32)
            #expect(file.headers["content-disposition"] == "attachment; filename=\"to-trinh.pdf\"")
            #expect(file.headers["x-content-type-options"] == "nosniff")
            #expect(file.headers["content-security-policy"]?.contains("sandbox") == true)
            // Not those of another meeting.
            #expect(try await portal.ask("\(list)/\(foreign.id)", .https(token: nil)).status == 404)

            // Guessing is shut out.
            await portal.bridge.admit(.challenged("Digest realm=\"x\"", isWrong: true))
            for _ in 0..<30 { #expect(try await portal.ask(list, .https(token: nil)).status == 401) }
            #expect(try await portal.ask(list, .https(token: nil)).status == 429)
        }
    }
}
