import Foundation
import Testing
import Vietnamese

@testable import Archive

@Suite(.inEachCatalogue) struct AccessTests {
    private static let lan = AccessPerson(id: "lan", name: "Nguyễn Thị Lan", agency: "Sở Tư pháp")

    private struct Site {
        let clock = HandClock(morning)
        let archive: Archive
        let meeting: MeetingRecord

        init(_ change: (inout NewMeeting) -> Void = { _ in }) async throws {
            archive = try Workshop().open(now: { [clock] in clock.now })
            var new = NewMeeting.sample()
            change(&new)
            meeting = try await archive.sealedMeeting(new)
        }

        func asked(_ span: Range<Int64>? = nil) async throws -> AccessRequest {
            try await archive.requestAccess(
                .init(meetingID: meeting.id, reason: "Trả lời công dân", span: span), by: AccessTests.lan)
        }

        func terms(days: Double = 7, _ span: Range<Int64>? = nil) -> AccessGrant.Terms {
            .init(span: span, until: clock.now.addingTimeInterval(days * 86_400))
        }
    }

    private func refused(
        _ fault: AccessFault, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("not refused", sourceLocation: sourceLocation)
        } catch ArchiveError.access(let found) {
            #expect(found == fault, sourceLocation: sourceLocation)
        } catch {
            Issue.record("\(error)", sourceLocation: sourceLocation)
        }
    }

    @Test func aRequestIsGrantedOnceAndTheGrantHoldsForItsTime() async throws {
        let site = try await Site()
        let request = try await site.asked()
        #expect(request.state == .waiting && request.number == 1)
        let grant = try await site.archive.grantAccess(to: request.number, site.terms(), by: "Minh")
        #expect(grant.state(at: site.clock.now) == .inForce && grant.holder == Self.lan)
        #expect(grant.state(at: grant.validFrom.addingTimeInterval(-1)) == .early)
        #expect(grant.state(at: grant.validUntil) == .expired)
        #expect(try await site.archive.accessRequest(1).state == .granted)
        #expect(try await site.archive.recordingsGranted(to: "lan") == [site.meeting.id])
        #expect(try await site.archive.recordingsGranted(to: "minh") == [])
        await refused(.decided(.granted)) {
            _ = try await site.archive.grantAccess(to: 1, site.terms(), by: "Minh")
        }
        await refused(.decided(.granted)) { _ = try await site.archive.withdrawAccessRequest(1, by: "lan") }
        #expect(try await site.archive.accessGrant(grant.number) == grant)
        site.clock.advance(8 * 86_400)
        #expect(try await site.archive.recordingsGranted(to: "lan") == [])
    }

    @Test func aGrantIsTakenBackAtOnceAndOnce() async throws {
        let site = try await Site()
        _ = try await site.asked()
        let grant = try await site.archive.grantAccess(to: 1, site.terms(), by: "Minh")
        await refused(.missing("A reason")) {
            _ = try await site.archive.revokeAccess(grant.number, reason: " ", by: "Minh")
        }
        let revoked = try await site.archive.revokeAccess(grant.number, reason: "cấp nhầm", by: "Minh")
        #expect(revoked.state(at: site.clock.now) == .revoked && revoked.revokeReason == "cấp nhầm")
        #expect(try await site.archive.recordingsGranted(to: "lan") == [])
        await refused(.revoked) { _ = try await site.archive.revokeAccess(grant.number, reason: "lại", by: "Minh") }
        await refused(.unknownGrant(9)) { _ = try await site.archive.revokeAccess(9, reason: "a", by: "Minh") }
    }

    @Test func onlyWhatWasAskedByOnesselfIsWithdrawn() async throws {
        let site = try await Site()
        _ = try await site.asked()
        await refused(.notTheRequester) { _ = try await site.archive.withdrawAccessRequest(1, by: "minh") }
        #expect(try await site.archive.withdrawAccessRequest(1, by: "lan").state == .withdrawn)
        await refused(.decided(.withdrawn)) {
            _ = try await site.archive.refuseAccess(to: 1, reason: "muộn", by: "Minh")
        }
    }

    @Test func termsAreWithinTheRecordingAndAYear() async throws {
        let site = try await Site()
        let length = try #require(site.meeting.durationMilliseconds)
        _ = try await site.asked()
        for span in [0..<length + 1, -5..<length, 10..<500, length..<length + 5000] {
            await refused(.badSpan) {
                _ = try await site.archive.grantAccess(to: 1, site.terms(span), by: "Minh")
            }
        }
        for days in [0, -1, 367.0] {
            await refused(.badTerm) {
                _ = try await site.archive.grantAccess(to: 1, site.terms(days: days), by: "Minh")
            }
        }
        let grant = try await site.archive.grantAccess(to: 1, site.terms(1000..<length), by: "Minh")
        #expect(try await site.archive.accessGrant(grant.number).span == 1000..<length)
        #expect(try await site.archive.accessRequest(1).state == .granted, "what failed before changed nothing")
    }

    @Test func aMeetingThatIsOnlyDescribedIsNamedByTheArchivist() async throws {
        let site = try await Site()
        await refused(.missing("Which meeting it is")) {
            _ = try await site.archive.requestAccess(.init(reason: "Trả lời công dân"), by: Self.lan)
        }
        let wish = AccessRequest.Wish(description: "Họp giao ban tháng 3", reason: "Trả lời công dân")
        _ = try await site.archive.requestAccess(wish, by: Self.lan)
        await refused(.noMeeting) { _ = try await site.archive.grantAccess(to: 1, site.terms(), by: "Minh") }
        var terms = site.terms()
        terms.meetingID = site.meeting.id
        #expect(try await site.archive.grantAccess(to: 1, terms, by: "Minh").meetingID == site.meeting.id)
    }

    @Test(arguments: ["secret", "highly-secret", "top-secret", "whatever"])
    func stateSecretsAreNotGranted(level: String) async throws {
        let site = try await Site { $0.confidentiality = level }
        _ = try await site.asked()
        await refused(.stateSecret) { _ = try await site.archive.grantAccess(to: 1, site.terms(), by: "Minh") }
    }

    @Test func whatIsNotSealedIsNotGranted() async throws {
        let site = try await Site()
        var new = NewMeeting.sample()
        new.id = "20261124-100000-giaoban-aaaa"
        let closed = try await site.archive.closedMeeting(new)
        _ = try await site.archive.requestAccess(.init(meetingID: closed.id, reason: "a"), by: Self.lan)
        await refused(.notSealed) { _ = try await site.archive.grantAccess(to: 1, site.terms(), by: "Minh") }
    }

    @Test func nobodyFillsTheRegisterWithRequestsAndLongTexts() async throws {
        let site = try await Site()
        for _ in 0..<20 { _ = try await site.asked() }
        await refused(.tooManyRequests) { _ = try await site.asked() }
        _ = try await site.archive.withdrawAccessRequest(3, by: "lan")
        _ = try await site.asked()
        await refused(.missing("A reason")) {
            let long = String(repeating: "ộ", count: 1001)
            _ = try await site.archive.requestAccess(
                .init(meetingID: site.meeting.id, reason: long),
                by: AccessPerson(id: "minh", name: "Minh", agency: ""))
        }
        #expect(try await site.archive.accessRequests(of: "lan", in: [.waiting], limit: 500).count == 20)
        let page = try await site.archive.accessRequests(before: 10, limit: 4)
        #expect(page.map(\.number) == [9, 8, 7, 6])
    }

    @Test func usesOfAGrantAreKept() async throws {
        let site = try await Site()
        _ = try await site.asked()
        let grant = try await site.archive.grantAccess(to: 1, site.terms(), by: "Minh")
        try await site.archive.noteAccess("watched", of: grant.number, "0:00–0:10")
        site.clock.advance(60)
        try await site.archive.noteAccess("refused", of: grant.number)
        let uses = try await site.archive.accessUses(of: grant.number)
        #expect(uses.map(\.what) == ["refused", "watched"] && uses[1].detail == "0:00–0:10")
    }
}
