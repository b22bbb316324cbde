import Foundation
import Testing

@testable import Archive

@Suite(.inEachCatalogue) struct JobPaceTests {
    private func job(_ state: JobState, progress: Double, pace: JobPace?) -> JobRecord {
        let began = Date(timeIntervalSince1970: 1_000)
        return JobRecord(
            id: 1, meetingID: "m", kind: .compose, state: state, progress: progress, attempts: 1, maximumAttempts: 3,
            error: nil, enqueuedAt: began, startedAt: began, finishedAt: nil, notBefore: began, kept: 0, keptBefore: 0,
            pace: pace)
    }

    @Test func whatAJobSaysOfItselfGoesBeforeTheSpeedSoFar() {
        let now = Date(timeIntervalSince1970: 1_010)
        // It went on with work of another day: half was done when it began.
        let pace = JobPace(at: Date(timeIntervalSince1970: 1_008), remainingSeconds: 92, rate: 4)
        #expect(job(.running, progress: 0.55, pace: pace).remaining(at: now) == 90)
        #expect(job(.running, progress: 0.5, pace: nil).remaining(at: now) == 10)
        #expect(job(.running, progress: 0, pace: nil).remaining(at: now) == nil)
        #expect(job(.finished, progress: 1, pace: pace).remaining(at: now) == nil)
    }

    @Test func whatIsOverHasNoPaceThatStays() async throws {
        let archive = try Workshop().open()
        for isDone in [true, false] {
            let meeting = try await archive.closedMeeting(.sample(isDone ? "m1" : "m2"), masterBytes: 2_000)
            try await archive.enqueue(.compose, for: meeting.id)
            let job = try #require(await archive.claimNextJob())
            try await archive.updateJob(job.id, progress: 0.5, remainingSeconds: 30)
            var kept = archive.paces.withLock { $0.count }
            #expect(kept == 1)
            if isDone {
                try await archive.finishJob(job.id)
            } else {
                try await archive.failJob(job.id, error: "no picture", retry: false)
            }
            kept = archive.paces.withLock { $0.count }
            #expect(kept == 0)
        }
    }
}
