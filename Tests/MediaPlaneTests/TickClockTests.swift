import Testing

@testable import MediaPlane

@Suite struct TickClockTests {
    @Test(arguments: 1...5)
    func noPeriodIsPassedOverHoweverManyTicksComeAtOnce(together: Int) {
        for start in 0..<5 {
            var clock = TickClock()
            clock.wake()
            for _ in 0..<start { clock.tick() }
            var (fifths, halves) = (0, 0)
            for _ in 0..<100 {
                clock.wake()
                for _ in 0..<together { clock.tick() }
                if clock.endsPeriod(of: 5) { fifths += 1 }
                if clock.endsPeriod(of: 25) { halves += 1 }
            }
            #expect(fifths == Int(clock.ticks) / 5 - start / 5)
            #expect(halves == Int(clock.ticks) / 25)
        }
    }

    @Test func aWakeUpWithoutTicksEndsNothing() {
        var clock = TickClock()
        clock.wake()
        for _ in 0..<5 { clock.tick() }
        #expect(clock.endsPeriod(of: 5))
        clock.wake()
        #expect(!clock.endsPeriod(of: 5))
    }
}
