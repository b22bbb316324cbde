import Testing

@testable import LossyLine

@Suite struct LineModelTests {
    private static let second: UInt64 = 1_000_000_000

    /// Which of so many datagrams are lost, one each 20 ms.
    private func losses(_ model: inout LineModel, of count: Int) -> [Bool] {
        (0..<count).map { model.pass(octets: 160, atNanoseconds: UInt64($0) * 20_000_000) == nil }
    }

    private func runs(of losses: [Bool]) -> [Int] {
        losses.split(separator: false).map(\.count)
    }

    @Test(arguments: [0.05, 0.2])
    func randomLossLosesItsShareInShortRuns(share: Double) {
        var model = LineModel(.init(loss: .random(share)), seed: 3)
        let losses = losses(&model, of: 20_000)
        let seen = Double(losses.count { $0 }) / 20_000
        #expect(abs(seen - share) < 0.02, "\(seen)")
        let runs = runs(of: losses)
        #expect(abs(Double(runs.reduce(0, +)) / Double(runs.count) - 1 / (1 - share)) < 0.1)
        #expect(model.counters.lost + model.counters.passed == 20_000)
    }

    @Test func burstsLoseTheirShareInRunsOfTheirLength() {
        var model = LineModel(.init(loss: .bursts(0.2, length: 5)), seed: 3)
        let losses = losses(&model, of: 50_000)
        let seen = Double(losses.count { $0 }) / 50_000
        #expect(abs(seen - 0.2) < 0.03, "\(seen)")
        let runs = runs(of: losses)
        let length = Double(runs.reduce(0, +)) / Double(runs.count)
        #expect(abs(length - 5) < 0.5, "\(length)")
    }

    @Test func theSameSeedLosesTheSamePacketsWhateverControlGoesBetweenThem() {
        var plain = LineModel(.init(loss: .random(0.3)), seed: 9)
        var mixed = LineModel(.init(loss: .random(0.3)), seed: 9)
        let expected = losses(&plain, of: 500)
        let seen = (0..<500).map { index -> Bool in
            if index.isMultiple(of: 7) { _ = mixed.pass(octets: 80, isControl: true, atNanoseconds: 0) }
            return mixed.pass(octets: 160, atNanoseconds: 0) == nil
        }
        #expect(seen == expected)
        var other = LineModel(.init(loss: .random(0.3)), seed: 10)
        #expect(losses(&other, of: 500) != expected)
    }

    @Test func aBottleneckCarriesItsRateAndDropsWhatWouldWaitTooLong() {
        var model = LineModel(.init(rate: .init(bitsPerSecond: 300_000, queue: .milliseconds(200))), seed: 1)
        var longest: UInt64 = 0
        // A megabit for ten seconds.
        for index in 0..<UInt64(1_250) {
            let now = index * 8_000_000
            if let arrival = model.pass(octets: 972, atNanoseconds: now) { longest = max(longest, arrival - now) }
        }
        let carried = Double(model.counters.octetsPassed + 28 * model.counters.passed) * 8 / 10
        #expect((285_000...315_000).contains(carried), "\(carried)")
        #expect((160_000_000...200_000_000).contains(longest))
        #expect(model.counters.overflowed > 700 && model.counters.lost == 0)
        // What comes when the queue has drained goes at once.
        let arrival = model.pass(octets: 122, atNanoseconds: 20 * Self.second)
        #expect(arrival == 20 * Self.second + 4_000_000)
    }

    @Test func aDelayIsAddedAndWhatIsDeadPassesNothing() {
        var model = LineModel(.init(delay: .milliseconds(80)), seed: 1)
        #expect(model.pass(octets: 100, atNanoseconds: 5) == 80_000_005)
        model.conditions = .init(loss: .all)
        #expect(model.pass(octets: 100, atNanoseconds: 6) == nil)
    }
}
