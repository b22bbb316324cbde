import Archive
import Documents
import Foundation
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct ReportRoutesTests {
    private static let base = "/api/v1/recordings/20261124-093000-giaoban-k3f9"

    /// A meeting in which one point came, spoke for 20 s and left, in a record with a torn line.
    private func meeting(_ portal: PortalHarness) async throws -> MeetingRecord {
        let opened = Date(timeIntervalSince1970: 1_795_487_400)
        let id = "20261124-093000-giaoban-k3f9"
        let meeting = try await portal.archive.openMeeting(
            NewMeeting(id: id, room: "giaoban", title: "Họp giao ban", convener: "Văn phòng", openedAt: opened))
        let who = ["point": "so-tc", "participant": "1"]
        try portal.archive.append(
            [
                EventRecord(at: opened, name: "opened"),
                EventRecord(at: opened + 1, name: "joined", fields: who.merging(["name": "Sở Tài chính"]) { $1 }),
                EventRecord(at: opened + 2, name: "media-established", fields: who),
                EventRecord(at: opened + 10, name: "speaker", fields: who),
                EventRecord(at: opened + 30, name: "speaker"),
                EventRecord(at: opened + 60, name: "left", fields: who),
            ], to: meeting)
        let path = portal.archive.paths(of: meeting).events
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("{\"at\":\"torn\n".utf8))
        try file.close()
        try await portal.archive.writeRoll([
            RollEntry(meeting: id, point: "so-tc", at: opened + 1, .joined(name: "Sở Tài chính", unit: nil))
        ])
        return try await portal.archive.closeMeeting(id, at: opened + 60, durationMilliseconds: 60_000)
    }

    @Test func aReportIsMadeFromThePackage() async throws {
        try await PortalHarness.run { portal in
            _ = try await meeting(portal)
            let report = try MeetingReport(json: try await portal.ask(Self.base + "/report").body)
            #expect(report.attendance.map(\.name) == ["Sở Tài chính"])
            #expect(report.speeches.map(\.seconds) == [20])
            #expect(report.skippedLines == 1)
            #expect(report.meeting.convener == "Văn phòng")
            let csv = try await portal.ask(Self.base + "/report.csv")
            #expect(csv.headers["content-type"] == "text/csv; charset=utf-8")
            let page = try await portal.ask(Self.base + "/report.html?lang=en")
            #expect(String(decoding: page.body, as: UTF8.self).contains("Order of speaking"))
            let minutes = try await portal.ask(Self.base + "/minutes.html")
            #expect(String(decoding: minutes.body, as: UTF8.self).contains("BIÊN BẢN HỌP"))
            for (path, status) in [
                ("/report.doc", 404), ("/minutes.csv", 404), ("/report.html?lang=fr", 400),
            ] {
                #expect(try await portal.ask(Self.base + path).status == status, "\(path)")
            }
            #expect(try await portal.ask("/api/v1/recordings/none/report").status == 404)
        }
    }

    @Test(
        .enabled(
            if: ["weasyprint", "pandoc"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }))
    func whatWasSealedIsTheReport() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await meeting(portal)
            try await ReportDesk(archive: portal.archive).keep(meeting.id)
            let sealed = try await portal.archive.seal(meeting.id)
            let files = try await portal.archive.files(of: sealed)
            let made = files.filter { $0.path.hasPrefix("data/reports/") }
            #expect(
                made.map(\.path) == [
                    "data/reports/minutes.odt", "data/reports/report.json", "data/reports/report.pdf",
                ])
            #expect(made.map(\.mime).contains("application/vnd.oasis.opendocument.text"))
            let kept = try Data(
                contentsOf: URL(fileURLWithPath: portal.archive.paths(of: sealed).report("report.json")))
            #expect(try await portal.ask(Self.base + "/report").body == kept)
            let pdf = try await portal.ask(Self.base + "/report.pdf")
            #expect(pdf.body.starts(with: Data("%PDF-".utf8)))
            await #expect(throws: ArchiveError.self) { try await ReportDesk(archive: portal.archive).keep(meeting.id) }
        }
    }

    @Test func whyAPointWasAbsentIsNotedWhenTheMeetingIsOver() async throws {
        try await PortalHarness.run { portal in
            let past = try await PortalHarness.missed("so-yt", portal)
            let base = "/api/v1/recordings/\(past.id)"
            func note(_ point: String, _ reason: String) async throws -> PortalHarness.Answer {
                try await portal.ask(
                    "\(base)/absences/\(point)", .https(token: PortalHarness.administratorToken), method: "PUT",
                    body: #"{"reason": "\#(reason)"}"#)
            }
            func told() async throws -> MeetingReport.Attendance? {
                try MeetingReport(json: try await portal.ask(base + "/report").body).attendance
                    .first { $0.point == "so-yt" }
            }
            #expect(try await told()?.reason == nil)
            #expect(try await note("so-yt", "mất điện").status == 200)
            let absent = try await told()
            #expect(absent?.reason == "mất điện" && absent?.notedAfterwards?.by.isEmpty == false)

            // The report that is sealed has what was noted before; what is noted after that is told beside it.
            let report = try await portal.ask(base + "/report").body
            try portal.archive.add(report, as: "reports/report.json", to: past)
            let sealed = try await portal.archive.seal(past.id)
            #expect(try await note("so-yt", " mưa lũ\\nchia cắt ").status == 200)
            #expect(try await told()?.reason == "mưa lũ chia cắt")
            let kept = URL(fileURLWithPath: portal.archive.paths(of: sealed).report("report.json"))
            #expect(try Data(contentsOf: kept) == report)
            let page = String(decoding: try await portal.ask(base + "/report.html").body, as: UTF8.self)
            #expect(page.contains("vắng: mưa lũ chia cắt (") && page.contains("ghi sau cuộc họp"))
            let csv = String(decoding: try await portal.ask(base + "/report.csv").body, as: UTF8.self)
            #expect(csv.contains("mưa lũ chia cắt; noted afterwards by "))

            #expect(try await note("so-yt", "").status == 200)
            #expect(try await told()?.reason == "mất điện", "what was sealed stands")
            #expect(try await note("so-yt", String(repeating: "a", count: 301)).status == 409)
            #expect(try await note("so-tc", "ốm").status == 404, "it was there")
            #expect(try await note("la", "ốm").status == 404)
            let journal = try await portal.office.journal(limit: 10).map(\.action)
            #expect(journal.prefix(3) == ["take back absence", "note absence", "note absence"])
        }
    }

    @Test func ofAMeetingThatGoesOnNoReasonIsNotedAfterwards() async throws {
        try await PortalHarness.run { portal in
            let id = "20261124-093000-giaoban-k3f9"
            _ = try await portal.archive.openMeeting(
                NewMeeting(id: id, room: "giaoban", title: "Họp", openedAt: Date()))
            let answer = try await portal.ask(
                "\(Self.base)/absences/so-yt", .https(token: PortalHarness.administratorToken), method: "PUT",
                body: #"{"reason": "ốm"}"#)
            #expect(answer.status == 409 && answer.error?.error.contains("not over") == true)
        }
    }

    /// An hour of rehearsal with two points, and an hour of meeting with one.
    private func rehearsed(_ id: String, _ portal: PortalHarness) async throws {
        let opened = Date(timeIntervalSince1970: 1_795_487_400)
        let meeting = try await portal.archive.openMeeting(
            NewMeeting(id: id, room: "giaoban", title: "Họp giao ban", openedAt: opened))
        let (one, other) = (["point": "so-tc", "participant": "1"], ["point": "so-yt", "participant": "2"])
        try portal.archive.append(
            [
                EventRecord(at: opened, name: "joined", fields: one),
                EventRecord(at: opened, name: "waits", fields: one),
                EventRecord(at: opened, name: "media-established", fields: one),
                EventRecord(at: opened, name: "joined", fields: other),
                EventRecord(at: opened, name: "waits", fields: other),
                EventRecord(at: opened, name: "media-established", fields: other),
                EventRecord(at: opened + 3000, name: "left", fields: other),
                EventRecord(at: opened + 3600, name: "opened-by-chair"),
                EventRecord(at: opened + 3600, name: "entered", fields: one),
                EventRecord(at: opened + 7200, name: "left", fields: one),
            ], to: meeting)
        try await portal.archive.writeRoll(
            ["so-tc", "so-yt"].map { RollEntry(meeting: id, point: $0, at: opened, .joined(name: $0, unit: nil)) })
        _ = try await portal.archive.closeMeeting(id, at: opened + 7200, durationMilliseconds: 7_200_000)
    }

    @Test func monthsAreCounted() async throws {
        try await PortalHarness.run { portal in
            for index in 0..<3 { try await rehearsed("m-\(index)", portal) }
            // Nobody came.
            _ = try await portal.closed("m-3", masterBytes: 10)
            let csv = try await portal.ask("/api/v1/statistics?format=csv")
            // Three hours of meetings, six with their rehearsals.
            #expect(String(decoding: csv.body, as: UTF8.self).contains("2026-11,4,3.00,3,1,\r\n"))
            let none = try await portal.ask("/api/v1/statistics?to=2026-11-01")
            #expect(try JSONDecoder().decode(MeetingStatistics.self, from: none.body).total.meetings == 0)
            #expect(try await portal.ask("/api/v1/statistics?from=hom-qua").status == 400)
        }
    }
}
