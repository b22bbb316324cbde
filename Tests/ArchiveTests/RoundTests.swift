import Evidence
import Foundation
import Synchronization
import Testing

@testable import Archive

/// Checks of all that is due, and what is approved for destruction, whoever asks.
@Suite(.inEachCatalogue) struct RoundTests {
    private final class Seen: Sendable {
        let progress = Mutex<[RoundProgress]>([])
        let steps = Mutex<[String]>([])
    }

    @Test func aRoundChecksWhatIsDueAndSaysWhatIsWrong() async throws {
        let clock = HandClock(morning)
        let archive = try Workshop().open(
            fixity: FixitySettings(interval: .seconds(30 * 86_400)), now: { clock.now })
        let seen = Seen()
        archive.observeChecks { step in
            seen.steps.withLock {
                switch step {
                case .checked(let outcome): $0.append(outcome.meetingID)
                case .unread(let id, _): $0.append("unread " + id)
                }
            }
        }
        let (first, clusters) = try await archive.recordedMeeting()
        clock.advance(60)
        let (second, _) = try await archive.recordedMeeting(.sample("zzzz"))
        #expect(try await archive.checkDuePackages() == FixityRoundOutcome())
        clock.advance(31 * 86_400)
        let (fresh, _) = try await archive.recordedMeeting(.sample("yyyy"))
        let round = try await archive.checkDuePackages { now in seen.progress.withLock { $0.append(now) } }
        #expect(round.packages == 2 && round.damaged.isEmpty && round.unread.isEmpty && !round.isElsewhere)
        #expect(seen.steps.withLock { $0 } == [first.id, second.id])
        let progress = seen.progress.withLock { $0 }
        let total = try #require(progress.first?.totalOctets)
        #expect(total > 0 && progress.last?.octets == total && progress.last?.meetings == 2)
        #expect(progress.allSatisfy { $0.totalOctets == total && $0.totalMeetings == 2 && $0.octets <= total })
        #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.octets <= $1.octets })
        #expect(try await archive.fixityRuns().map(\.packages) == [2])
        #expect(try await archive.fixityRuns().first?.endedAt == clock.now)

        // One is damaged, another cannot be read: both hold no other up, and stand in each later round until they are mended.
        try tamper(archive.paths(of: first).master) { $0[Int(clusters[3].offset) + 50] ^= 1 }
        let folder = archive.paths(of: second).directory
        try FileManager.default.moveItem(atPath: folder, toPath: folder + ".away")
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: folder)
        clock.advance(31 * 86_400)
        seen.steps.withLock { $0 = [] }
        for packages in [2, 0] {
            let bad = try await archive.checkDuePackages()
            #expect(bad.packages == packages && bad.damaged == [first.id] && bad.unread == [second.id])
            #expect(bad.restored.isEmpty)
            clock.advance(3_600)
        }
        #expect(Set(seen.steps.withLock { $0 }) == [first.id, "unread " + second.id, fresh.id])
        unlink(folder)
        try FileManager.default.moveItem(atPath: folder + ".away", toPath: folder)
        try tamper(archive.paths(of: first).master) { $0[Int(clusters[3].offset) + 50] ^= 1 }
        #expect(try await archive.verify(first.id).isIntact)
        clock.advance(86_400)
        let mended = try await archive.checkDuePackages()
        #expect(mended.packages == 1 && mended.damaged.isEmpty && mended.unread.isEmpty)
    }

    @Test func whatCannotBeDestroyedIsOverdueAndWhatWaitsForPersonsIsCounted() async throws {
        let site = try RetentionSite()
        let bad = try await site.archive.sealedMeeting()
        _ = try await site.archive.sealedMeeting(.sample("yyyy"))
        let held = try await site.archive.sealedMeeting(.sample("zzzz"))
        #expect(try await site.archive.carryOutRetention().outcome == RetentionRoundOutcome())
        site.passTenYears()
        try await site.archive.hold(held.id, reason: "thanh tra", by: "Lan")
        #expect(try await site.archive.carryOutRetention().outcome.over == 2)
        _ = try await site.approved([bad.id])
        let obstacle = site.archive.paths(of: bad).directory + "/destruction"
        try Data().write(to: URL(fileURLWithPath: obstacle))
        let seen = Seen()
        let (first, failures) = try await site.archive.carryOutRetention { now in
            seen.progress.withLock { $0.append(now) }
        }
        #expect(first.overdue == [bad.id] && Set(failures.keys) == [bad.id] && first.destroyed.isEmpty)
        #expect(first.over == 1 && first.proposals == 0)
        #expect(seen.progress.withLock { $0.map(\.meetings) } == [0, 1])
        unlink(obstacle)
        let second = try await site.archive.carryOutRetention().outcome
        #expect(second.overdue.isEmpty && second.destroyed == [bad.id] && second.over == 1)
    }

    @Test func whenARoundWasAskedForIsKept() async throws {
        let clock = HandClock(morning)
        let workshop = try Workshop()
        let archive = try workshop.open(now: { clock.now })
        #expect(try await archive.lastRound(.fixity) == nil)
        try await archive.noteRound(.fixity)
        clock.advance(60)
        try await archive.noteRound(.fixity)
        #expect(try await archive.lastRound(.fixity) == clock.now)
        #expect(try await archive.lastRound(.retention) == nil)
        try archive.close()
        #expect(try await workshop.open().lastRound(.fixity) == clock.now)
    }
}

/// Several ask for the same work.
@Suite struct SharedRunTests {
    private static func next(_ stream: AsyncStream<Void>) async {
        var steps = stream.makeAsyncIterator()
        await steps.next()
    }

    /// Asks twice, the second time while the first run goes on, and lets what runs end; gives what both got.
    private static func twice(looksAgain: Bool) async throws -> (values: [Int], runs: Int) {
        let shared = SharedRun<Int>()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (joined, join) = AsyncStream.makeStream(of: Void.self)
        let runs = RunCount()
        let work: @Sendable (@escaping SharedRun<Int>.Watcher) async throws(ArchiveError) -> Int = { tell in
            let number = runs.next()
            tell(RoundProgress(meetings: number, totalMeetings: 2))
            begin.yield()
            if number == 1 { await next(gate) }
            return number
        }
        async let first = shared.run(looksAgain: looksAgain, watcher: { _ in }, work)
        await next(begun)
        async let second = shared.run(looksAgain: looksAgain, watcher: { if $0.meetings == 1 { join.yield() } }, work)
        // It is told at once how far the run is that it joined.
        await next(joined)
        open.yield()
        return (try await [first, second], runs.value)
    }

    private final class RunCount: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func next() -> Int {
            count.withLock {
                $0 += 1
                return $0
            }
        }
    }

    @Test func whoAsksMeanwhileSharesTheRun() async throws {
        let shared = try await Self.twice(looksAgain: false)
        #expect(shared.values == [1, 1] && shared.runs == 1)
    }

    @Test func orHasItLookAgain() async throws {
        let again = try await Self.twice(looksAgain: true)
        #expect(again.values == [2, 2] && again.runs == 2)
    }

    @Test func whatFailsOrIsStoppedIsBegunAnew() async throws {
        let shared = SharedRun<Int>()
        await #expect(throws: ArchiveError.unusableName("x")) {
            try await shared.run(looksAgain: true, watcher: { _ in }) { _ throws(ArchiveError) in
                throw .unusableName("x")
            }
        }
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let stopped = Task {
            try await shared.run(looksAgain: false, watcher: { _ in }) { _ throws(ArchiveError) in
                begin.yield()
                do { try await Task.sleep(for: .seconds(60)) } catch { throw .cancelled }
                return 1
            }
        }
        await Self.next(begun)
        shared.cancel()
        await #expect(throws: ArchiveError.cancelled) { try await stopped.value }
        #expect(try await shared.run(looksAgain: false, watcher: { _ in }) { _ in 3 } == 3)
    }
}
