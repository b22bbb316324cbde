import Testing

@testable import Congestion

/// Lines of which receiver reports alone tell.
@Suite struct ReportedRateTests {
    private static let second: UInt64 = 1_000_000_000
    private static let limits = RateLimits(least: 40_000, start: 300_000, most: 1_000_000_000)

    private static func report(_ loss: Double, packets: Int = 700, sent: Double = 1_600_000) -> ReportedRate.Report {
        .init(loss: loss, packets: packets, isOfPicture: true, isQueueing: false, sent: sent)
    }

    private static func soundReport(_ loss: Double) -> ReportedRate.Report {
        .init(loss: loss, packets: 250, isOfPicture: false, isQueueing: false, sent: 60_000)
    }

    /// Complaints twice a second from `at` on, as of a peer whose keyframes, too, come broken.
    private static func complain(_ rate: inout ReportedRate, _ count: Int, at: UInt64) {
        for index in 0..<UInt64(count) {
            let now = at + index * second / 2
            rate.complain(keyframeSentAt: now - 400_000_000, at: now)
        }
    }

    @Test func nothingBoundsWhatNothingSpeaksAgainst() {
        var rate = ReportedRate(Self.limits)
        for step in 1...20 as ClosedRange<UInt64> {
            rate.handle(Self.report(0), at: step * 5 * Self.second)
            rate.advance(sent: 1_600_000, wanted: 2_000_000, at: step * 5 * Self.second)
        }
        #expect(rate.phase == .open && rate.rate == 1e9)
    }

    @Test(arguments: [0.01, 0.03, 0.05]) func aFewPercentInterruptThePictureOnceAtMost(loss: Double) {
        var rate = ReportedRate(Self.limits)
        var interruptions = 0
        for step in 1...240 as ClosedRange<UInt64> {
            let now = step * Self.second / 2
            let before = rate.phase
            // Each keyframe loses something too.
            Self.complain(&rate, 1, at: now)
            if before == .open, rate.phase != .open { interruptions += 1 }
            if step % 10 == 0 { rate.handle(Self.report(loss), at: now) }
            rate.advance(sent: 1_600_000, wanted: 2_000_000, at: now)
        }
        #expect(interruptions <= 1)
        #expect(rate.phase == .open)
    }

    @Test func oneBrokenPictureIsNoSign() {
        var rate = ReportedRate(Self.limits)
        for step in 1...20 as ClosedRange<UInt64> { Self.complain(&rate, 1, at: step * 3 * Self.second) }
        // Nor are repeated complaints before a keyframe came.
        for step in 0..<6 as Range<UInt64> {
            rate.complain(keyframeSentAt: 90 * Self.second, at: 100 * Self.second + step * Self.second / 2)
        }
        #expect(rate.phase == .open)
    }

    @Test func aPictureThatBreaksAgainAfterItsKeyframeIsHeldBack() {
        var rate = ReportedRate(Self.limits)
        Self.complain(&rate, 4, at: 9 * Self.second)
        #expect(rate.rate == 300_000)
        rate.handle(Self.report(0.4), at: 12 * Self.second)
        rate.handle(Self.soundReport(0), at: 17 * Self.second)
        rate.advance(sent: 60_000, wanted: 2_000_000, at: 20 * Self.second)
        #expect(rate.rate == 300_000)
    }

    @Test func afterACleanReportTwoComplaintsAreEnough() {
        var rate = ReportedRate(Self.limits)
        rate.handle(Self.report(0), at: 5 * Self.second)
        Self.complain(&rate, 2, at: 10 * Self.second)
        #expect(rate.rate == 300_000)
    }

    @Test func reportsOfLossLeaveWhatComesThrough() {
        var rate = ReportedRate(Self.limits)
        rate.handle(Self.report(0.5), at: 5 * Self.second)
        #expect((500_000...800_000).contains(rate.rate))
    }

    @Test func lossThatStaysAtLessRateIsTheLinesOwn() {
        var rate = ReportedRate(Self.limits)
        rate.handle(Self.report(0.2), at: 5 * Self.second)
        #expect(rate.phase != .open)
        rate.handle(Self.report(0.2, sent: 500_000), at: 10 * Self.second)
        rate.handle(Self.report(0.2, sent: 500_000), at: 15 * Self.second)
        #expect(rate.phase == .open)
        for step in 4...20 as ClosedRange<UInt64> { rate.handle(Self.report(0.2), at: step * 5 * Self.second) }
        Self.complain(&rate, 4, at: 101 * Self.second)
        #expect(rate.phase == .open)
        // More than its own is another matter.
        rate.handle(Self.report(0.5), at: 110 * Self.second)
        #expect(rate.phase != .open)
    }

    @Test func moreIsTriedAfterAWhileAndEachTimeLaterThatItFails() {
        var rate = ReportedRate(Self.limits)
        Self.complain(&rate, 4, at: 9 * Self.second)
        rate.handle(Self.report(0.6), at: 12 * Self.second)
        var trials: [UInt64] = []
        for step in 24...400 as ClosedRange<UInt64> {
            let now = step * Self.second / 2
            let before = rate.phase
            rate.advance(sent: 60_000, wanted: 2_000_000, at: now)
            if case .trial = rate.phase, case .held = before { trials.append(step / 2) }
            if case .trial = rate.phase, rate.rate >= 2_000_000 {
                // Of the picture before the trial.
                rate.complain(keyframeSentAt: 9 * Self.second, at: now)
                #expect(rate.rate >= 2_000_000)
                Self.complain(&rate, 1, at: now + Self.second / 2)
                #expect(rate.rate == 300_000)
            }
        }
        #expect(trials.count >= 3)
        let waits = zip(trials.dropFirst(), trials).map { $0 - $1 }
        #expect(trials[0] >= 24 && trials[0] <= 27)
        #expect(zip(waits.dropFirst(), waits).allSatisfy { $0 > $1 })
    }

    @Test func whatATrialShowsToPassIsOpen() {
        var rate = ReportedRate(Self.limits)
        Self.complain(&rate, 4, at: 9 * Self.second)
        rate.handle(Self.report(0.6), at: 12 * Self.second)
        for step in 24...70 as ClosedRange<UInt64> {
            rate.advance(sent: 60_000, wanted: 2_000_000, at: step * Self.second / 2)
        }
        #expect(rate.rate >= 2_000_000)
        rate.handle(Self.report(0), at: 36 * Self.second)
        #expect(rate.phase == .open)
    }

    @Test func whateverIsToldItStaysWithinItsLimits() {
        var generator = SeededGenerator(seed: 7)
        var rate = ReportedRate(Self.limits)
        var now: UInt64 = 0
        for _ in 0..<20_000 {
            now &+= generator.next() >> 34
            switch generator.next() % 3 {
            case 0:
                rate.handle(
                    .init(
                        loss: Double.random(in: 0...1, using: &generator), packets: Int(generator.next() % 1000),
                        isOfPicture: Bool.random(using: &generator), isQueueing: Bool.random(using: &generator),
                        sent: Bool.random(using: &generator) ? nil : Double.random(in: 0...1e9, using: &generator)),
                    at: now)
            case 1: rate.complain(keyframeSentAt: now &- generator.next() >> 33, at: now)
            default: rate.advance(sent: Double.random(in: 0...1e7, using: &generator), wanted: 3e6, at: now)
            }
            #expect((40_000...1_000_000_000).contains(rate.rate))
        }
    }
}
