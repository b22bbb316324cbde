import Testing

@testable import Conference

/// What is said of a meeting's end.
@Suite struct EndingTests {
    /// In session from 09:30 on, planned to end at 10:30.
    private func sitting() -> Bench {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening(opensAfter: 0)), at: at(0))
        for (index, point) in ["chutoa", "soyte", "phuloc", "aluoi"].enumerated() {
            bench.arrive(ParticipantID(rawValue: UInt64(index + 1)), PointID(point), "hop", at: 1)
        }
        bench.order(.open, at: 2)
        return bench
    }

    @Test func theChairAloneIsToldFiveMinutesBeforeThePlannedEndOnce() {
        var bench = sitting()
        #expect(bench.conference.deadline == at(3300).steady)
        #expect(bench.send(.deadlineReached, at: at(3299)).said == [])
        #expect(bench.send(.deadlineReached, at: at(3300)).said == ["meetingEndsSoon p1"])
        #expect(bench.conference.deadline == nil)
        #expect(bench.send(.deadlineReached, at: at(3301)).said == [])
    }

    @Test func anEndThatIsPutOffIsToldOfAgain() {
        var bench = sitting()
        bench.send(.deadlineReached, at: at(3300))
        var later = Hall.convening(opensAfter: 0)
        later.endsAt = at(5400).wall
        bench.send(.convene(later), at: at(3400))
        #expect(bench.conference.deadline == at(5100).steady)
        #expect(bench.send(.deadlineReached, at: at(5100)).said == ["meetingEndsSoon p1"])
    }

    @Test func aWarningThatWouldNotBeTrueIsNotGiven() {
        var bench = sitting()
        // The clock was behind, and is put right within the last minutes.
        let put = Moment(steady: at(600).steady, wall: at(3500).wall)
        #expect(bench.send(.deadlineReached, at: put).said == [])
        #expect(bench.conference.deadline == nil)

        var short = Bench(Hall.register)
        var convening = Hall.convening(opensAfter: 0)
        convening.endsAt = at(600).wall
        short.send(.convene(convening), at: at(0))
        short.arrive(1, "chutoa", "hop", at: 1)
        short.order(.open, at: 2)
        #expect(short.send(.deadlineReached, at: at(300)).said == [])
        for wall in [Int64.min, .max] {
            var odd = sitting()
            odd.send(.deadlineReached, at: Moment(steady: at(40).steady, wall: WallTime(millisecondsSince1970: wall)))
        }
    }

    @Test func allHearThatTheMeetingEndsBeforeTheirCallsDoAndNobodyHearsItAtAShutdown() {
        var bench = Bench.sitting()
        let names = bench.order(.close, at: 20).names
        let told = names.firstIndex(of: "say meetingEnds p1 p2 p3 p4")
        let gone = names.firstIndex(of: "disconnect p1 meeting-ended")
        #expect(told != nil && gone != nil && (told ?? 0) < (gone ?? 0))
        var stopped = Bench.sitting()
        #expect(!stopped.send(.shutdown, at: at(20)).said.contains { $0.hasPrefix("meetingEnds") })
    }
}
