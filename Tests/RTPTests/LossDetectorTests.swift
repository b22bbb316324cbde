import Testing

@testable import RTP

struct LossDetectorTests {
    private static let millisecond: UInt64 = 1_000_000

    private func due(
        _ detector: inout LossDetector, at now: UInt64, roundTrip: UInt64? = nil, canAsk: Bool = true
    ) -> (asked: [UInt16], gaveUp: Bool) {
        var list = InlineArray<128, UInt16>(repeating: 0)
        let (count, gaveUp) = detector.due(
            atNanoseconds: now, roundTripNanoseconds: roundTrip, canAsk: canAsk, into: &list)
        return ((0..<count).map { list[$0] }, gaveUp)
    }

    @Test func aGapIsAskedForWhenItIsNoReordering() {
        var detector = LossDetector()
        for sequence in [65_533, 65_534, 1, 2] as [UInt16] { detector.receive(sequence, atNanoseconds: 0) }
        let early = due(&detector, at: 9 * Self.millisecond).asked
        #expect(early.isEmpty)
        let isReordered = !detector.receive(0, atNanoseconds: 9 * Self.millisecond)
        #expect(isReordered)
        let asked = due(&detector, at: 10 * Self.millisecond).asked
        #expect(asked == [65_535])
        let isRecovered = detector.receive(65_535, atNanoseconds: 30 * Self.millisecond)
        #expect(isRecovered && detector.isQuiet)
        let isRecoveredAgain = detector.receive(65_535, atNanoseconds: 31 * Self.millisecond)
        #expect(!isRecoveredAgain)
    }

    @Test func itAsksOnceARoundTripAndGivesUp() {
        var detector = LossDetector()
        detector.receive(10, atNanoseconds: 0)
        detector.receive(12, atNanoseconds: 0)
        var times: [UInt64] = []
        var gaveUpAt: UInt64?
        for millisecond in stride(from: UInt64(0), to: 2_000, by: 20) {
            let result = due(&detector, at: millisecond * Self.millisecond, roundTrip: 80 * Self.millisecond)
            if !result.asked.isEmpty { times.append(millisecond) }
            if result.gaveUp { gaveUpAt = gaveUpAt ?? millisecond }
        }
        #expect(times == [20, 120, 220, 320, 420, 520, 620, 720, 820, 920])
        #expect(gaveUpAt == 940)
        #expect(detector.isQuiet)
    }

    @Test func moreThanCanBeAskedForIsGivenUpAtOnce() {
        var detector = LossDetector()
        detector.receive(0, atNanoseconds: 0)
        detector.receive(UInt16(LossDetector.capacity) + 2, atNanoseconds: 0)
        #expect(!detector.isQuiet)
        let result = due(&detector, at: 0)
        #expect(result.gaveUp && result.asked.isEmpty)
        #expect(detector.isQuiet)
    }

    @Test func aSourceThatCannotBeAskedHasLostForGood() {
        var detector = LossDetector()
        detector.receive(0, atNanoseconds: 0)
        detector.receive(2, atNanoseconds: 0)
        let early = due(&detector, at: 5 * Self.millisecond, canAsk: false)
        let late = due(&detector, at: 20 * Self.millisecond, canAsk: false)
        #expect(!early.gaveUp && late.gaveUp && late.asked.isEmpty)
        #expect(detector.isQuiet)
    }

    @Test func aRetransmissionIsTakenOnce() {
        var detector = LossDetector()
        detector.receive(0, atNanoseconds: 0)
        detector.receive(3, atNanoseconds: 0)
        let recovered = [2, 2, 3, 9].map { detector.recover($0) }
        #expect(recovered == [true, false, false, false])
        let asked = due(&detector, at: 20 * Self.millisecond).asked
        #expect(asked == [1])
    }

    /// Whatever is lost, reordered and repeated: what was never received is asked for, what was received is not.
    @Test(arguments: 0..<50) func everyLossIsAskedForAndNothingElse(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var detector = LossDetector()
        var now: UInt64 = 0
        let first = UInt16.random(in: 0 ... .max, using: &random)
        var order = (0..<600).map { first &+ $0 }
        for index in stride(from: 0, to: 590, by: 10) where Bool.random(using: &random) {
            order.swapAt(index, index + 3)
        }
        var received: Set<UInt16> = []
        var asked: Set<UInt16> = []
        for (index, sequence) in order.enumerated() {
            let isLost = index > 5 && index < 580 && Int.random(in: 0..<10, using: &random) == 0
            if !isLost {
                detector.receive(sequence, atNanoseconds: now)
                received.insert(sequence)
            }
            now += 2 * Self.millisecond
            let result = due(&detector, at: now)
            asked.formUnion(result.asked)
            for number in result.asked where Bool.random(using: &random) {
                let isRecovered = detector.recover(number)
                #expect(isRecovered && !received.contains(number))
                received.insert(number)
            }
        }
        let lost = Set(order).subtracting(received)
        #expect(lost.isSubset(of: asked))
    }
}
