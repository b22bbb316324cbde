import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// Every operation of the interface, asked with what is forged, over, or somebody else's.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct ForgeryTests {
    private static func address(_ operation: APIOperation, part: String = "khong-co") -> String {
        "/api/v1/"
            + operation.path.split(separator: "/").map { $0.hasPrefix("{") ? part : String($0) }
            .joined(separator: "/")
    }

    private static func ask(
        _ portal: PortalHarness, _ operation: APIOperation, token: String? = nil, headers: [String: String] = [:]
    ) async throws -> PortalHarness.Answer {
        try await portal.ask(
            address(operation), .https(token: token), method: operation.method.rawValue, headers: headers,
            body: operation.method == .get ? nil : "{")
    }

    private static var guarded: [APIOperation] {
        APIOperation.all.filter { if case .action = $0.access { true } else { false } }
    }

    @Test func noTokenThatIsForgedExpiredOrRevokedDoesAnything() async throws {
        try await PortalHarness.run { portal in
            let good = PortalHarness.administratorToken
            let revoked = try await portal.office.makeToken(
                named: "Cũ", role: .administrator, scopes: nil, for: .seconds(3600), by: "test")
            _ = try await portal.office.revokeToken(revoked.record.id, by: "test")
            let expired = try await portal.office.makeToken(
                named: "Hết hạn", role: .administrator, scopes: nil, for: .milliseconds(1), by: "test")
            let forged = ["", good + "x", String(good.dropLast()), good.uppercased(), revoked.token, expired.token]
            for operation in Self.guarded {
                for token in forged {
                    let answer = try await Self.ask(portal, operation, token: token)
                    #expect(answer.status == 401, "\(operation.method) \(operation.path) \(token): \(answer.status)")
                    // Five wrong ones would shut the address out.
                    _ = try await portal.ask("/api/v1/openapi.json", .https(token: good))
                }
            }
        }
    }

    @Test func noSessionThatIsOverLockedOrForgedDoesAnything() async throws {
        try await PortalHarness.run { portal in
            let signedOut = try await SignedIn(portal, "ra", [.administrator])
            let removed = try await SignedIn(portal, "bo", [.administrator])
            let locked = try await SignedIn(portal, "khoa", [.administrator])
            let open = try await SignedIn(portal, "mo", [.administrator])
            #expect(try await locked.post("session/lock").status == 204)
            #expect(try await portal.ask("/api/v1/people/bo", method: "DELETE").status == 200)
            let csrf = try await signedOut.get("session").decoded(SessionStatus.self).csrfToken
            #expect(
                try await portal.ask(
                    "/api/v1/session", .https(token: nil), method: "DELETE",
                    headers: ["Cookie": signedOut.cookie, "X-CSRF-Token": csrf]
                ).status == 204)
            for operation in Self.guarded {
                for cookie in [signedOut.cookie, removed.cookie, "__Host-causeway=", open.cookie + "0"] {
                    let answer = try await Self.ask(
                        portal, operation, headers: ["Cookie": cookie, "X-CSRF-Token": csrf])
                    #expect(answer.status == 401, "\(operation.method) \(operation.path): \(answer.status)")
                }
                let isReading = operation.method == .get
                // A token of the session that is another's, none, and a page of another site.
                let other = try await Self.ask(
                    portal, operation, headers: ["Cookie": locked.cookie, "X-CSRF-Token": csrf])
                #expect(other.status == (isReading ? 401 : 403), "\(operation.method) \(operation.path)")
                if !isReading {
                    for headers in [[:], ["X-CSRF-Token": csrf]] {
                        let answer = try await Self.ask(
                            portal, operation, headers: headers.merging(["Cookie": open.cookie]) { first, _ in first })
                        #expect(answer.status == 403, "\(operation.method) \(operation.path): \(answer.status)")
                    }
                }
                let elsewhere = try await Self.ask(
                    portal, operation, headers: ["Cookie": open.cookie, "Sec-Fetch-Site": "cross-site"])
                #expect(elsewhere.status == 401, "\(operation.method) \(operation.path): \(elsewhere.status)")
            }
        }
    }

    /// By the machine's own administrator, whom nothing else hinders.
    @Test func noIdentifierLeadsAnywhere() async throws {
        let parts = [
            "..", "%2e%2e", "..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "%00", "a%0d%0aX-Evil:%201", "-1", "0",
            "99999999999999999999", "1%27%20OR%201=1--", "%F0%9F%92%A9", String(repeating: "a", count: 3000),
        ]
        try await PortalHarness.run { portal in
            for operation in Self.guarded where operation.path.contains("{") {
                for part in parts {
                    let answer = try await portal.ask(
                        Self.address(operation, part: part), method: operation.method.rawValue,
                        body: operation.method == .get ? nil : "{}")
                    #expect(
                        (400..<500).contains(answer.status),
                        "\(operation.method) \(operation.path) \(part.prefix(40)): \(answer.status)")
                    #expect(answer.headers["x-evil"] == nil)
                    #expect(!String(decoding: answer.body, as: UTF8.self).contains("root:x:"))
                }
                // The client would ask for another address: octets that are no text are put on the line by hand.
                if operation.method == .get {
                    let answer = try await portal.askRaw(Self.address(operation, part: "%ff%fe"))
                    #expect((400..<500).contains(answer.status), "\(operation.path) %ff%fe: \(answer.status)")
                }
            }
        }
    }

    /// Names of papers are names: they lead nowhere, whatever they look like, and come back as a harmless one.
    @Test func noNameOfAPaperIsAPath() async throws {
        try await PortalHarness.run { portal in
            let convener = try await SignedIn(portal, "lan", [.convener])
            try await portal.office.apply(
                [
                    .add(
                        .point(
                            PointEntry(id: "soyte", name: "Sở Y tế", username: "soyte", devices: [.computer], order: 1))
                    )
                ], by: "test")
            let made = try await convener.post("schedule", PortalHarness.meeting(points: ["soyte"]))
            #expect(made.status == 201, "\(String(decoding: made.body, as: UTF8.self))")
            let id = try made.decoded(MeetingDetail.self).meeting.id
            let before = try Set(FileManager.default.subpathsOfDirectory(atPath: portal.root))
            for name in [
                "../../../etc/cron.d/x.txt", "..%5c..%5cx.txt", "/etc/passwd.txt", "a\u{0}b.txt", "x\r\nX-Evil: 1.txt",
                ".txt", "..", "con.txt", "\u{202E}fdp.txt", String(repeating: "ă", count: 500) + ".txt",
            ] {
                let query = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                let answer = try await portal.ask(
                    "/api/v1/schedule/\(id)/papers?name=\(query)", method: "POST", body: "Tờ trình")
                #expect(answer.status == 201 || (400..<500).contains(answer.status), "\(name): \(answer.status)")
                guard answer.status == 201 else { continue }
                let paper = try answer.decoded(Paper.self)
                #expect(
                    !paper.name.contains("/") && !paper.name.contains("\\") && !paper.name.contains("\0"), "\(name)")
                let fetched = try await portal.ask("/api/v1/schedule/\(id)/papers/\(paper.id)")
                let disposition = try #require(fetched.headers["content-disposition"])
                #expect(disposition.hasPrefix("attachment") && !disposition.contains(".."), "\(disposition)")
                #expect(fetched.headers["x-evil"] == nil && fetched.headers["x-content-type-options"] == "nosniff")
            }
            let after = try Set(FileManager.default.subpathsOfDirectory(atPath: portal.root))
            // The papers' own folder, by their hash, and nothing else.
            #expect(
                after.subtracting(before).allSatisfy { $0.hasPrefix("papers") || $0.contains("sqlite") },
                "\(after.subtracting(before))")
        }
    }
}
