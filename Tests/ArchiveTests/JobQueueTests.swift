import Archive
import Foundation
import Testing

@Suite(.inEachCatalogue) struct JobQueueTests {
    @Test func aJobRunsFromQueueToFinish() async throws {
        let clock = HandClock(morning)
        let archive = try Workshop().open(now: { clock.now })
        let meeting = try await archive.closedMeeting()
        let queued = try await archive.enqueue(.compose, for: meeting.id)
        #expect(queued.state == .queued && queued.attempts == 0)
        let claimed = try #require(await archive.claimNextJob())
        #expect(claimed.id == queued.id && claimed.state == .running && claimed.attempts == 1)
        #expect(try await archive.find(meeting.id)?.state == .composing)
        #expect(try await archive.claimNextJob() == nil)
        clock.advance(10)
        try await archive.updateJob(claimed.id, progress: 0.25)
        let running = try #require(await archive.jobs(of: meeting.id).first)
        #expect(running.progress == 0.25)
        #expect(running.remaining(at: clock.now) == 30)
        try await archive.finishJob(claimed.id)
        #expect(try await archive.jobs(of: meeting.id).first?.state == .finished)
        #expect(try await archive.meetingsToComplete().map(\.id) == [meeting.id])
        try await archive.seal(meeting.id)
        #expect(try await archive.meetingsToComplete().isEmpty)
    }

    @Test func progressNeverGoesBackAndTakesNoNonsense() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.closedMeeting()
        try await archive.enqueue(.compose, for: meeting.id)
        let job = try #require(await archive.claimNextJob())
        for progress in [0.5, 0.2, -.infinity, .nan, 0.502, -3] {
            try await archive.updateJob(job.id, progress: progress)
        }
        #expect(try await archive.jobs(of: meeting.id).first?.progress == 0.5)
        try await archive.updateJob(job.id, progress: 7)
        #expect(try await archive.jobs(of: meeting.id).first?.progress == 1)
    }

    @Test func askingTwiceGivesOneJob() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.closedMeeting()
        let ids = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<8 { group.addTask { try await archive.enqueue(.compose, for: meeting.id).id } }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test func aJobIsClaimedByOneOfMany() async throws {
        let archive = try Workshop().open()
        for index in 0..<5 {
            let meeting = try await archive.closedMeeting(.sample("m\(index)"), masterBytes: 10)
            try await archive.enqueue(.compose, for: meeting.id)
        }
        let claimed = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for _ in 0..<12 { group.addTask { try await archive.claimNextJob()?.id } }
            return try await group.reduce(into: [Int64]()) { if let id = $1 { $0.append(id) } }
        }
        #expect(claimed.count == 5 && Set(claimed).count == 5)
    }

    @Test func failuresAreTriedAgainLaterUpToTheLimit() async throws {
        let clock = HandClock(morning)
        let archive = try Workshop().open(now: { clock.now })
        let meeting = try await archive.closedMeeting()
        try await archive.enqueue(.compose, for: meeting.id, maximumAttempts: 3)
        for (attempt, wait) in [(1, 30.0), (2, 60.0)] {
            let job = try #require(await archive.claimNextJob())
            #expect(job.attempts == attempt)
            #expect(try await archive.failJob(job.id, error: "decoder crashed").state == .queued)
            clock.advance(wait - 1)
            #expect(try await archive.claimNextJob() == nil)
            clock.advance(1)
        }
        let last = try #require(await archive.claimNextJob())
        #expect(try await archive.failJob(last.id, error: "decoder crashed").state == .failed)
        let details = try await archive.details(of: meeting.id)
        #expect(details.meeting.state == .failed)
        #expect(details.notes.last?.text == "job compose given up after 3 attempts: decoder crashed")
        try await archive.seal(meeting.id)  // the master is sealed all the same
        #expect(try await archive.verify(meeting.id).isIntact)
    }

    /// A clock that was an hour and a half ahead, and was set right.
    @Test func aClockThatIsSetBackHoldsNoJobUp() async throws {
        let clock = HandClock(morning)
        let archive = try Workshop().open(now: { clock.now })
        let first = try await archive.closedMeeting()
        clock.advance(5_400)
        try await archive.enqueue(.compose, for: first.id)
        clock.advance(-1_800)
        let job = try #require(await archive.claimNextJob(), "what was never begun waits for nothing")
        clock.advance(1_800)
        #expect(try await archive.failJob(job.id, error: "decoder crashed").state == .queued)
        clock.advance(-5_400)
        #expect(try await archive.claimNextJob()?.id == job.id)
    }

    @Test func aFailureThatARetryWillNotMendIsFinalAtOnce() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.closedMeeting()
        try await archive.enqueue(.compose, for: meeting.id)
        let job = try #require(await archive.claimNextJob())
        #expect(try await archive.failJob(job.id, error: "no track", retry: false).state == .failed)
    }

    @Test func aRunningJobWaitsAgainAfterARestartAndItsAttemptCounts() async throws {
        var workshop = try Workshop()
        var archive = try workshop.open()
        let meeting = try await archive.closedMeeting()
        try await archive.enqueue(.compose, for: meeting.id, maximumAttempts: 2)
        for attempt in 1...2 {
            let job = try #require(await archive.claimNextJob())
            #expect(job.attempts == attempt)
            workshop = try workshop.asKilled()
            archive = try workshop.open()
        }
        #expect(try await archive.claimNextJob() == nil)
        let details = try await archive.details(of: meeting.id)
        #expect(details.jobs.map(\.state) == [.failed])
        #expect(details.meeting.state == .failed)
    }

    @Test func anAttemptThatGotFurtherThanAllBeforeItDoesNotCount() async throws {
        var workshop = try Workshop()
        var archive = try workshop.open()
        let meeting = try await archive.closedMeeting()
        try await archive.enqueue(.compose, for: meeting.id, maximumAttempts: 3)
        // Five deaths, each a part later than the one before; then three in the same place.
        for kept in [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5, 0.4] {
            let job = try #require(await archive.claimNextJob(), "given up with \(kept) kept")
            try await archive.updateJob(job.id, progress: kept, kept: kept)
            workshop = try workshop.asKilled()
            archive = try workshop.open()
        }
        #expect(try await archive.claimNextJob() == nil)
        let given = try #require(await archive.jobs(of: meeting.id).first)
        #expect(given.state == .failed && given.kept == 0.5)
    }

    @Test func aFailureAfterMoreWasKeptIsTriedAgainAsIfItWereTheFirst() async throws {
        let clock = HandClock(morning)
        let archive = try Workshop().open(now: { clock.now })
        let meeting = try await archive.closedMeeting()
        try await archive.enqueue(.compose, for: meeting.id, maximumAttempts: 1)
        for kept in [0.2, 0.7] {
            let job = try #require(await archive.claimNextJob())
            try await archive.updateJob(job.id, progress: kept, kept: kept)
            #expect(try await archive.failJob(job.id, error: "disk full").state == .queued)
            clock.advance(30)
        }
        let last = try #require(await archive.claimNextJob())
        for nonsense in [0.7, .nan, 7, -1] { try await archive.updateJob(last.id, progress: 0.7, kept: nonsense) }
        #expect(try await archive.failJob(last.id, error: "disk full").state == .failed)
    }

    @Test func aReleasedJobDoesNotCountItsAttempt() async throws {
        let archive = try Workshop().open()
        let meeting = try await archive.closedMeeting()
        try await archive.enqueue(.compose, for: meeting.id, maximumAttempts: 1)
        for _ in 0..<3 {
            let job = try #require(await archive.claimNextJob())
            #expect(job.attempts == 1)
            try await archive.releaseJob(job.id)
        }
    }
}
