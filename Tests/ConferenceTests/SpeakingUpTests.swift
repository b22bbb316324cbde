import Testing

@testable import Conference

/// Raised hands, and messages to the room.
@Suite struct SpeakingUpTests {
    @Test func aRaisedHandIsNotedOnceAndStandsUntilItIsLowered() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        #expect(
            bench.send(.hand(1, isRaised: true), at: at(2)).names == ["log hand-raised", "say handRaised(place: 1) p1"])
        #expect(bench.send(.hand(1, isRaised: true), at: at(3)).isEmpty, "it was up already")
        #expect(bench.conference.openMeetings.first?.participants.first?.handRaised == at(2).wall)
        #expect(bench.send(.hand(1, isRaised: false), at: at(4)).names == ["log hand-lowered", "say handLowered p1"])
        #expect(bench.conference.openMeetings.first?.participants.first?.handRaised == nil)
        #expect(bench.send(.hand(9, isRaised: true), at: at(5)).isEmpty, "there is no such participant")
    }

    @Test func aHandStaysUpWhenItsPointCallsAgainAndGoesWhenItHangsUp() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.send(.hand(1, isRaised: true), at: at(1))
        bench.arrive(2, "soyte", at: 2)
        #expect(bench.conference.openMeetings.first?.participants.map(\.handRaised) == [at(1).wall])
        bench.send(.leave(2, .hungUp), at: at(3))
        bench.arrive(3, "soyte", at: 4)
        #expect(bench.conference.openMeetings.first?.participants.map(\.handRaised) == [nil])
    }

    @Test func aMessageIsNotedAndBroughtToTheOthers() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        #expect(
            bench.send(.message("soyte", "giaoban", text: "xin chào"), at: at(1)).names
                == ["log message", "relay soyte: xin chào"])
        #expect(bench.send(.message("phuloc", "giaoban", text: "x"), at: at(1)).names == ["refuse message 403"])
    }

    @Test func whoWritesTooFastIsRefusedUntilItHasWaited() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        func write(_ seconds: Double) -> Bool {
            bench.send(.message("soyte", "giaoban", text: "x"), at: at(seconds)).names.contains("log message")
        }
        #expect((0..<30).count { _ in write(1) } == 10)
        #expect(!write(1.9) && write(2.1) && !write(2.2))
        #expect((0..<30).count { _ in write(6.5) } == 4)
        #expect((0..<30).count { _ in write(600) } == 10)
    }
}
