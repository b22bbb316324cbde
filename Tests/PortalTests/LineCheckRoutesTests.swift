import Foundation
import PortalAPI
import Quality
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL, "openssl is missing"))
struct LineCheckRoutesTests {
    @Test func checksAreListedForAdministratorsAndReadByWhoeverKnowsTheirName() async throws {
        try await PortalHarness.run { portal in
            let all = try await portal.ask("/api/v1/checks", .socket)
            #expect(try PortalJSON.decode([LineCheck].self, from: all.body) == [StubBridge.check])
            let other = try await portal.ask("/api/v1/checks?point=so-yt", .socket)
            #expect(try PortalJSON.decode([LineCheck].self, from: other.body) == [])
            let told = try await portal.ask("/join/checks/\(StubBridge.check.id)", .https(token: nil))
            #expect(told.status == 200)
            let check = try PortalJSON.decode(LineCheck.self, from: told.body)
            #expect(check.findings.first?.fault == .lossUp)
            #expect(check.findings.first?.words["vi"]?.isEmpty == false)
            #expect(try await portal.ask("/join/checks/unknown", .https(token: nil)).status == 404)
        }
    }

    @Test func theSeriesOfAMeetingAreOfOneLengthWithNullWhereNothingTells() async throws {
        try await PortalHarness.run { portal in
            let answer = try await portal.ask("/api/v1/meetings/live-1/quality", .socket)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains(#""lossUp":[null,1.23]"#))
            let quality = try PortalJSON.decode(MeetingQuality.self, from: answer.body)
            let point = try #require(quality.points.first)
            #expect([point.mos, point.lossDown, point.rateUp, point.freezes].allSatisfy { $0.count == 2 })
            #expect(point.alarms == [.lossUp])
            #expect(try await portal.ask("/api/v1/meetings/gone/quality", .socket).status == 404)
        }
    }
}
