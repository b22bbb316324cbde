import Conference
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct ScheduleRoutesTests {
    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try PortalJSON.encode(value), as: UTF8.self)
    }

    private func points(_ portal: PortalHarness) async throws {
        try await portal.office.apply(
            ["a", "b"].map { .add(.point(PointEntry(id: $0, name: "Điểm \($0)"))) }, by: "test")
    }

    @Test func aMeetingIsCalledTogetherChangedAndCancelled() async throws {
        try await PortalHarness.run { portal in
            try await points(portal)
            let made = try await portal.ask(
                "/api/v1/schedule", method: "POST", body: try json(PortalHarness.meeting(points: ["a", "b"])))
            var detail = try made.decoded(MeetingDetail.self)
            #expect(made.status == 201 && detail.meeting.id.hasPrefix("giaoban-") && detail.pointNames["a"] == "Điểm a")
            let listed = try await portal.ask("/api/v1/schedule").decoded([ScheduleItem].self)
            #expect(listed.map(\.sitting) == detail.sittings && listed.allSatisfy { !$0.isGreen })

            // Within its time the room is taken.
            let second = PortalHarness.meeting(points: ["b"], after: 24.5)
            let refused = try await portal.ask("/api/v1/schedule", method: "POST", body: try json(second))
            #expect(refused.status == 409 && refused.error?.vietnamese?.contains("Giao ban") == true)
            let judged = try await portal.ask("/api/v1/schedule/judge", method: "POST", body: try json(second))
                .decoded(JudgedDraft.self)
            #expect(judged.fault != nil && Set(judged.clashes.map(\.kind)) == [.room, .point])

            detail.meeting.title = "Giao ban tháng"
            let changed = try await portal.ask(
                "/api/v1/schedule/\(detail.meeting.id)", method: "PUT", body: try json(detail.meeting)
            ).decoded(MeetingDetail.self)
            #expect(changed.meeting.title == "Giao ban tháng" && changed.meeting.revision == 1)
            let cancelled = try await portal.ask("/api/v1/schedule/\(detail.meeting.id)", method: "DELETE")
            #expect(try cancelled.decoded(MeetingDetail.self).meeting.isCancelled)
            #expect(try await portal.ask("/api/v1/schedule/\(detail.meeting.id)", method: "DELETE").status == 409)
            #expect(try await portal.ask("/api/v1/schedule", method: "POST", body: try json(second)).status == 201)
        }
    }

    @Test func theGateTurnsGreenByPassesAndByANamedOfficersWaiver() async throws {
        try await PortalHarness.run { portal in
            try await points(portal)
            let detail = try await portal.ask(
                "/api/v1/schedule", method: "POST", body: try json(PortalHarness.meeting(points: ["a", "b"]))
            ).decoded(MeetingDetail.self)
            let path = "/api/v1/sittings/\(try #require(detail.sittings.first).id)/rehearsal"
            #expect(try await !portal.ask(path).decoded(RehearsalGate.self).isGreen)
            for check in RehearsalCheck.allCases {
                _ = try await portal.ask(
                    "\(path)/a", .https(token: PortalHarness.token(of: .technician)), method: "PUT",
                    body: try json(RehearsalRequest(check: check, isPassed: true, note: "MOS 4,3")))
            }
            let half = try await portal.ask(path).decoded(RehearsalGate.self)
            #expect(half.points.map(\.state) == [.passed, .open] && !half.isGreen)
            #expect(half.points.first?.rehearsal.technician == "technician")
            let waiver = "\(path)/b/waiver"
            #expect(
                try await portal.ask(waiver, method: "PUT", body: try json(WaiverRequest(officer: "A", reason: " ")))
                    .status == 400)
            let body = try json(WaiverRequest(officer: "Trần Văn B", reason: "Dự bằng điện thoại"))
            #expect(try await portal.ask(waiver, method: "PUT", body: body).decoded(RehearsalGate.self).isGreen)
            #expect(
                try await portal.ask("\(path)/ma", method: "PUT", body: #"{"check":"line","isPassed":true,"note":""}"#)
                    .status == 409)
            #expect(try await !portal.ask(waiver, method: "DELETE").decoded(RehearsalGate.self).isGreen)
        }
    }

    @Test func papersComeBackAsTheyWereAndOnlyToThoseWhoSeeTheMeeting() async throws {
        try await PortalHarness.run { portal in
            try await points(portal)
            try await portal.office.apply(
                [.add(.room(RoomEntry(id: "coyeu", title: "Cơ yếu", cipherLine: "08/QĐ-BCY")))], by: "test")
            var draft = PortalHarness.meeting(points: ["a"], title: "Việc X")
            draft.room = "coyeu"
            draft.confidentiality = .secret
            let convener = PortalHarness.Way.https(token: PortalHarness.token(of: .convener))
            let detail = try await portal.ask("/api/v1/schedule", convener, method: "POST", body: try json(draft))
                .decoded(MeetingDetail.self)
            let path = "/api/v1/schedule/\(detail.meeting.id)"
            let octets = "%PDF-1.7 " + String(repeating: "tài liệu ", count: 40_000)
            let added = try await portal.ask(
                "\(path)/papers?name=B%C3%A1o%20c%C3%A1o.pdf", convener, method: "POST", body: octets)
            let paper = try added.decoded(Paper.self)
            #expect(paper.name == "Báo cáo.pdf" && paper.mime == "application/pdf" && paper.size == octets.utf8.count)
            #expect(paper.sha256 == sha256(octets))
            let back = try await portal.ask("\(path)/papers/\(paper.id)", convener)
            #expect(back.body == Data(octets.utf8))
            #expect(back.headers["content-disposition"] == "attachment; filename=\"bao-cao.pdf\"")
            // Others, and be they administrators, do not learn that there is such a meeting.
            for way in [PortalHarness.Way.socket, .https(token: PortalHarness.token(of: .chair))] {
                #expect(try await portal.ask(path, way).status == 404)
                #expect(try await portal.ask("\(path)/papers/\(paper.id)", way).status == 404)
                #expect(try await portal.ask("/api/v1/schedule", way).decoded([ScheduleItem].self).isEmpty)
            }
            var clashing = PortalHarness.meeting(points: ["a"])
            clashing.room = "giaoban"
            let judged = try await portal.ask("/api/v1/schedule/judge", method: "POST", body: try json(clashing))
                .decoded(JudgedDraft.self)
            #expect(judged.clashes.map(\.otherTitle) == ["—"])
            #expect(try await portal.ask("\(path)/papers/\(paper.id)", convener, method: "DELETE").status == 204)
            #expect(try await portal.ask("\(path)/papers/\(paper.id)", convener).status == 404)
            #expect(try await portal.ask("\(path)/papers?name=x.pdf", convener, method: "POST", body: "").status == 409)
        }
    }

    @Test func invitationAndCalendarAreForThePoint() async throws {
        try await PortalHarness.run { portal in
            try await points(portal)
            let detail = try await portal.ask(
                "/api/v1/schedule", method: "POST", body: try json(PortalHarness.meeting(points: ["a"]))
            ).decoded(MeetingDetail.self)
            let letter = try await portal.ask("/api/v1/schedule/\(detail.meeting.id)/invitation?point=a")
            #expect(String(decoding: letter.body, as: UTF8.self).contains("Kính gửi: điểm cầu Điểm a"))
            #expect(String(decoding: letter.body, as: UTF8.self).contains("https://hop.example.vn/join/giaoban"))
            let calendar = try await portal.ask("/api/v1/schedule/\(detail.meeting.id)/calendar")
            #expect(calendar.headers["content-type"]?.hasPrefix("text/calendar") == true)
            #expect(String(decoding: calendar.body, as: UTF8.self).hasPrefix("BEGIN:VCALENDAR\r\n"))
        }
    }
}
