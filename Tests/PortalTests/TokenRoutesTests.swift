import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// Tokens that an administrator makes, what they are confined to, and when they are refused.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct TokenRoutesTests {
    private func make(_ portal: PortalHarness, _ order: TokenOrder) async throws -> NewToken {
        let body = String(decoding: try PortalJSON.encode(order), as: UTF8.self)
        let answer = try await portal.ask("/api/v1/tokens", .socket, method: "POST", body: body)
        try #require(answer.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        return try answer.decoded(NewToken.self)
    }

    /// Each scope is tried with each action, as an administrator's token that is confined to it.
    @Test func eachScopeAllowsItsActionsAndNothingElse() async throws {
        try await PortalHarness.run { portal in
            for scope in TokenScope.allCases {
                let made = try await make(
                    portal, TokenOrder(name: scope.rawValue, role: .administrator, scopes: [scope]))
                for operation in APIOperation.all {
                    // One operation of each action will do: what each of them requires is tried by role.
                    guard case .action(let action) = operation.access,
                        operation.path == Self.firstPaths[action], operation.method == .get || action.scope != scope
                    else { continue }
                    let path = operation.path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : $0 }
                    let answer = try await portal.ask(
                        "/api/v1/" + path.joined(separator: "/"), .https(token: made.token),
                        method: operation.method.rawValue, body: operation.method == .get ? nil : "{")
                    #expect(
                        (answer.status == 403) == (action.scope != scope), "\(scope) \(action) \(answer.status)")
                    if answer.status == 403 { #expect(answer.error?.code == "scope") }
                }
            }
            // Every scope has an action.
            #expect(Set(PortalAction.allCases.map(\.scope)) == Set(TokenScope.allCases))
        }
    }

    private static let firstPaths: [PortalAction: String] = Dictionary(
        APIOperation.all.compactMap { operation in
            if case .action(let action) = operation.access { (action, operation.path) } else { nil }
        }, uniquingKeysWith: { first, _ in first })

    @Test func aScopeGivesNoMoreThanTheRole() async throws {
        try await PortalHarness.run { portal in
            let made = try await make(
                portal, TokenOrder(name: "Hệ thống", role: .agencyReader, scopes: [.recordingsRead, .accessRequest]))
            #expect(try await portal.ask("/api/v1/recordings", .https(token: made.token)).status == 403)
            #expect(try await portal.ask("/api/v1/access/requests", .https(token: made.token)).status == 200)
            #expect(try await portal.ask("/api/v1/openapi.json", .https(token: made.token)).status == 200)
        }
    }

    @Test func aRevokedTokenIsRefusedFromTheNextRequestOn() async throws {
        try await PortalHarness.run { portal in
            let made = try await make(portal, TokenOrder(name: "Lưu trữ lịch sử", role: .archivist))
            let way = PortalHarness.Way.https(token: made.token)
            #expect(try await portal.ask("/api/v1/recordings", way).status == 200)
            let list = try await portal.ask("/api/v1/tokens")
            #expect(!String(decoding: list.body, as: UTF8.self).contains(made.token))
            #expect(try list.decoded([TokenStatus].self).map(\.id) == [made.status.id])
            let revoked = try await portal.ask("/api/v1/tokens/\(made.status.id)", .socket, method: "DELETE")
            #expect(try revoked.decoded(TokenStatus.self).state == .revoked)
            #expect(try await portal.ask("/api/v1/recordings", way).status == 401)
            #expect(try await portal.ask("/api/v1/recordings", way).status == 401)
            #expect(try await portal.ask("/api/v1/tokens/t-none", .socket, method: "DELETE").status == 404)
            let journal = try await portal.office.journal(limit: 10).map(\.action)
            #expect(journal.contains("make token") && journal.contains("revoke token"))
        }
    }

    @Test func aTokenExpires() async throws {
        try await PortalHarness.run { portal in
            let made = try await make(portal, TokenOrder(name: "Ngắn hạn", role: .archivist, validSeconds: 1))
            let way = PortalHarness.Way.https(token: made.token)
            let limit = ContinuousClock.now + .seconds(20)
            var status = 200
            while status == 200, ContinuousClock.now < limit {
                status = try await portal.ask("/api/v1/recordings", way).status
            }
            #expect(status == 401)
            #expect(made.status.expiresAt <= Date())
            let configured = try #require(
                AccessToken(
                    name: "x", role: .archivist, expiresAt: Date(timeIntervalSince1970: 10),
                    sha256: sha256("y")))
            #expect(AccessToken.find("y", among: [configured], at: Date(timeIntervalSince1970: 9)) != nil)
            #expect(AccessToken.find("y", among: [configured], at: Date(timeIntervalSince1970: 10)) == nil)
        }
    }

    @Test func nobodyMakesATokenThatMayMoreThanTheyMay() async throws {
        try await PortalHarness.run { portal in
            let made = try await make(
                portal, TokenOrder(name: "Quản lý mã", role: .administrator, scopes: [.tokensManage]))
            let way = PortalHarness.Way.https(token: made.token)
            for (body, status) in [
                (#"{"name": "a", "role": "administrator"}"#, 403),
                (#"{"name": "a", "role": "administrator", "scopes": ["harvest", "tokens:manage"]}"#, 403),
                (#"{"name": "a", "role": "administrator", "scopes": ["tokens:manage"]}"#, 201),
                (#"{"name": "a", "role": "archivist", "scopes": ["tokens:manage"]}"#, 400),
                (#"{"name": "Lan (lan)", "role": "archivist", "scopes": ["tokens:manage"]}"#, 400),
                (#"{"name": "", "role": "archivist", "scopes": ["tokens:manage"]}"#, 400),
                (#"{"name": "a", "role": "archivist", "scopes": []}"#, 400),
                (#"{"name": "a", "role": "king", "scopes": ["tokens:manage"]}"#, 400),
                (#"{"name": "a", "role": "archivist", "scopes": ["tokens:manage"], "validSeconds": 99999999999}"#, 400),
                (#"{"name": "a", "role": "archivist", "scopes": ["tokens:manage"], "validSeconds": -1}"#, 400),
            ] {
                #expect(
                    try await portal.ask("/api/v1/tokens", way, method: "POST", body: body).status == status, "\(body)")
            }
        }
    }
}
