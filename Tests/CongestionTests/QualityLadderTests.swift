import Congestion
import Foundation
import Testing

@Suite struct QualityLadderTests {
    static let second: UInt64 = 1_000_000_000

    static func offer() -> PictureOffer {
        var offer = PictureOffer(sound: 48_000)
        offer.layers[0] = 150_000
        offer.layers[1] = 500_000
        offer.layers[2] = 1_700_000
        offer.temporalLayers = 3
        offer.rendition = 100_000
        return offer
    }

    /// Feeds estimates for a while and returns what was decided, with its time in seconds.
    private func run(
        _ ladder: inout QualityLadder, from start: Double = 0, seconds: Double, loss: Double = 0, _ offer: PictureOffer,
        _ estimate: (Double) -> UInt64
    ) -> [(at: Double, decision: QualityLadder.Decision)] {
        var decisions: [(at: Double, decision: QualityLadder.Decision)] = []
        var time = start
        while time < start + seconds {
            if let decision = ladder.decide(
                estimate: estimate(time), loss: loss, offer, atNanoseconds: UInt64(time * 1e9))
            {
                decisions.append((time, decision))
            }
            time += 0.05
        }
        return decisions
    }

    @Test func everyEstimateHasItsRung() {
        let expected: [(UInt64, PictureChoice)] = [
            (20_000, .none), (100_000, .none), (130_000, .layer(0, temporal: 0)), (230_000, .layer(0, temporal: 2)),
            (300_000, .layer(1, temporal: 0)), (400_000, .layer(1, temporal: 1)), (700_000, .layer(1, temporal: 2)),
            (850_000, .layer(2, temporal: 0)), (1_300_000, .layer(2, temporal: 1)), (2_100_000, .layer(2, temporal: 2)),
        ]
        for (estimate, choice) in expected {
            var ladder = QualityLadder()
            let decision = ladder.decide(estimate: estimate, loss: 0, Self.offer(), atNanoseconds: 0)
            #expect(decision == .init(choice: choice, reason: .start), "at \(estimate)")
        }
    }

    @Test func renditionServesWhereNoLayerFits() {
        var offer = PictureOffer(sound: 40_000)
        offer.layers[0] = 1_000_000
        offer.rendition = 100_000
        var ladder = QualityLadder()
        #expect(ladder.decide(estimate: 300_000, loss: 0, offer, atNanoseconds: 0)?.choice == .rendition)
    }

    @Test func aFallIsFollowedWithinASecond() {
        var ladder = QualityLadder()
        _ = run(&ladder, seconds: 5, Self.offer()) { _ in 2_500_000 }
        #expect(ladder.choice == .layer(2, temporal: 2))
        let severe = run(&ladder, from: 5, seconds: 3, Self.offer()) { _ in 300_000 }
        #expect(severe.first?.decision == .init(choice: .layer(1, temporal: 0), reason: .rate))
        #expect(severe.first?.at ?? 99 < 5.3)
        var other = QualityLadder()
        _ = run(&other, seconds: 5, Self.offer()) { _ in 2_500_000 }
        let slight = run(&other, from: 5, seconds: 3, Self.offer()) { _ in 1_600_000 }
        #expect(slight.first?.decision == .init(choice: .layer(2, temporal: 1), reason: .rate))
        #expect(slight.first?.at ?? 99 < 6)
    }

    @Test func aShortDipChangesNothing() {
        var ladder = QualityLadder()
        _ = run(&ladder, seconds: 5, Self.offer()) { _ in 2_500_000 }
        let dip = run(&ladder, from: 5, seconds: 3, Self.offer()) { $0 < 5.3 ? 1_650_000 : 2_500_000 }
        #expect(dip.isEmpty)
    }

    @Test func aRiseIsTakenAfterAWhile() {
        var ladder = QualityLadder()
        _ = run(&ladder, seconds: 5, Self.offer()) { _ in 100_000 }
        #expect(ladder.choice == .none)
        let rise = run(&ladder, from: 5, seconds: 10, Self.offer()) { _ in 2_500_000 }
        #expect(rise.first?.decision == .init(choice: .layer(2, temporal: 2), reason: .recovery))
        #expect((6.4...6.8).contains(rise.first?.at ?? 0))
    }

    @Test func stepsUpThatFailBecomeRarer() {
        var ladder = QualityLadder()
        _ = run(&ladder, seconds: 1, Self.offer()) { _ in 600_000 }
        // The estimate promises the large picture, and breaks the promise three seconds after it is sent.
        var raisedAt: Double?
        var raises: [Double] = []
        var time = 1.0
        while time < 120 {
            let estimate: UInt64 = raisedAt.map { time - $0 > 3 } ?? false ? 650_000 : 2_500_000
            if let decision = ladder.decide(
                estimate: estimate, loss: 0, Self.offer(), atNanoseconds: UInt64(time * 1e9))
            {
                if decision.reason == .recovery {
                    raisedAt = time
                    raises.append(time)
                } else {
                    raisedAt = nil
                }
            }
            time += 0.05
        }
        let gaps = zip(raises.dropFirst(), raises).map { $0 - $1 }
        #expect((3...7).contains(raises.count), "\(raises)")
        #expect(gaps.last ?? 0 > 25)
    }

    @Test func lossTakesTheSizeButNotTheLastPicture() {
        var ladder = QualityLadder()
        _ = run(&ladder, seconds: 1, Self.offer()) { _ in 2_500_000 }
        let heavy = run(&ladder, from: 1, seconds: 40, loss: 0.4, Self.offer()) { _ in 2_500_000 }
        #expect(heavy.allSatisfy { $0.decision.reason == .loss })
        #expect(ladder.choice != .none)
        _ = run(&ladder, from: 41, seconds: 4, loss: 0.7, Self.offer()) { _ in 2_500_000 }
        #expect(ladder.choice == .none)
        // A fifth is what FEC and retransmission are for.
        var other = QualityLadder()
        let usual = run(&other, seconds: 30, loss: 0.2, Self.offer()) { _ in 2_500_000 }
        #expect(usual.count == 1)
    }

    @Test func aLayerThatEndsIsReplacedAtOnce() {
        var ladder = QualityLadder()
        _ = run(&ladder, seconds: 1, Self.offer()) { _ in 2_500_000 }
        var offer = Self.offer()
        offer.layers[2] = 0
        let decision = ladder.decide(estimate: 2_500_000, loss: 0, offer, atNanoseconds: 2 * Self.second)
        #expect(decision == .init(choice: .layer(1, temporal: 2), reason: .offer))
    }

    @Test func absurdInputsAreSurvived() {
        var generator = SeededGenerator(seed: 5)
        var ladder = QualityLadder()
        for _ in 0..<50_000 {
            var offer = PictureOffer(sound: generator.next() >> generator.next() % 64)
            for layer in 0..<4 { offer.layers[layer] = generator.next() >> generator.next() % 64 }
            offer.temporalLayers = UInt8(generator.next() & 255)
            _ = QualityLadder.wanted(offer)
            _ = ladder.decide(
                estimate: generator.next(), loss: .random(in: -1...2, using: &generator), offer,
                atNanoseconds: generator.next())
        }
    }

    /// The whole of it: an estimate, a ladder, and a line that is held to 300 kbit/s for half a minute. When it was written,
    /// the picture was smaller 0.3 s after the fall and the right one after 4.4 s, and the largest again 8 s after the rise.
    /// Sound waited 13 ms before, 1.6 s just after the fall for what was in the queue by then, and 141 ms at most from then on.
    @Test func soundLastsAndThePictureAdaptsAndComesBack() {
        let flow = SimulatedFlow(0, RateLimits(least: 30_000, start: 300_000, most: 3_000_000))
        let offer = Self.offer()
        var ladder = QualityLadder()
        var choices: [(at: Double, choice: PictureChoice)] = []
        flow.estimator.wanted = QualityLadder.wanted(offer)
        flow.choose = { now, estimate, loss in
            if let decision = ladder.decide(estimate: UInt64(estimate), loss: loss, offer, atNanoseconds: now) {
                choices.append((Double(now) / 1e9, decision.choice))
            }
            switch ladder.choice {
            case .none: return 0
            case .rendition: return Double(offer.rendition)
            case .layer(let layer, let temporal):
                return Double(offer.layers[Int(layer)]) * [0.4, 0.6, 1][Int(temporal)]
            }
        }
        let link = SimulatedLink(seed: 7) { now in (30...60).contains(Double(now) / 1e9) ? 300_000 : 3_000_000 }
        simulate(link, [flow], seconds: 100)
        print("ladder:", choices.map { String(format: "%.1f s %@", $0.at, "\($0.choice)") }.joined(separator: ", "))
        print(
            "sound waits at most \(flow.longestSoundWait(5..<30)) ms before, \(flow.longestSoundWait(30..<33)) ms at the fall,",
            "\(flow.longestSoundWait(35..<60)) ms at 300 kbit/s")
        let settled = choices.last { $0.at < 35 }?.choice
        #expect(settled != PictureChoice.layer(2, temporal: 2) && settled != PictureChoice.none)
        #expect(flow.longestSoundWait(35..<60) < 200)
        #expect(choices.contains { $0.at > 60 && $0.at < 75 && $0.choice == .layer(2, temporal: 2) })
    }

    @Test func soundLastsOnANarrowLineFromTheBeginning() {
        let flow = SimulatedFlow(0, RateLimits(least: 30_000, start: 200_000, most: 3_000_000))
        let offer = Self.offer()
        var ladder = QualityLadder()
        flow.estimator.wanted = QualityLadder.wanted(offer)
        flow.choose = { now, estimate, loss in
            _ = ladder.decide(estimate: UInt64(estimate), loss: loss, offer, atNanoseconds: now)
            guard case .layer(let layer, let temporal) = ladder.choice else { return 0 }
            return Double(offer.layers[Int(layer)]) * [0.4, 0.6, 1][Int(temporal)]
        }
        simulate(SimulatedLink(seed: 8) { _ in 300_000 }, [flow], seconds: 60)
        print(
            "sound waits at most \(flow.longestSoundWait(0..<60)) ms at 300 kbit/s from the beginning, choice \(ladder.choice)"
        )
        #expect(flow.longestSoundWait(0..<60) < 250)
        #expect(ladder.choice != .none)
    }
}
