import Conference
import Testing

/// Points that the bridge calls.
@Suite struct CallingTests {
    @Test func allWhoAreInvitedAreCalledIntoANewMeeting() {
        var bench = Bench()
        let actions = bench.send(.call("giaoban", nil, by: "Văn phòng"), at: at(0))
        #expect(
            actions.deeds == ["open", "record", "dial vanphong", "dial soyte", "dial phuloc", "dial haimay"],
            "in the order of protocol")
        #expect(actions.names.filter { $0 == "log called" }.count == 4)
    }

    @Test func whoIsThereOrBeingCalledIsNotCalledAgain() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        #expect(
            bench.send(.call("giaoban", ["soyte", "phuloc", "phuloc"], by: "x"), at: at(1)).deeds == ["dial phuloc"])
        #expect(
            bench.send(.call("giaoban", ["soyte", "phuloc"], by: "x"), at: at(2)).deeds == ["refuse nobodyToCall"])
        // It was not reached: it may be called again.
        bench.send(.notReached("phuloc", "giaoban", reason: "busy"), at: at(3))
        #expect(bench.send(.call("giaoban", ["phuloc"], by: "x"), at: at(4)).deeds == ["dial phuloc"])
    }

    @Test func aStrangerIsNotCalledAndOpensNoMeeting() {
        var bench = Bench()
        #expect(
            bench.send(.call("giaoban", ["khach", "soyte"], by: "x"), at: at(0)).deeds
                == ["refuse notInvited([khach])"])
        #expect(bench.send(.call("khong-co", nil, by: "x"), at: at(0)).deeds == ["refuse noSuchRoom"])
        #expect(bench.send(.call("dong", ["soyte"], by: "x"), at: at(0)).deeds == ["refuse roomClosed"])
        #expect(bench.conference.openMeetings.isEmpty)
    }

    @Test func aMeetingIntoWhichNobodyComesWaitsForItsLastCallAndCloses() {
        var bench = Bench()
        bench.send(.call("giaoban", ["soyte", "phuloc"], by: "x"), at: at(0))
        bench.send(.notReached("soyte", "giaoban", reason: "busy"), at: at(30))
        #expect(bench.conference.deadline == nil)
        bench.send(.notReached("phuloc", "giaoban", reason: "no answer"), at: at(40))
        #expect(bench.conference.deadline == at(100).steady)
        #expect(bench.send(.deadlineReached, at: at(100)).deeds == ["stop", "close"])
    }

    @Test func whoAnswersIsAdmittedAsWhoCalls() {
        var bench = Bench()
        bench.send(.call("giaoban", ["soyte"], by: "x"), at: at(0))
        #expect(bench.arrive(1, "soyte", at: 5).deeds == ["admit p1"])
        // What comes of it too late changes nothing.
        #expect(bench.send(.notReached("soyte", "giaoban", reason: "late"), at: at(6)).isEmpty)
        bench.send(.leave(1, .hungUp), at: at(7))
        #expect(bench.conference.deadline == at(67).steady)
    }

    @Test func whileItDrainsTheBridgeCallsIntoOpenMeetingsOnly() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.send(.drain, at: at(1))
        #expect(bench.send(.call("giaoban", ["phuloc"], by: "x"), at: at(2)).deeds == ["dial phuloc"])
        #expect(bench.send(.call("chung", ["soyte"], by: "x"), at: at(2)).deeds == ["refuse roomClosed"])
    }
}
