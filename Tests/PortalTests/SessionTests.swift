import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct SessionTests {
    private static let password = "cầu truyền hình 26"

    /// Somebody with a password, made as an administrator makes one.
    private func person(
        _ portal: PortalHarness, _ id: String = "lan", roles: [String] = ["convener"]
    ) async throws -> (cookie: String, status: SessionStatus) {
        let entry = PersonEntry(id: id, name: "Lan", roles: Set(roles.compactMap { Role(rawValue: $0) }))
        let body = String(decoding: try PortalJSON.encode(entry), as: UTF8.self)
        let answer = try await portal.ask("/api/v1/people/\(id)", method: "PUT", body: body).decoded(
            RegisterAnswer.self)
        let link = try #require(answer.links.first)
        #expect(link.url == "https://hop.example.vn/#/start/\(link.token)")
        let request = LinkRequest(token: link.token, password: Self.password)
        return try opened(
            try await portal.ask(
                "/api/v1/session/link", .https(token: nil), method: "POST",
                body: String(decoding: try PortalJSON.encode(request), as: UTF8.self)))
    }

    private func opened(_ answer: PortalHarness.Answer) throws -> (cookie: String, status: SessionStatus) {
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        let set = try #require(answer.headers["set-cookie"])
        for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] { #expect(set.contains(attribute)) }
        return (String(set.prefix { $0 != ";" }), try answer.decoded(SessionStatus.self))
    }

    private func signIn(_ portal: PortalHarness, _ name: String, _ password: String) async throws
        -> PortalHarness.Answer
    {
        let body = try PortalJSON.encode(SignInRequest(name: name, password: password))
        return try await portal.ask(
            "/api/v1/session", .https(token: nil), method: "POST", body: String(decoding: body, as: UTF8.self))
    }

    @Test func aLinkSetsAPasswordOnceAndThePasswordSignsIn() async throws {
        try await PortalHarness.run { portal in
            let (cookie, status) = try await person(portal)
            #expect(status.roles == [.convener] && status.actions.contains("changeRegister"))
            #expect(!status.actions.contains("changePeople"))
            #expect(
                try await portal.ask("/api/v1/units", .https(token: nil), headers: ["Cookie": cookie]).status == 200)
            _ = try opened(try await signIn(portal, "lan", Self.password))
            let wrong = try await signIn(portal, "lan", "sai")
            #expect(wrong.status == 401 && wrong.error?.vietnamese == "Tên hoặc mật khẩu không đúng.")
            let nobody = try await signIn(portal, "khong-co", "sai")
            #expect(nobody.error == wrong.error, "what is wrong is not told")
        }
    }

    @Test func whatChangesNeedsTheSessionsTokenAndThePortalsOwnPage() async throws {
        try await PortalHarness.run { portal in
            let (cookie, status) = try await person(portal)
            let body = #"{"id": "soyte", "name": "Sở Y tế", "order": 1}"#
            func put(_ headers: [String: String]) async throws -> Int {
                try await portal.ask(
                    "/api/v1/units/soyte", .https(token: nil), method: "PUT",
                    headers: headers.merging(["Cookie": cookie]) { $1 }, body: body
                ).status
            }
            #expect(try await put([:]) == 403)
            #expect(try await put(["X-CSRF-Token": "0"]) == 403)
            #expect(try await put(["X-CSRF-Token": status.csrfToken, "Sec-Fetch-Site": "cross-site"]) == 401)
            #expect(try await put(["X-CSRF-Token": status.csrfToken, "Sec-Fetch-Site": "same-origin"]) == 200)
        }
    }

    @Test func anAccountIsLockedAfterFiveFailures() async throws {
        try await PortalHarness.run { portal in
            _ = try await person(portal)
            for _ in 0..<5 { #expect(try await signIn(portal, "lan", "sai").status == 401) }
            let shut = try await signIn(portal, "lan", Self.password)
            #expect(shut.status == 401 && shut.error?.vietnamese?.contains("bị khóa đến") == true)
        }
    }

    @Test func signingOutEndsTheSessionAndSoDoesRemovingThePerson() async throws {
        try await PortalHarness.run { portal in
            let (cookie, status) = try await person(portal)
            let headers = ["Cookie": cookie, "X-CSRF-Token": status.csrfToken]
            #expect(
                try await portal.ask("/api/v1/session", .https(token: nil), method: "DELETE", headers: headers).status
                    == 204)
            #expect(try await portal.ask("/api/v1/units", .https(token: nil), headers: headers).status == 401)
            let second = try opened(try await signIn(portal, "lan", Self.password))
            #expect(try await portal.ask("/api/v1/people/lan", method: "DELETE").status == 200)
            #expect(
                try await portal.ask("/api/v1/units", .https(token: nil), headers: ["Cookie": second.cookie]).status
                    == 401)
        }
    }

    @Test func aLockedSessionAnswersNothingUntilThePasswordComes() async throws {
        try await PortalHarness.run { portal in
            let (cookie, status) = try await person(portal)
            let headers = ["Cookie": cookie, "X-CSRF-Token": status.csrfToken]
            _ = try await portal.ask("/api/v1/session/lock", .https(token: nil), method: "POST", headers: headers)
            let locked = try await portal.ask("/api/v1/units", .https(token: nil), headers: headers)
            #expect(locked.status == 401 && locked.error?.code == "locked")
            let seen = try await portal.ask("/api/v1/session", .https(token: nil), headers: headers)
            #expect(try seen.decoded(SessionStatus.self).isLocked)
            #expect(
                try await portal.ask(
                    "/api/v1/session/unlock", .https(token: nil), method: "POST", headers: headers,
                    body: #"{"password": "sai"}"#
                ).status == 401)
            let body = try PortalJSON.encode(UnlockRequest(password: Self.password))
            #expect(
                try await portal.ask(
                    "/api/v1/session/unlock", .https(token: nil), method: "POST", headers: headers,
                    body: String(decoding: body, as: UTF8.self)
                ).status == 200)
            #expect(try await portal.ask("/api/v1/units", .https(token: nil), headers: headers).status == 200)
        }
    }

    @Test func sessionsLockByTheirClockWhichAPagesOwnQuestionsDoNotStop() throws {
        let roles = [Set<Role>([.convener]): 15, [.administrator, .convener]: 5]
        for (roles, minutes) in roles {
            let desk = SessionDesk { PersonEntry(id: $0, name: $0, roles: roles) }
            let start = ContinuousClock.now
            let token = desk.open("lan", at: start)
            let almost = start + .seconds(minutes * 60 - 1)
            #expect(desk.session(token, isActivity: true, at: almost)?.isLocked == false)
            let later = almost + .seconds(minutes * 60 - 1)
            #expect(desk.session(token, isActivity: false, at: later)?.isLocked == false)
            #expect(desk.session(token, isActivity: true, at: later + .seconds(1))?.isLocked == true)
            desk.unlock(token, at: later + .seconds(2))
            #expect(desk.session(token, isActivity: true, at: later + .seconds(3))?.isLocked == false)
            #expect(desk.session(token, isActivity: true, at: start + SessionDesk.longest) == nil)
        }
    }
}

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct RegisterRoutesTests {
    @Test func entriesAreAddedOnceChangedAndRemovedAndTheFilesStay() async throws {
        try await PortalHarness.run { portal in
            let point =
                #"{"id": "soyte", "name": "Sở Y tế", "officer": "", "telephone": "", "username": "soyte", "devices": ["computer"], "order": 1}"#
            let added = try await portal.ask("/api/v1/points/soyte?mode=add", method: "PUT", body: point)
            #expect(try added.decoded(RegisterAnswer.self).passwords.map(\.username) == ["soyte"])
            #expect(try await portal.ask("/api/v1/points/soyte?mode=add", method: "PUT", body: point).status == 409)
            let listed = try await portal.ask("/api/v1/points").decoded([Listed<PointEntry>].self)
            #expect(listed.map(\.entry.id) == ["soyte"] && listed.allSatisfy { !$0.isFixed })
            #expect(!String(decoding: try await portal.ask("/api/v1/points").body, as: UTF8.self).contains("password"))
            let room = try await portal.ask(
                "/api/v1/rooms/giaoban", method: "PUT",
                body: #"{"id": "giaoban", "title": "x", "isOpen": true, "lingerSeconds": 1, "maximumPoints": 2}"#)
            #expect(room.status == 409 && room.error?.vietnamese?.contains("tệp cấu hình") == true)
            #expect(try await portal.ask("/api/v1/points/soyte", method: "DELETE").status == 200)
            #expect(try await portal.ask("/api/v1/points/soyte", method: "DELETE").status == 404)
        }
    }

    @Test func aFileIsTriedAndThenTakenWhole() async throws {
        try await PortalHarness.run { portal in
            let file = "Mã;Tên\nsoyte;Sở Y tế\nsotc;Sở Tài chính\n"
            let tried = try await portal.ask("/api/v1/units/import?dryRun=true", method: "POST", body: file)
            #expect(try tried.decoded(ImportReport.self).lines.map(\.outcome) == [.new, .new])
            #expect(portal.office.register.unit("soyte") == nil)
            let taken = try await portal.ask("/api/v1/units/import", method: "POST", body: file)
            #expect(try taken.decoded(ImportReport.self).isApplied)
            #expect(portal.office.register.unit("sotc")?.name == "Sở Tài chính")
            let wrong = try await portal.ask(
                "/api/v1/units/import", method: "POST", body: "Mã,Tên\nmoi,Mới\nSAI,Sai\n")
            let report = try wrong.decoded(ImportReport.self)
            #expect(!report.isApplied && report.faults.map(\.line) == [3])
            #expect(portal.office.register.unit("moi") == nil)
        }
    }
}
