import Congestion
import Testing

@Suite struct OpusLossSteeringTests {
    @Test func aCleanLineChangesNothing() {
        var steering = OpusLossSteering()
        for _ in 0..<100 { #expect(steering.report(loss: 0) == nil) }
        #expect(steering.protection == OpusProtection())
    }

    @Test(arguments: [0.05, 0.1, 0.2]) func lossIsProvidedForWithinThreeReports(loss: Double) {
        var steering = OpusLossSteering()
        for _ in 0..<3 { _ = steering.report(loss: loss) }
        #expect(steering.protection.inBandRedundancy)
        #expect(Double(steering.protection.lossPercentage) >= loss * 100 * 0.8)
        #expect(steering.protection.mayPause == (loss < 0.06))
    }

    @Test func redundancyEndsOnlyAfterAWhile() {
        var steering = OpusLossSteering()
        for _ in 0..<10 { _ = steering.report(loss: 0.2) }
        for _ in 0..<10 { _ = steering.report(loss: 0) }
        #expect(steering.protection.inBandRedundancy)
        for _ in 0..<60 { _ = steering.report(loss: 0) }
        #expect(steering.protection == OpusProtection())
    }

    @Test func lossThatVariesChangesLittle() {
        var generator = SeededGenerator(seed: 3)
        var steering = OpusLossSteering()
        var changes = 0
        for _ in 0..<600 where steering.report(loss: .random(in: 0.03...0.11, using: &generator)) != nil {
            changes += 1
        }
        #expect(changes < 60, "\(changes)")
        for loss in [Double.nan, .infinity, -1, 2] { _ = steering.report(loss: loss) }
        #expect((0...1).contains(steering.loss))
    }
}
