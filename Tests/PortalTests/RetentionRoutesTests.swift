import Archive
import Foundation
import Office
import PortalAPI
import Testing

@testable import Portal

@Suite(.enabled(if: PortalHarness.hasOpenSSL)) struct RetentionRoutesTests {
    private static let old = "20100524-093000-giaoban-aaaa"
    private static let archivist = PortalHarness.Way.https(token: PortalHarness.archivistToken)
    private static let administrator = PortalHarness.Way.https(token: PortalHarness.administratorToken)

    /// A recording of 2010 whose term of one year is over.
    private static func due(_ portal: PortalHarness, confidentiality: String? = nil) async throws -> MeetingRecord {
        let meeting = try await portal.sealed(
            old, masterBytes: 1000, confidentiality: confidentiality,
            opened: Date(timeIntervalSince1970: 1_274_668_200))
        try await portal.archive.setRetentionClass("1N", of: meeting.id)
        return meeting
    }

    private static func propose(_ portal: PortalHarness, _ way: PortalHarness.Way) async throws -> PortalHarness.Answer
    {
        try await portal.ask(
            "/api/v1/retention/proposals", way, method: "POST",
            body: #"{"meetings": ["\#(old)"], "reason": "hết thời hạn"}"#)
    }

    private static func approve(
        _ portal: PortalHarness, _ number: Int64, _ way: PortalHarness.Way
    ) async throws -> PortalHarness.Answer {
        try await portal.ask(
            "/api/v1/retention/proposals/\(number)/review", way, method: "POST",
            body: #"{"verdict": "approve", "text": "QĐ 15/QĐ-VP"}"#)
    }

    @Test func twoPersonsDestroyAndTheCertificateIsLeft() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await Self.due(portal)
            let answer = try await Self.propose(portal, Self.archivist)
            #expect(answer.status == 201)
            let proposal = try answer.decoded(DestructionStatus.self)
            #expect(proposal.recordings == [meeting.id] && proposal.state == "proposed")
            let own = try await Self.approve(portal, proposal.id, Self.archivist)
            #expect(own.status == 403 && own.error?.vietnamese?.contains("không được tự thẩm tra") == true)
            let approved = try await Self.approve(portal, proposal.id, Self.administrator)
            #expect(approved.status == 200)
            #expect(try approved.decoded(DestructionStatus.self).state == "destroyed")
            for (method, path) in [
                ("GET", "/files/master.mkv"), ("POST", "/verify"), ("GET", "/report"), ("GET", "/report.csv"),
            ] {
                let gone = try await portal.ask(
                    "/api/v1/recordings/\(meeting.id)\(path)", Self.archivist, method: method)
                #expect(gone.status == 410, "\(path)")
                #expect(gone.error?.code == "destroyed" && gone.error?.error.contains("certificate") == true)
            }
            let package = try await portal.ask(
                "/api/v1/recordings/\(meeting.id)/packages", Self.archivist, method: "POST", body: #"{"kind": "aip"}"#)
            #expect(package.status == 410)
            let lines = try await portal.office.journal(limit: 20)
            #expect(lines.contains { $0.action == "propose destruction" && $0.subject.hasPrefix(meeting.id) })
            #expect(lines.contains { $0.action == "approve destruction" && $0.by == "Quản trị" })
            for path in ["destruction/certificate.txt", "metadata/meeting.json", "seal/seal.json"] {
                let kept = try await portal.ask("/api/v1/recordings/\(meeting.id)/files/\(path)", Self.archivist)
                #expect(kept.status == 200, "\(path)")
            }
            let detail = try await portal.ask("/api/v1/recordings/\(meeting.id)", Self.archivist)
                .decoded(RecordingDetail.self)
            #expect(detail.summary.state == "destroyed" && detail.retention?.destroyedAt != nil)
            #expect(try await Self.approve(portal, proposal.id, Self.administrator).status == 409)
        }
    }

    @Test func onTheSocketNobodyKnowsWhoItIs() async throws {
        try await PortalHarness.run { portal in
            _ = try await Self.due(portal)
            #expect(try await Self.propose(portal, .socket).status == 403)
            let proposal = try await Self.propose(portal, Self.archivist).decoded(DestructionStatus.self)
            #expect(try await Self.approve(portal, proposal.id, .socket).status == 403)
            #expect(try await portal.archive.find(Self.old)?.state == .sealed)
            // But it is an administrator's, who may withdraw.
            let path = "/api/v1/retention/proposals/\(proposal.id)/withdraw"
            #expect(
                try await portal.ask(path, .https(token: PortalHarness.token(of: .archivist)), method: "POST").status
                    == 403)
            #expect(try await portal.ask(path, method: "POST").status == 200)
        }
    }

    @Test func holdsClassesAndSubmissionsAreKeptWithWhoMadeThem() async throws {
        try await PortalHarness.run { portal in
            _ = try await Self.due(portal)
            let base = "/api/v1/recordings/\(Self.old)"
            let held = try await portal.ask(
                base + "/holds", Self.archivist, method: "POST",
                body: #"{"reason": "thanh tra", "document": "KL 3/TTT"}"#)
            #expect(held.status == 201)
            let hold = try #require(try held.decoded(RetentionStatus.self).holds.first)
            #expect(hold.placedBy == "Lưu trữ" && hold.document == "KL 3/TTT" && hold.releasedAt == nil)
            let refused = try await Self.propose(portal, Self.archivist)
            #expect(refused.status == 409 && refused.error?.error.contains("thanh tra") == true)
            let list = try await portal.ask("/api/v1/retention?choice=held", Self.archivist)
                .decoded(RetentionList.self)
            #expect(list.recordings.map(\.recording) == [Self.old] && list.standard == "VV")
            let released = try await portal.ask(
                base + "/holds/\(hold.id)/release", Self.archivist, method: "POST", body: #"{"reason": "xong"}"#)
            #expect(try released.decoded(RetentionStatus.self).holds.first?.releaseReason == "xong")
            let clocks = try await portal.ask("/api/v1/retention?choice=clocks", Self.archivist)
                .decoded(RetentionList.self)
            #expect(clocks.recordings.first?.submissions.map(\.due) == ["2011-12-31", "2015-12-31"])
            for archive in ["current", "historical"] {
                let noted = try await portal.ask(
                    base + "/submissions/\(archive)", Self.archivist, method: "PUT", body: #"{"document": "BB 1"}"#)
                #expect(noted.status == 200)
            }
            let after = try await portal.ask("/api/v1/retention?choice=clocks", Self.archivist)
            #expect(try after.decoded(RetentionList.self).recordings.isEmpty)
            for (path, body) in [
                ("/retention", #"{"class": "99N"}"#), ("/submissions/moon", #"{"document": "x"}"#),
            ] {
                #expect(try await portal.ask(base + path, Self.archivist, method: "PUT", body: body).status == 400)
            }
            #expect(try await portal.ask("/api/v1/retention?choice=some", Self.archivist).status == 400)
            #expect(try await portal.ask("/api/v1/retention/proposals/77", Self.archivist).status == 404)
        }
    }

    /// Who may not know of a meeting neither proposes nor reviews nor sees it named.
    @Test func aSecretMeetingStaysHidden() async throws {
        try await PortalHarness.run { portal in
            let meeting = try await Self.due(portal, confidentiality: "secret")
            #expect(try await Self.propose(portal, Self.archivist).status == 404)
            let proposal = try await portal.archive.proposeDestruction(
                of: [meeting.id], reason: "hết hạn", by: RetentionOfficer(id: "lan", name: "Lan"))
            let shown = try await portal.ask("/api/v1/retention/proposals/\(proposal.id)", Self.archivist)
                .decoded(DestructionStatus.self)
            #expect(shown.recordings.isEmpty && shown.hidden == 1)
            #expect(try await Self.approve(portal, proposal.id, Self.archivist).status == 404)
            let list = try await portal.ask("/api/v1/retention", Self.archivist).decoded(RetentionList.self)
            #expect(list.recordings.isEmpty)
            #expect(try await portal.ask("/api/v1/recordings/\(meeting.id)/retention", Self.archivist).status == 404)
        }
    }
}
