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

    /// A worker that has nothing to do in single ticks is woken a fifth as often, and for sound again in time.
    @Test func aWorkerWithoutSoundRestsUntilThereIsSome() async throws {
        let room = try TestRoom()
        func ticks() async throws -> (made: UInt64, late: UInt64) {
            let statistics = try #require(await room.plane.workerStatistics().first)
            return (statistics.ticks, statistics.skippedTicks)
        }
        let before = try await ticks()
        room.pace(frames: 50) { _ in }
        let atRest = try await ticks()
        #expect((40...60).contains(atRest.made - before.made), "ticks are counted as time, woken for or not")
        let source = try ToneSource(440, .opus)
        for _ in 0..<2 { _ = try await room.join(audio: TestEndpoint(.opus, payloadType: 96, suite: nil)) }
        let (speaker, listener) = (room.seats[0], try #require(room.seats[1].audio))
        try room.pace(frames: 100) { _ in
            speaker.audio?.send(try source.frame(), advancing: 960, to: speaker.reservation.audio.port)
        }
        #expect(listener.received.count >= 92, "\(listener.received.count) packets in two seconds")
        #expect(abs(try listener.levels(of: [440])[0] - -12.04) < 1.5)
    }
}
