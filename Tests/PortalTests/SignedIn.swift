import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// Somebody signed in.
struct SignedIn {
    private static let password = "cầu truyền hình 26"
    let portal: PortalHarness
    let cookie: String
    private let csrf: String

    init(_ portal: PortalHarness, _ id: String, _ roles: Set<Role>, unit: String? = nil) async throws {
        self.portal = portal
        let entry = PersonEntry(id: id, name: "Người \(id)", unit: unit, roles: roles)
        try await portal.office.apply([.add(.person(entry))], by: "test")
        let link = try await portal.office.issueLink(to: id, by: "test")
        let body = try PortalJSON.encode(LinkRequest(token: link.token, password: Self.password))
        let answer = try await portal.ask(
            "/api/v1/session/link", .https(token: nil), method: "POST", body: String(decoding: body, as: UTF8.self))
        cookie = String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" })
        csrf = try answer.decoded(SessionStatus.self).csrfToken
    }

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> PortalHarness.Answer {
        let own = headers.merging(["Cookie": cookie]) { first, _ in first }
        return try await portal.ask("/api/v1/\(path)", .https(token: nil), headers: own)
    }

    func post(_ path: String, _ body: some Encodable = [String: String]()) async throws -> PortalHarness.Answer {
        try await portal.ask(
            "/api/v1/\(path)", .https(token: nil), method: "POST", headers: ["Cookie": cookie, "X-CSRF-Token": csrf],
            body: String(decoding: try PortalJSON.encode(body), as: UTF8.self))
    }

    func delete(_ path: String) async throws -> PortalHarness.Answer {
        try await portal.ask(
            "/api/v1/\(path)", .https(token: nil), method: "DELETE",
            headers: ["Cookie": cookie, "X-CSRF-Token": csrf])
    }
}
