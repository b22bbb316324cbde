import Archive
import Foundation
import Office
import OfficeStore
import PortalAPI
import Testing

@testable import Portal

/// What is tried by somebody who is known stands in the journal with their name. Of each the first in a minute is a line at once, so each attack has
/// somebody of its own.
@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct AttackJournalTests {
    private static func refused(_ portal: PortalHarness, by who: String) async throws -> [String] {
        try await portal.office.journal(limit: 200)
            .filter { $0.action == RefusalJournal.action && $0.by == who }.map(\.subject)
    }

    @Test func namesThatWereGuessedStandThereAsTheyWereAskedFor() async throws {
        try await PortalHarness.run { portal in
            let recording = try await portal.sealed(masterBytes: 10)
            let secret = try await portal.sealed(
                "20261124-140000-giaoban-m7q2", masterBytes: 10, confidentiality: "secret")
            let attacks: [(id: String, Role, path: String, status: Int, line: String)] = [
                ("a", .agencyReader, "access/grants/999", 404, "- 404 GET /api/v1/access/grants/999"),
                ("b", .agencyReader, "access/grants/999/film", 404, "- 404 GET /api/v1/access/grants/999/film"),
                (
                    "c", .archivist, "recordings/khong-co", 404, "khong-co 404 GET /api/v1/recordings/khong-co"
                ),
                (
                    "d", .archivist, "recordings/\(secret.id)", 404,
                    "\(secret.id) 404 GET /api/v1/recordings/\(secret.id)"
                ),
                (
                    "e", .archivist, "recordings/\(recording.id)/files/..%2f..%2fcatalogue.sqlite", 404,
                    "\(recording.id) 404 GET /api/v1/recordings/\(recording.id)/files/..%2f..%2fcatalogue.sqlite"
                ),
                ("f", .convener, "schedule/khong-co", 404, "- 404 GET /api/v1/schedule/…"),
                ("g", .convener, "recordings/\(recording.id)", 403, "\(recording.id) 403 GET"),
            ]
            for attack in attacks {
                let somebody = try await SignedIn(portal, attack.id, [attack.1])
                #expect(try await somebody.get(attack.path).status == attack.status, "\(attack.path)")
                let lines = try await Self.refused(portal, by: "Người \(attack.id) (\(attack.id))")
                #expect(lines.count == 1 && lines[0].hasPrefix(attack.line), "\(attack.path): \(lines)")
            }
            // A name as long as it may be leaves room for what was done with it.
            let somebody = try await SignedIn(portal, "h", [.archivist])
            #expect(try await somebody.get("recordings/" + String(repeating: "a", count: 3000)).status >= 400)
            let long = try await Self.refused(portal, by: "Người h (h)")
            #expect(long.count == 1 && long[0].contains("GET /api/v1/recordings/aaa") && long[0].count < 400)
        }
    }

    @Test func aTokenThatIsOverStandsThereByItsName() async throws {
        try await PortalHarness.run { portal in
            let revoked = try await portal.office.makeToken(
                named: "Cũ", role: .archivist, scopes: nil, for: .seconds(3600), by: "test")
            _ = try await portal.office.revokeToken(revoked.record.id, by: "test")
            let expired = try await portal.office.makeToken(
                named: "Hết hạn", role: .archivist, scopes: nil, for: .milliseconds(1), by: "test")
            for token in [revoked.token, expired.token] {
                #expect(try await portal.ask("/api/v1/recordings", .https(token: token)).status == 401)
            }
            #expect(
                try await Self.refused(portal, by: "Cũ") == ["- 401 GET /api/v1/recordings by a revoked token"])
            #expect(
                try await Self.refused(portal, by: "Hết hạn") == ["- 401 GET /api/v1/recordings by an expired token"])
        }
    }

    @Test func aGrantThatIsOverAndACodeThatWasUsedStandThere() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await portal.sealed(masterBytes: 10)
            func granted(to person: String, until: TimeInterval) async throws -> Int64 {
                let request = try await portal.archive.requestAccess(
                    .init(meetingID: meeting.id, reason: "tra cứu"),
                    by: AccessPerson(id: person, name: person, agency: ""))
                return try await portal.archive.grantAccess(
                    to: request.number, .init(level: .reading, until: Date().addingTimeInterval(until)), by: "Minh"
                ).number
            }
            let lan = try await SignedIn(portal, "lan", [.agencyReader])
            let hoa = try await SignedIn(portal, "hoa", [.agencyReader])
            let short = try await granted(to: "lan", until: 0.2)
            let taken = try await granted(to: "hoa", until: 3600)
            _ = try await portal.archive.revokeAccess(taken, reason: "cấp nhầm", by: "Minh")
            try await Task.sleep(for: .milliseconds(250))
            for (person, grant) in [(lan, short), (hoa, taken)] {
                #expect(try await person.get("access/grants/\(grant)/film").status == 403)
            }
            for (id, grant) in [("lan", short), ("hoa", taken)] {
                let lines = try await Self.refused(portal, by: "Người \(id) (\(id))")
                #expect(lines == ["- 403 GET /api/v1/access/grants/\(grant)/film"])
            }

            let app = OneTimePassword.random()
            _ = try await portal.office.turnOn(app, of: "lan", code: app.password(at: Date()))
            func signIn(_ code: String) async throws -> Int {
                let body = #"{"name": "lan", "password": "cầu truyền hình 26", "code": "\#(code)"}"#
                return try await portal.ask("/api/v1/session", .https(token: nil), method: "POST", body: body).status
            }
            // Good in the next half minute as well, and once.
            let code = app.password(at: Date().addingTimeInterval(30))
            #expect(try await signIn(code) == 200)
            #expect(try await signIn(code) == 401)
            #expect(try await Self.refused(portal, by: "lan").contains { $0.hasPrefix("lan 401 sign in from ") })
        }
    }

    /// Of 600 MB in some hundred kilobytes; that it is refused whatever its list says is PapersTests'.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "no python3"))
    func aZIPBombIsRefusedLeavesNothingAndStandsThere() async throws {
        try await PortalHarness.run { portal in
            try await portal.office.apply([.add(.point(PointEntry(id: "a", name: "Điểm a")))], by: "test")
            let meeting = try await portal.office.schedule(PortalHarness.meeting(points: ["a"]), by: "test").meeting
            let bomb = portal.root + "/bomb.docx"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = [
                "-c",
                """
                import sys, zipfile
                with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
                    z.writestr('[Content_Types].xml', '<Types/>')
                    with z.open('word/document.xml', 'w') as file:
                        for _ in range(600): file.write(b' ' * 1_000_000)
                """, bomb,
            ]
            try process.run()
            process.waitUntilExit()
            let octets = try Data(contentsOf: URL(fileURLWithPath: bomb))
            try #require(octets.count < 8_000_000)
            let refused = try await portal.post("/api/v1/schedule/\(meeting.id)/papers?name=bomb.docx", octets)
            #expect(refused.status == 409, "\(String(decoding: refused.body, as: UTF8.self))")
            #expect(refused.error?.vietnamese?.isEmpty == false)
            let folder = "\(portal.root)/papers/\(meeting.id)"
            #expect(((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).isEmpty)
            let lines = try await portal.office.journal(limit: 50)
            #expect(lines.contains { $0.action == "refuse paper" && $0.subject.hasPrefix("\(meeting.id) bomb.docx: ") })
            // One with a script is kept, and the journal says so.
            let script = "%PDF-1.7\n1 0 obj <</OpenAction <</S/JavaScript/JS(app.alert(1))>> >>"
            #expect(
                try await portal.post("/api/v1/schedule/\(meeting.id)/papers?name=a.pdf", Data(script.utf8)).status
                    == 201)
            #expect(
                try await portal.office.journal(limit: 5).contains {
                    $0.action == "add paper" && $0.subject == "\(meeting.id) a.pdf (code)"
                })
        }
    }
}
