import Foundation
import Office
import PortalAPI
import Testing

@testable import Portal

struct RateLimiterTests {
    @Test func eachIdentityHasItsOwnShareThatComesBackWithTime() {
        let limiter = RateLimiter(RequestLimits())
        let start = ContinuousClock.now
        let most = RequestLimits().accessRequest
        for _ in 0..<most { #expect(limiter.take(.accessRequest, by: "lan", at: start) == nil) }
        let excess = limiter.take(.accessRequest, by: "lan", at: start)
        #expect(excess?.wait == .seconds(60) / most && excess?.perMinute == most)
        #expect(limiter.take(.accessRequest, by: "minh", at: start) == nil, "another one's is untouched")
        #expect(limiter.take(.search, by: "lan", at: start) == nil, "and so is another kind")
        let later = start + .seconds(60) / most
        #expect(limiter.take(.accessRequest, by: "lan", at: later) == nil)
        #expect(limiter.take(.accessRequest, by: "lan", at: later) != nil)
        for _ in 0..<most { #expect(limiter.take(.accessRequest, by: "lan", at: start + .seconds(120)) == nil) }
    }

    @Test func itRemembersABoundedNumberAndForgetsWhoOwesLeast() {
        let limiter = RateLimiter(RequestLimits())
        let start = ContinuousClock.now
        for _ in 0..<RequestLimits().signIn { _ = limiter.take(.signIn, by: "đoán mò", at: start) }
        for number in 0..<3 * RateLimiter.most {
            _ = limiter.take(.signIn, by: "\(number)", at: start)
            if number % 997 == 0 { #expect(limiter.count <= RateLimiter.most) }
        }
        #expect(limiter.count <= RateLimiter.most)
        #expect(limiter.take(.signIn, by: "đoán mò", at: start) != nil, "who owes most is remembered")
    }

    @Test func theDocumentationHasTheTableOfLimits() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/api.md").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        let limits = RequestLimits()
        let lines = RateKind.allCases.map { "| `\($0.rawValue)` | \(limits.perMinute($0)) | \($0.meaning) |" }
        let table = (["| kind | a minute | of what |", "|---|---|---|"] + lines).joined(separator: "\n")
        #expect(text.contains("\n" + table + "\n"), "docs/api.md is to have:\n\(table)")
    }

    @Test func whatARequestCountsAsIsToldByItsPath() {
        let kinds: [(String, RateKind?)] = [
            ("/api/v1/search", .search), ("/api/v1/recordings/x/files/data/access.webm", .download),
            ("/api/v1/recordings/x/film/stream", .download), ("/api/v1/recordings/x/points/p/stream", .download),
            ("/api/v1/recordings/x/report.pdf", .download), ("/api/v1/recordings/x", nil),
            ("/api/v1/schedule/x/papers/7", .download), ("/api/v1/access/grants/7/film", .download),
            ("/api/v1/access/grants/7/package", .download), ("/api/v1/access/register.csv", .download),
            ("/api/v1/access/requests", nil), ("/api/v1/units", nil), ("/api", nil), ("/", nil),
        ]
        for (path, kind) in kinds { #expect(RateKind.of(.get, path) == kind, "\(path)") }
        #expect(RateKind.of(.post, "/api/v1/access/requests") == .accessRequest)
        #expect(RateKind.of(.post, "/api/v1/access/requests/7/withdraw") == nil)
    }
}

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct RateRoutesTests {
    private func expectRefused(_ answer: PortalHarness.Answer, _ kind: RateKind) throws {
        #expect(answer.status == 429)
        #expect(answer.error?.code == "rate" && answer.error?.error.contains(kind.rawValue) == true)
        #expect(answer.error?.vietnamese?.contains("hãy thử lại sau") == true)
        #expect(try #require(answer.headers["retry-after"].flatMap { Int($0) }) >= 1)
    }

    @Test func whoAsksForTooMuchIsToldWhenToComeBackAndNobodyElseIs() async throws {
        try await PortalHarness.run {
            // Each comes back after half a minute, however slow the machine is.
            $0.limits.accessRequest = 2
        } _: { portal in
            let wish = #"{"recording": "khong-co", "reason": "Nghiên cứu"}"#
            func ask(_ token: String) async throws -> PortalHarness.Answer {
                try await portal.ask("/api/v1/access/requests", .https(token: token), method: "POST", body: wish)
            }
            let reader = PortalHarness.token(of: .agencyReader)
            var last = try await ask(reader)
            for _ in 0..<5 where last.status != 429 { last = try await ask(reader) }
            try expectRefused(last, .accessRequest)
            #expect(try await ask(PortalHarness.token(of: .convener)).status != 429)
            #expect(
                try await portal.ask("/api/v1/access/requests", .https(token: reader)).status == 200,
                "what it may do besides it may go on doing")
            let lines = try await portal.office.journal(limit: 10)
            #expect(lines.contains { $0.action == "refuse" && $0.subject.contains("429 POST /api/v1/access/requests") })
        }
    }

    @Test func whatASiteSetsHoldsAndARereadConfigurationHoldsAtOnce() async throws {
        try await PortalHarness.run {
            $0.limits.search = 2
            $0.limits.wrongTokens = 2
        } _: { portal in
            let token = PortalHarness.archivistToken
            func search() async throws -> PortalHarness.Answer {
                try await portal.ask("/api/v1/search?q=a", .https(token: token))
            }
            for _ in 0..<2 { #expect(try await search().status != 429) }
            let refused = try await search()
            try expectRefused(refused, .search)
            #expect(refused.error?.error.contains("2 a minute") == true)
            var wider = portal.configuration
            wider.limits.search = 60_000
            wider.limits.wrongTokens = 4
            try portal.server.reload(wider)
            // What was asked before is paid off by the old share: a minute's worth of two.
            #expect(try await portal.ask("/api/v1/recordings", .https(token: token)).status == 200)
            let other = PortalHarness.administratorToken
            for _ in 0..<20 {
                #expect(try await portal.ask("/api/v1/search?q=a", .https(token: other)).status != 429)
            }
            for attempt in 0..<4 {
                #expect(try await portal.ask("/api/v1/status", .https(token: "sai-\(attempt)")).status == 401)
            }
            #expect(try await portal.ask("/api/v1/status", .https(token: other)).status == 429)
        }
    }

    @Test func passwordsForOneNameAreCountedWhetherThereIsSuchAPersonOrNot() async throws {
        try await PortalHarness.run {
            $0.limits.signIn = 2
        } _: { portal in
            try await portal.office.apply(
                [.add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.convener])))], by: "test")
            for name in ["lan", "khong-co"] {
                // At once, for what it takes to look at a password gives time back.
                let limited = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            let answer = try await portal.ask(
                                "/api/v1/session", .https(token: nil), method: "POST",
                                body: #"{"name": "\#(name)", "password": "sai"}"#)
                            return answer.status == 429 && answer.error?.code == "rate"
                                && answer.headers["retry-after"] != nil
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(limited > 0, "\(name)")
            }
        }
    }
}
