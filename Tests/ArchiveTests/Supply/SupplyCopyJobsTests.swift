import Crypto
import Foundation
import Testing

@testable import Archive

@Suite(.inEachCatalogue) struct SupplyCopyJobsTests {
    private static let lan = AccessPerson(id: "lan", name: "Nguyễn Thị Lan", agency: "Sở Tư pháp")
    private let clock = HandClock(morning)
    private let archive: Archive
    private let meeting: MeetingRecord

    init() async throws {
        archive = try Workshop().open(now: { [clock] in clock.now })
        meeting = try await archive.sealedMeeting()
    }

    private func granted(days: Double = 7) async throws -> AccessGrant {
        let request = try await archive.requestAccess(.init(meetingID: meeting.id, reason: "tra cứu"), by: Self.lan)
        return try await archive.grantAccess(
            to: request.number, .init(until: clock.now.addingTimeInterval(days * 86_400)), by: "Minh")
    }

    @Test func eachGrantHasAJobOfItsOwn() async throws {
        let (first, second) = (try await granted(), try await granted())
        let jobs = try await archive.copyJobs(of: [first.number, second.number])
        #expect(jobs[first.number]?.state == .queued && jobs[second.number]?.state == .queued)
        #expect(try await archive.claimNextJob() == nil, "whoever composes does not get them")
        #expect(try await archive.claimNextJob([.supply])?.grantID == first.number)
        #expect(try await archive.claimNextJob([.supply])?.grantID == second.number)
        #expect(try await archive.grantsWithCopies().isEmpty, "they are being made")
    }

    @Test func aJobThatAStopInterruptedWaitsAgainAndOneThatFailsForGoodLeavesTheRecordingAlone() async throws {
        let grant = try await granted()
        var job = try #require(try await archive.claimNextJob([.supply]))
        try await archive.releaseJob(job.id)
        for _ in 0..<3 {
            clock.advance(3600)
            job = try #require(try await archive.claimNextJob([.supply]))
            try await archive.failJob(job.id, error: "không có ffmpeg")
        }
        #expect(try await archive.copyJobs(of: [grant.number])[grant.number]?.state == .failed)
        let details = try await archive.details(of: meeting.id)
        #expect(details.meeting.state == .sealed && details.notes.allSatisfy { !$0.text.contains("ffmpeg") })
        try await archive.remakeCopy(of: grant.number)
        #expect(try await archive.claimNextJob([.supply])?.grantID == grant.number)
    }

    @Test func whatIsTakenBackIsMadeNoMore() async throws {
        let grant = try await granted()
        let job = try #require(try await archive.claimNextJob([.supply]))
        _ = try await archive.revokeAccess(grant.number, reason: "cấp nhầm", by: "Minh")
        #expect(try await archive.copyJobs(of: [grant.number]).isEmpty)
        #expect(try await !archive.mayHaveCopy(grant.number))
        await #expect(throws: ArchiveError.unknownJob(job.id)) { try await archive.finishJob(job.id) }
        await #expect(throws: ArchiveError.access(.notInForce)) { try await archive.remakeCopy(of: grant.number) }
    }

    @Test func aGrantIsItsHoldersWhileItLasts() async throws {
        let grant = try await granted(days: 1)
        #expect(try await archive.grantInForce(grant.number, for: "lan").grant == grant)
        await #expect(throws: ArchiveError.access(.unknownGrant(grant.number))) {
            _ = try await archive.grantInForce(grant.number, for: "hoa")
        }
        await #expect(throws: ArchiveError.access(.unknownGrant(99))) {
            _ = try await archive.grantInForce(99, for: "lan")
        }
        clock.advance(86_400)
        await #expect(throws: ArchiveError.access(.notInForce)) {
            _ = try await archive.grantInForce(grant.number, for: "lan")
        }
        #expect(try await !archive.mayHaveCopy(grant.number))
    }

    @Test func theKeyOfTracesIsMadeOnceAndNeverReplaced() throws {
        let path = archive.root + "/keys/trace.key"
        let key = try archive.traceKey()
        #expect(try archive.traceKey() == key)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: ArchiveError.self) { try archive.traceKey() }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("x".utf8))
    }
}
