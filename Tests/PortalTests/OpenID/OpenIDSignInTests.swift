import AsyncHTTPClient
import Foundation
import NIOCore
import Office
import OfficeStore
import OpenID
import PortalAPI
import Testing

@testable import Portal

/// Signing in by an identity provider, a real one, over TLS.
@Suite(
    .serialized,
    .enabled(if: PortalHarness.hasOpenSSL && IdentityProvider.isThere, "make .build/openid/bin/python"))
struct OpenIDSignInTests {
    private static let base = "https://hop.example.vn"

    /// A browser at the portal.
    private struct Browser {
        let portal: PortalHarness
        let provider: IdentityProvider
        var binding = ""
        var session = ""

        private func get(_ path: String, _ cookie: String) async throws -> HTTPClientResponse {
            var request = HTTPClientRequest(url: "https://127.0.0.1:\(portal.port)\(path)")
            if !cookie.isEmpty { request.headers.add(name: "Cookie", value: cookie) }
            return try await provider.client.execute(request, timeout: .seconds(20))
        }

        /// Goes to the provider's page.
        mutating func begin() async throws -> String {
            let answer = try await get(OpenIDRoutes.start, "")
            #expect(answer.status == .seeOther)
            let cookie = try #require(answer.headers.first(name: "Set-Cookie"))
            for attribute in ["__Host-causeway-openid=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                #expect(cookie.contains(attribute))
            }
            binding = String(cookie.prefix { $0 != ";" })
            return try #require(answer.headers.first(name: "Location"))
        }

        /// Comes back with what the provider gave it.
        /// - Returns: where the portal sends it.
        mutating func comeBack(_ address: String) async throws -> String {
            try #require(address.hasPrefix(base + OpenIDRoutes.answer))
            let answer = try await get(String(address.dropFirst(base.count)), binding)
            #expect(answer.status == .seeOther)
            session = ""
            for cookie in answer.headers["Set-Cookie"] where cookie.hasPrefix(SessionDesk.cookie + "=") {
                #expect(cookie.contains("SameSite=Strict") && cookie.contains("HttpOnly"))
                session = String(cookie.prefix { $0 != ";" })
            }
            return try #require(answer.headers.first(name: "Location"))
        }

        mutating func signIn(_ subject: String) async throws -> String {
            try await comeBack(try await provider.enter(try await begin(), as: subject))
        }

        func ask(
            _ path: String, method: String = "GET", csrf: String = "", body: String? = nil
        ) async throws -> PortalHarness.Answer {
            try await portal.ask(
                "/api/v1/\(path)", .https(token: nil), method: method,
                headers: ["Cookie": session, "X-CSRF-Token": csrf], body: body)
        }

        var status: SessionStatus { get async throws { try await ask("session").decoded(SessionStatus.self) } }
    }

    private func run(
        _ rule: SecondFactorRule = .required, change: (inout OpenIDConfiguration) -> Void = { _ in },
        _ body: (PortalHarness, IdentityProvider) async throws -> Void
    ) async throws {
        let provider = try IdentityProvider(redirect: Self.base + OpenIDRoutes.answer)
        do {
            var openID = provider.configuration
            change(&openID)
            try await PortalHarness.run {
                $0.openID = openID
                $0.secondFactor = rule
            } _: { portal in
                try await portal.office.apply(
                    [
                        .add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.convener], identity: "nv-1024"))),
                        .add(.person(PersonEntry(id: "minh", name: "Minh", roles: [.archivist], identity: "nv-2048"))),
                        .add(.person(PersonEntry(id: "nv-4096", name: "Không có danh tính", roles: [.administrator]))),
                    ], by: "test")
                try await body(portal, provider)
            }
            try await provider.stop()
        } catch {
            try await provider.stop()
            throw error
        }
    }

    @Test func whoIsInTheRegisterComesInAndWhoIsNotIsToldWhatToDo() async throws {
        try await run { portal, provider in
            var browser = Browser(portal: portal, provider: provider)
            let ways = try await browser.ask("session/ways").decoded(SignInWays.self)
            #expect(ways.provider == .init(name: "Đăng nhập chung", address: "/openid/start"))
            #expect(try await browser.signIn("nv-1024") == "/#/home")
            let status = try await browser.status
            #expect(status.person == "lan" && status.isByProvider && !status.mustProve && !status.mustEnrol)
            #expect(status.providerSignOut?.hasPrefix(provider.issuer + "/oauth2/end_session?client_id=") == true)
            #expect(try await browser.ask("units").status == 200)
            // Whose identity nobody entered is nobody, whatever ids there are.
            for subject in ["khach", "lan", "nv-4096", "NV-1024"] {
                var other = browser
                #expect(try await other.signIn(subject) == "/#/openid/unknown")
                #expect(other.session.isEmpty)
            }
            var denied = browser
            let page = try await denied.begin()
            let state = try #require(URLComponents(string: page)?.queryItems?.first { $0.name == "state" }?.value)
            let refused = try await provider.enter(page, as: "", denying: true)
            // This provider forgets what RFC 6749 §4.1.2.1 asks for.
            #expect(try await denied.comeBack(refused + "&state=\(state)") == "/#/openid/refused")
            let lines = try await portal.office.journal(limit: 50)
            #expect(
                lines.contains { $0.action == "sign in" && $0.by == "lan" && $0.subject == "lan by \(provider.issuer)" }
            )
            #expect(
                lines.contains { $0.action == "refuse" && $0.by == "openid" && $0.subject.contains("khach") })
            // Signing out, and being removed, end it.
            #expect(
                try await browser.ask("session", method: "DELETE", csrf: status.csrfToken).status == 204)
            #expect(try await browser.ask("units").status == 401)
            #expect(try await browser.signIn("nv-1024") == "/#/home")
            #expect(try await portal.ask("/api/v1/people/lan", method: "DELETE").status == 200)
            #expect(try await browser.ask("units").status == 401)
            #expect(try await browser.signIn("nv-1024") == "/#/openid/unknown")
        }
    }

    @Test func anAnswerIsNoUseTwiceNorToAnotherBrowser() async throws {
        try await run { portal, provider in
            var browser = Browser(portal: portal, provider: provider)
            let answer = try await provider.enter(try await browser.begin(), as: "nv-1024")
            // Somebody who is sent another's answer does not come in as that one.
            var victim = Browser(portal: portal, provider: provider)
            _ = try await victim.begin()
            #expect(try await victim.comeBack(answer) == "/#/openid/stale")
            #expect(try await browser.comeBack(answer) == "/#/openid/stale", "it was used")
            let second = try await provider.enter(try await browser.begin(), as: "nv-1024")
            #expect(try await browser.comeBack(second) == "/#/home")
            #expect(try await browser.comeBack(second) == "/#/openid/stale")
            #expect(browser.session.isEmpty)
            let third = try await provider.enter(try await browser.begin(), as: "nv-1024")
            #expect(try await browser.comeBack(third.replacing("state=", with: "state=x")) == "/#/openid/stale")
            // A code of one sign-in in another: the provider has its verifier's challenge.
            let code = try #require(URLComponents(string: third)?.queryItems?.first { $0.name == "code" }?.value)
            let fourth = try await provider.enter(try await browser.begin(), as: "nv-1024")
            let own = try #require(URLComponents(string: fourth)?.queryItems?.first { $0.name == "code" }?.value)
            #expect(try await browser.comeBack(fourth.replacing(own, with: code)) == "/#/openid/unavailable")
            for path in ["?", "?state=", "?code=x", "?state=%00&code=%ff", "?iss=x"] {
                #expect(try await browser.comeBack(Self.base + OpenIDRoutes.answer + path) == "/#/openid/stale")
            }
        }
    }

    @Test func tokensThatAreForgedLetNobodyIn() async throws {
        try await run { portal, provider in
            var browser = Browser(portal: portal, provider: provider)
            #expect(try await browser.signIn("nv-1024") == "/#/home")
            let forgeries = [
                #"{"key": "other"}"#, #"{"alg": "none"}"#, #"{"alg": "HS256"}"#, #"{"claims": {"aud": "khac"}}"#,
                #"{"claims": {"aud": ["khac"], "azp": "khac"}}"#, #"{"claims": {"iss": "https://evil.example"}}"#,
                #"{"exp": -120}"#, #"{"iat": 3600}"#, #"{"iat": -3600}"#, #"{"claims": {"nonce": "cu"}}"#,
                #"{"claims": {"sub": ""}}"#, #"{"kid": "chua-co"}"#, #"{"missing": true}"#,
            ]
            for forgery in forgeries {
                try await provider.forge(forgery)
                #expect(try await browser.signIn("nv-1024") == "/#/openid/unbelieved", "\(forgery)")
                #expect(browser.session.isEmpty, "\(forgery)")
            }
            try await provider.forge("{}")
            #expect(try await browser.signIn("nv-1024") == "/#/home")
            let refusals = try await portal.office.journal(limit: 50).filter { $0.action == "refuse" }
            #expect(refusals.contains { $0.by == "openid" && $0.subject.contains("the token is refused") })
        }
    }

    @Test func wrongSecretsAndProvidersThatAreAwayAreTold() async throws {
        try await run(change: { $0.provider.clientSecret = "sai" }) { portal, provider in
            var browser = Browser(portal: portal, provider: provider)
            let place = try await browser.signIn("nv-1024")
            #expect(place == "/#/openid/unavailable")
        }
        try await run(change: { $0.authorityPath = nil }) { portal, provider in
            let answer = try await portal.ask(OpenIDRoutes.start, .https(token: nil))
            // Its certificate is nobody's that is known.
            #expect(String(decoding: answer.body, as: UTF8.self).contains("<html") || answer.status == 303)
            #expect(try await portal.office.journal(limit: 50).allSatisfy { $0.action != "sign in" })
        }
        try await PortalHarness.run { portal in
            let start = try await portal.ask(OpenIDRoutes.start, .https(token: nil))
            #expect(start.status == 404)
            #expect(try await portal.ask(OpenIDRoutes.answer, .https(token: nil)).status == 404)
            #expect(
                try await portal.ask("/api/v1/session/ways", .https(token: nil)).decoded(SignInWays.self).provider
                    == nil)
        }
    }

    @Test func theSecondFactorIsTheProvidersWhereItSaysSoAndTheOfficesOtherwise() async throws {
        try await run { portal, provider in
            var browser = Browser(portal: portal, provider: provider)
            // An archivist without an app may do nothing but get one.
            #expect(try await browser.signIn("nv-2048") == "/#/home")
            #expect(try await browser.status.mustEnrol)
            #expect(try await browser.ask("recordings").error?.code == "enrol")
            // The provider's word is enough.
            try await provider.forge(#"{"claims": {"amr": ["pwd", "mfa"]}}"#)
            #expect(try await browser.signIn("nv-2048") == "/#/home")
            #expect(try await !browser.status.mustEnrol)
            #expect(try await browser.ask("recordings").status == 200)
            // One with an app is asked for its code.
            let app = OneTimePassword.random()
            let codes = try await portal.office.turnOn(app, of: "minh", code: app.password(at: Date()))
            #expect(try await browser.signIn("nv-2048") == "/#/home")
            #expect(try await browser.ask("recordings").status == 200)
            try await provider.forge(#"{"claims": {"amr": ["pwd"]}}"#)
            #expect(try await browser.signIn("nv-2048") == "/#/home")
            let status = try await browser.status
            #expect(status.mustProve && status.actions.isEmpty)
            for path in ["recordings", "units", "search?q=a", "access/requests"] {
                let refused = try await browser.ask(path)
                #expect(refused.status == 403 && refused.error?.code == "prove", "\(path)")
            }
            #expect(
                try await browser.ask("session/second-factor", method: "POST", csrf: status.csrfToken).status == 403)
            func prove(_ code: String, _ csrf: String) async throws -> Int {
                try await browser.ask("session/code", method: "POST", csrf: csrf, body: #"{"code": "\#(code)"}"#).status
            }
            #expect(try await prove("000000", status.csrfToken) == 401)
            #expect(try await prove(codes[0], "gia") == 403)
            #expect(try await browser.ask("recordings").status == 403)
            #expect(try await prove(codes[0], status.csrfToken) == 200)
            #expect(try await browser.ask("recordings").status == 200)
            #expect(try await prove(codes[1], status.csrfToken) == 401, "there is nothing to prove any more")
            // Wrong codes lock the account, also for the provider's word.
            #expect(try await browser.signIn("nv-2048") == "/#/home")
            let again = try await browser.status.csrfToken
            for _ in 0..<5 { #expect(try await prove("000000", again) == 401) }
            #expect(try await prove(codes[1], again) == 401)
            try await provider.forge(#"{"claims": {"amr": ["mfa"]}}"#)
            #expect(try await browser.signIn("nv-2048") == "/#/openid/locked")
        }
    }

    private static let event = #""events": {"http://schemas.openid.net/event/backchannel-logout": {}}"#

    /// The provider says that a session is over.
    private func end(
        _ portal: PortalHarness, _ token: String, type: String = "application/x-www-form-urlencoded",
        headers: [String: String] = [:]
    ) async throws -> Int {
        let headers = headers.merging(["Content-Type": type]) { first, _ in first }
        return try await portal.ask(
            "/openid/logout", .https(token: nil), method: "POST", headers: headers, body: "logout_token=\(token)"
        ).status
    }

    @Test func aSessionThatEndsAtTheProviderEndsHereAndNoOtherDoes() async throws {
        try await run(.offered) { portal, provider in
            var browsers: [Browser] = []
            for (subject, session) in [("nv-1024", "s-1"), ("nv-1024", "s-2"), ("nv-2048", "s-3")] {
                try await provider.forge(#"{"claims": {"sid": "\#(session)"}}"#)
                var browser = Browser(portal: portal, provider: provider)
                #expect(try await browser.signIn(subject) == "/#/home")
                browsers.append(browser)
            }
            func open(_ browsers: [Browser]) async throws -> [Bool] {
                var open: [Bool] = []
                for browser in browsers { open.append(try await browser.ask("units").status == 200) }
                return open
            }
            func order(_ claims: String) async throws -> String {
                try await provider.order(#"{"claims": {\#(claims), \#(Self.event)}}"#)
            }
            #expect(try await open(browsers) == [true, true, true])
            let first = try await order(#""sub": "nv-1024", "sid": "s-1", "jti": "a""#)
            #expect(try await end(portal, first) == 200)
            #expect(try await open(browsers) == [false, true, true])
            #expect(try await end(portal, first) == 400, "it is good once")
            #expect(
                try await end(portal, try await order(#""sid": "s-9", "jti": "b""#)) == 200,
                "a session that never came here is over, too")
            #expect(try await end(portal, try await order(#""sub": "nv-1024", "sid": "s-3", "jti": "c""#)) == 200)
            #expect(try await open(browsers) == [false, true, true], "a wrong pair ends nobody's")
            #expect(try await end(portal, try await order(#""sub": "nv-1024", "jti": "d""#)) == 200)
            #expect(try await open(browsers) == [false, false, true])
            let lines = try await portal.office.journal(limit: 50).filter { $0.action == "sign out" }
            #expect(lines.map(\.by) == ["openid", "openid"])
            #expect(lines.allSatisfy { $0.subject == "lan by \(provider.issuer)" })
            // Whose sign-in was under way when the session ended does not come in; the next one does.
            try await provider.forge(#"{"iat": -5, "claims": {"sid": "s-2"}}"#)
            #expect(try await browsers[0].signIn("nv-1024") == "/#/openid/stale")
            #expect(browsers[0].session.isEmpty)
            try await provider.forge(#"{"iat": 5, "claims": {"sid": "s-4"}}"#)
            #expect(try await browsers[0].signIn("nv-1024") == "/#/home")
            #expect(try await open(browsers) == [true, false, true])
        }
    }

    @Test func ordersThatAreForgedEndNothing() async throws {
        try await run(.offered) { portal, provider in
            try await provider.forge(#"{"claims": {"sid": "s-1"}}"#)
            var browser = Browser(portal: portal, provider: provider)
            #expect(try await browser.signIn("nv-1024") == "/#/home")
            let base = #""sub": "nv-1024", "sid": "s-1""#
            let name = "http://schemas.openid.net/event/backchannel-logout"
            let forgeries = [
                #"{"key": "other", "claims": {"jti": "1", \#(base), \#(Self.event)}}"#,
                #"{"claims": {"jti": "2", \#(base)}}"#,
                #"{"claims": {"jti": "3", \#(base), "events": {"\#(name)": 1}}}"#,
                #"{"claims": {"jti": "4", \#(base), "events": ["\#(name)"]}}"#,
                #"{"claims": {"jti": "5", "nonce": "n", \#(base), \#(Self.event)}}"#,
                #"{"claims": {\#(base), \#(Self.event)}}"#, #"{"claims": {"jti": "6", \#(Self.event)}}"#,
                #"{"claims": {"jti": "7", "aud": "khac", \#(base), \#(Self.event)}}"#,
                #"{"claims": {"jti": "8", "iss": "https://evil.example", \#(base), \#(Self.event)}}"#,
                #"{"claims": {"jti": "9", "exp": 1, \#(base), \#(Self.event)}}"#,
                #"{"typ": "at+jwt", "claims": {"jti": "10", \#(base), \#(Self.event)}}"#,
            ]
            for forgery in forgeries {
                #expect(try await end(portal, try await provider.order(forgery)) == 400, "\(forgery)")
            }
            let good = try await provider.order(#"{"claims": {"jti": "11", \#(base), \#(Self.event)}}"#)
            #expect(try await end(portal, good, type: "application/json") == 400)
            #expect(try await end(portal, "\(good)&logout_token=\(good)") == 400)
            #expect(try await end(portal, String(repeating: "a", count: 30_000)) == 400)
            #expect(try await end(portal, "%ff%00") == 400)
            #expect(try await end(portal, good, headers: ["Sec-Fetch-Site": "cross-site"]) == 403)
            #expect(try await browser.ask("units").status == 200, "it goes on")
            #expect(try await end(portal, good) == 200)
            #expect(try await browser.ask("units").status == 401)
            let refusals = try await portal.office.journal(limit: 50).filter { $0.action == "refuse" }
            #expect(refusals.contains { $0.by == "openid" && $0.subject.contains("400 end of a session") })
        }
        try await PortalHarness.run { portal in
            let status = try await end(portal, "x")
            #expect(status == 404, "there is no provider")
        }
    }
}
