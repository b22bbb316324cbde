import Foundation
import PortalAPI
import Search
import Testing
import Vietnamese

@testable import Portal

@Suite struct SearchRouteTests {
    private func ask(_ portal: PortalHarness, _ query: String, _ role: Role = .archivist) async throws -> SearchAnswer {
        let answer = try await portal.ask("/api/v1/search?\(query)", .https(token: PortalHarness.token(of: role)))
        return try PortalJSON.decode(SearchAnswer.self, from: Data(answer.body))
    }

    @Test(.enabled(if: PortalHarness.hasOpenSSL)) func meetingsAreFoundWithWhereToLook() async throws {
        try await PortalHarness.run { portal in
            let index = try #require(portal.configuration.search)
            func meeting(_ id: String, _ title: String, _ level: SearchLevel) -> MeetingDocument {
                MeetingDocument(
                    id: id, title: title, room: "giaoban", field: "y tế", level: level,
                    openedAt: IndochinaTime.date(from: "2026-11-24T08:00:00+07:00") ?? .distantPast, units: ["Sở Y tế"],
                    passages: [
                        Passage(
                            .speech, heading: "Sở Y tế", text: "tiêm vắc xin", beginMilliseconds: 5000,
                            endMilliseconds: 9000)
                    ])
            }
            try await index.put([
                meeting("a", "Họp giao ban", .ordinary), meeting("b", "Họp kín", .restricted),
                meeting("c", "Họp mật", .secret),
            ])
            let found = try await ask(portal, "q=hop%20v%E1%BA%AFc")
            #expect(Set(found.meetings.map(\.id)) == ["a", "b"])
            #expect(found.count == 2 && found.isWholeCount)
            let passage = try #require(found.meetings.first { $0.id == "a" }?.passages.first)
            #expect(passage.kind == "speech" && passage.beginMilliseconds == 5000 && passage.endMilliseconds == 9000)
            #expect(passage.text.text == "tiêm vắc xin" && passage.text.marks == [[5, 8]])
            #expect(try await ask(portal, "q=mat", .administrator).meetings.isEmpty)
            #expect(try await ask(portal, "q=ki&typing=1").meetings.map(\.id) == ["b"])
            #expect(try await ask(portal, "q=ki").meetings.isEmpty)
            #expect(try await ask(portal, "q=hop&unit=so%20y%20te&kind=meeting&limit=1").next != nil)
            #expect(try await ask(portal, "q=hop&from=2026-11-25").meetings.isEmpty)
            #expect(try await ask(portal, "q=hop&to=2026-11-24").count == 2)
            let restricted = try await ask(portal, "q=hop&level=restricted&level=secret").meetings
            #expect(restricted.map(\.id) == ["b"] && restricted.map(\.level) == ["restricted"])
        }
    }

    @Test(.enabled(if: PortalHarness.hasOpenSSL)) func whatIsNoRequestIsRefusedInOrder() async throws {
        try await PortalHarness.run { portal in
            let token = PortalHarness.archivistToken
            for query in [
                "q=a&after=x", "kind=film", "limit=0", "limit=many", "from=yesterday", "level=9", "order=worst",
            ] {
                let answer = try await portal.ask("/api/v1/search?\(query)", .https(token: token))
                #expect(answer.status == 400, "\(query)")
            }
            for query in [
                "", "q=", "q=%22", "q=%00", "q=NEAR(%22", "q=%FF%FE", "q=" + String(repeating: "a%22", count: 900),
            ] {
                #expect(try await portal.ask("/api/v1/search?\(query)", .https(token: token)).status == 200, "\(query)")
            }
        }
    }
}
