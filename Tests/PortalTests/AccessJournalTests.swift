import Foundation
import Logging
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// Who read what, and to whom what was refused, in the journal.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct AccessJournalTests {
    @Test func papersReportsAndPackagesStandInTheJournal() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed(masterBytes: 10)
            try await portal.office.apply([.add(.point(PointEntry(id: "so-yt", name: "Sở Y tế")))], by: "test")
            let meeting = try await portal.office.schedule(PortalHarness.meeting(points: ["so-yt"]), by: "test").meeting
            let paper = try await portal.ask(
                "/api/v1/schedule/\(meeting.id)/papers?name=to-trinh.txt", method: "POST", body: "nội dung")
            let id = try paper.decoded(Paper.self).id
            let way = PortalHarness.Way.https(token: PortalHarness.archivistToken)
            #expect(try await portal.ask("/api/v1/schedule/\(meeting.id)/papers/\(id)", way).status == 200)
            #expect(try await portal.ask("/api/v1/recordings/\(recording.id)/report", way).status == 200)
            let package = try await portal.ask(
                "/api/v1/recordings/\(recording.id)/packages", way, method: "POST", body: #"{"kind": "aip"}"#)
            #expect(package.status == 200)
            let lines = try await portal.office.journal(limit: 50).filter { $0.by == "Lưu trữ" }
            let found = Dictionary(lines.map { ($0.action, $0.subject) }, uniquingKeysWith: { first, _ in first })
            #expect(found["read paper"] == "\(meeting.id) \(id) to-trinh.txt")
            #expect(found["read report"] == recording.id)
            #expect(found["package recording"] == "\(recording.id) aip")
        }
    }

    @Test func aFloodOfRefusalsIsOneLineAMinuteWithTheirNumber() async throws {
        try await PortalHarness.run { portal in
            let journal = RefusalJournal(office: portal.office, logger: Logger(label: "test"))
            let start = ContinuousClock.now
            func written() async throws -> [OfficeStore.JournalLine] {
                try await portal.office.journal(limit: 50).filter { $0.action == RefusalJournal.action }
            }
            for second in 0..<59 { await journal.note("- 403 GET /a", by: "lan", at: start + .seconds(second)) }
            await journal.note("- 403 GET /a", by: "hoa", at: start)
            #expect(try await written().map(\.by).sorted() == ["hoa", "lan"])
            await journal.note("- 403 GET /b", by: "lan", at: start + .seconds(60))
            #expect(try await written().first?.subject == "- 403 GET /b; - 403 GET /a (+58)")
            await journal.note("- 403 GET /c", by: "lan", at: start + .seconds(61))
            await journal.settle(at: start + .seconds(121))
            #expect(try await written().first?.subject == "- 403 GET /c (+1)")
            let count = try await written().count
            await journal.settle(all: true)
            #expect(try await written().count == count)
        }
    }

    @Test func whatSomebodyMayNotIsWrittenWithTheirName() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed(masterBytes: 10)
            let lan = try await SignedIn(portal, "lan", [.agencyReader])
            for _ in 0..<5 { #expect(try await lan.get("recordings/\(recording.id)").status == 403) }
            let wrong = #"{"name": "lan", "password": "không phải mật khẩu"}"#
            let refused = try await portal.ask(
                "/api/v1/session", .https(token: nil), method: "POST", body: wrong)
            #expect(refused.status == 401)
            let lines = try await portal.office.journal(limit: 50).filter { $0.action == RefusalJournal.action }
            #expect(lines.map(\.by).sorted() == ["Người lan (lan)", "lan"])
            #expect(lines.contains { $0.subject == "\(recording.id) 403 GET /api/v1/recordings/\(recording.id)" })
            #expect(lines.contains { $0.subject.hasPrefix("lan 401 sign in from ") })
        }
    }

    @Test func aLineNamesRecordingsAloneAndEachThatItNames() {
        #expect(RefusalJournal.line(403, "POST", "/api/v1/meetings/m-1/end") == "- 403 POST /api/v1/meetings/…/end")
        #expect(RefusalJournal.line(403, "GET", "/api/v1/sittings/s.1") == "- 403 GET /api/v1/sittings/…")
        #expect(RefusalJournal.line(403, "GET", "/api/v1/meetings") == "- 403 GET /api/v1/meetings")
        let two =
            RefusalJournal.line(403, "GET", "/api/v1/recordings/r-1/events") + "; "
            + RefusalJournal.line(403, "GET", "/api/v1/recordings/r-2") + " (+3)"
        #expect(RefusalJournal.recordings(named: two) == ["r-1", "r-2"])
    }
}
