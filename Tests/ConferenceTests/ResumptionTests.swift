import Foundation
import Testing

@testable import Conference

/// Meetings that go on in another daemon: what they were, and who is called.
@Suite struct ResumptionTests {
    /// As it would come from a file.
    private static func reread(_ memory: MeetingMemory) throws -> MeetingMemory {
        try JSONDecoder().decode(MeetingMemory.self, from: JSONEncoder().encode(memory))
    }

    /// A meeting with all that a chair can order, and a daemon that is gone at second 20.
    private static func led() -> Bench {
        var bench = Bench.sitting()
        bench.order(.lock(true))
        bench.order(.setAllMicrophones(.muted))
        bench.send(.hand(3, isRaised: true), at: at(11))
        bench.order(.giveWord("soyte", limit: .seconds(300)), at: 12)
        bench.order(.startRecording(document: "12/QĐ", reason: "biên bản"), at: 13)
        bench.order(.showMessage("Nghỉ 5 phút"), at: 13)
        bench.order(.setLayout(.gallery, of: nil), at: 13)
        bench.order(.moveAside("aluoi", to: "tổ 1"), at: 14)
        return bench
    }

    @Test func aMeetingWhoseDaemonWasKilledGoesOnAsItWas() throws {
        let former = Self.led()
        let memory = try Self.reread(try #require(former.conference.memories.first))
        #expect(former.conference.memories == [memory])
        var bench = Bench(Hall.register)
        let actions = bench.send(.resume(memory, since: at(20).wall), at: at(22))
        #expect(actions.deeds == ["reopen", "record", "layout gallery all", "overlay message(\"Nghỉ 5 phút\")"])
        #expect(actions.logged == ["left", "left", "left", "left", "resumed", "recording-started"])
        for case .log(let event) in actions where event.name == "left" { #expect(event.at == at(20).wall) }
        #expect(bench.id == former.id)
        #expect(bench.status?.isLocked == true && bench.status?.isRecording == true)
        #expect(bench.status?.openedAt == morning)
        #expect(bench.status?.speech?.point == "soyte" && bench.status?.speech?.limit == .seconds(300))
        #expect(bench.status?.queue.map(\.point) == ["phuloc"])
        #expect(bench.status?.spotlight == "soyte")

        #expect(bench.send(.callBack, at: at(22)).deeds == Hall.points.prefix(4).sorted().map { "dial \($0)" })
        #expect(bench.arrive(1_001, "soyte", "hop", at: 23).deeds.contains("spotlight p1001"))
        bench.arrive(1_002, "phuloc", "hop", at: 23)
        bench.arrive(1_003, "aluoi", "hop", at: 23)
        #expect(bench.microphone(1_001) == .open && bench.microphone(1_002) == .muted)
        #expect(bench.place(1_002) == .hall, "a lock keeps nobody out who was in")
        #expect(bench.place(1_003) == .side("tổ 1"))
        // Whoever was not there before waits, as it would have.
        bench.arrive(1_004, "namdong", "hop", at: 24)
        #expect(bench.place(1_004) == .waiting)
        let roll = try #require(bench.status?.roll.first { $0.point == "soyte" })
        #expect(
            roll.reconnections == 1 && roll.sittings[0].leftBecause == "restart" && roll.sittings[0].left == at(20).wall
        )
        // The word began at second 12 by the wall clock, and ends there too.
        #expect(bench.send(.deadlineReached, at: at(253)).logged == ["speaking-time-warning"])
    }

    @Test func whoEndsInOrderSuspendsWhatIsAttendedAndClosesTheRest() throws {
        var former = Self.led()
        former.arrive(20, "khach", "ghi", at: 15)
        former.send(.leave(20, .hungUp), at: at(16))
        let actions = former.send(.suspend, at: at(20))
        #expect(
            actions.deeds == [
                "disconnect p1 restart", "disconnect p2 restart", "disconnect p3 restart", "disconnect p4 restart",
                "stop", "suspend", "stop", "close",
            ])
        #expect(former.conference.openMeetings.isEmpty)
        #expect(former.arrive(30, "soyte", "hop", at: 21).deeds == ["refuse p30 503"])
        let suspended = actions.compactMap { if case .suspendMeeting(let memory) = $0 { memory } else { nil } }
        let memory = try Self.reread(try #require(suspended.first))
        #expect(memory.present.isEmpty && memory.points == Set(Hall.points.prefix(4)))

        var bench = Bench(Hall.register)
        let resumed = bench.send(.resume(memory, since: at(20).wall), at: at(22))
        #expect(resumed.logged == ["resumed", "recording-started"], "that they left is written already")
        #expect(bench.send(.callBack, at: at(22)).deeds.count == 4)
        bench.arrive(1_001, "soyte", "hop", at: 23)
        #expect(bench.microphone(1_001) == .open)
        #expect(bench.status?.speech?.point == "soyte")
    }

    @Test func inARoomOfAnotherBridgesNoMeetingIsOpened() throws {
        var bench = Bench(Hall.register)
        bench.conference.mayOpen = { _ in false }
        #expect(bench.arrive(1, "soyte", "hop", at: 1).deeds == ["refuse p1 503"])
        #expect(bench.send(.call("hop", ["soyte"], by: "van-thu"), at: at(2)).refusal == .roomClosed)
        bench.send(.convene(Hall.convening(opensAfter: 10)), at: at(3))
        #expect(bench.conference.deadline == nil)
        #expect(bench.send(.deadlineReached, at: at(11)).isEmpty)
        // It comes to this one.
        bench.conference.mayOpen = { _ in true }
        #expect(bench.send(.deadlineReached, at: at(12)).deeds.contains("open"))
        bench.conference.mayOpen = { _ in false }
        #expect(!bench.arrive(2, "soyte", "hop", at: 13).deeds.contains("refuse p2 503"), "what is open goes on")
    }

    @Test func ofAMeetingThatAnotherBridgeHasNothingIsToldAnyMore() throws {
        var former = Self.led()
        former.send(.convene(Hall.convening(opensAfter: 3_000)), at: at(15))
        let memory = try Self.reread(try #require(former.conference.memories.first))
        let actions = former.send(.lose("hop"), at: at(20))
        #expect(
            actions.names == [
                "lose", "disconnect p1 restart", "disconnect p2 restart", "disconnect p3 restart",
                "disconnect p4 restart",
            ])
        #expect(former.conference.openMeetings.isEmpty && former.conference.memories.isEmpty)
        #expect(former.conference.convenings.isEmpty)
        #expect(former.send(.leave(1, .hungUp), at: at(21)).isEmpty)
        #expect(former.send(.lose("hop"), at: at(21)).isEmpty)
        // It may come back.
        #expect(former.send(.resume(memory, since: at(20).wall), at: at(80)).deeds.contains("reopen"))
    }

    @Test func aConvenedMeetingGoesOnWithItsListAndIsNotOpenedTwice() throws {
        var former = Bench(Hall.register)
        former.send(.convene(Hall.convening(opensAfter: 10)), at: at(0))
        former.arrive(1, "chutoa", "hop", at: 1)
        former.send(.deadlineReached, at: at(10))
        former.order(.open, at: 11)
        let memory = try Self.reread(try #require(former.conference.memories.first))
        var bench = Bench(Hall.register)
        bench.send(.resume(memory, since: at(12).wall), at: at(14))
        bench.send(.convene(Hall.convening(opensAfter: 10)), at: at(15))
        #expect(bench.conference.openMeetings.map(\.id) == [memory.id])
        // The chair, who was in, and those who were being called.
        #expect(
            Set(bench.send(.callBack, at: at(15)).deeds) == ["dial chutoa", "dial soyte", "dial phuloc", "dial aluoi"])
        #expect(bench.arrive(9, "namdong", "hop", at: 16).deeds == ["refuse p9 403"])
        #expect(bench.status?.isInSession == true)
    }

    @Test func aPointThatRegistersWhileItIsWaitedForIsCalledAtOnce() throws {
        let memory = try #require(Bench.sitting().conference.memories.first)
        var bench = Bench(Hall.register)
        bench.send(.resume(memory, since: at(20).wall), at: at(22))
        bench.send(.callBack, at: at(22))
        #expect(bench.send(.reachable("soyte"), at: at(22)).deeds.isEmpty, "it is being called already")
        bench.send(.notReached("soyte", "hop", reason: "not registered"), at: at(22))
        #expect(bench.conference.awaitedPoints == ["soyte"])
        #expect(bench.send(.reachable("soyte"), at: at(23)).deeds == ["dial soyte"])
        #expect(bench.conference.awaitedPoints.isEmpty)
        bench.arrive(1_001, "soyte", "hop", at: 24)
        #expect(bench.send(.reachable("soyte"), at: at(25)).deeds.isEmpty)
    }

    @Test func whatCannotGoOnIsRefused() throws {
        let memory = try #require(Bench.sitting().conference.memories.first)
        var bench = Bench(Hall.register)
        bench.arrive(1, "soyte", "hop")
        #expect(bench.send(.resume(memory, since: at(1).wall), at: at(2)).refusal == .roomClosed, "the room is taken")
        bench = Bench()
        #expect(
            bench.send(.resume(memory, since: at(1).wall), at: at(2)).refusal == .roomClosed, "there is no such room")
    }

    @Test func aMeetingToWhichNobodyComesBackClosesAfterItsTime() throws {
        let memory = try #require(Bench.sitting().conference.memories.first)
        var bench = Bench(Hall.register)
        bench.send(.resume(memory, since: at(20).wall), at: at(22))
        bench.send(.callBack, at: at(22))
        var second = 22.0
        while second < 300, !bench.conference.openMeetings.isEmpty {
            for point in Hall.points.prefix(4) {
                bench.send(.notReached(point, "hop", reason: "no answer"), at: at(second))
            }
            second += 1
            bench.send(.deadlineReached, at: at(second))
        }
        // Four attempts, 10, 20 and 40 s apart, and the minute for which the room lingers.
        #expect(bench.actions.summaries.first?.cause == .empty)
        #expect((150...156).contains(second), "\(second)")
    }

    @Test func pointsThatNeitherAnswerNorRefuseHoldARoomForAMinuteAndAHalf() throws {
        let memory = try #require(Bench.sitting().conference.memories.first)
        var bench = Bench(Hall.register)
        bench.send(.resume(memory, since: at(20).wall), at: at(22))
        let called = bench.send(.callBack, at: at(22)).deeds
        #expect(!called.isEmpty && called.allSatisfy { $0.hasPrefix("dial ") })
        #expect(bench.conference.deadline == at(112).steady)
        #expect(bench.send(.deadlineReached, at: at(111)).deeds.isEmpty, "they ring")
        let left = bench.send(.deadlineReached, at: at(112))
        #expect(left.deeds == called.map { $0.replacing("dial ", with: "leave ") })
        #expect(left.logged.contains("empty"), "\(left.logged)")
        // As signalling says of calls that it was told to end.
        #expect(bench.send(.notReached("soyte", "hop", reason: "cancelled"), at: at(113)).deeds.isEmpty)
        #expect(bench.send(.deadlineReached, at: at(172)).summaries.first?.cause == .empty)
    }

    @Test func whereSomebodyCameBackTheOthersAreCalledAsEver() throws {
        let memory = try #require(Bench.sitting().conference.memories.first)
        var bench = Bench(Hall.register)
        bench.send(.resume(memory, since: at(20).wall), at: at(22))
        bench.send(.callBack, at: at(22))
        bench.arrive(1_001, "soyte", "hop", at: 24)
        #expect(bench.send(.deadlineReached, at: at(112)).deeds.allSatisfy { !$0.hasPrefix("leave ") })
        let other = try #require(Hall.points.prefix(4).first { $0 != "soyte" })
        bench.send(.notReached(other, "hop", reason: "no answer"), at: at(113))
        #expect(bench.conference.awaitedPoints == [other], "it is called again")
    }

    @Test func anOpenVoteGoesOnWithItsBallotsAndTheTimeThatItHadLeft() throws {
        var former = Bench.sitting()
        former.order(.openVote(.init(question: "Thông qua?", period: .seconds(60))), at: 10)
        former.send(.vote(3, .against), at: at(12))
        let voter = try #require(former.status?.vote?.ballots.first?.point)
        let memory = try Self.reread(try #require(former.conference.memories.first))
        var bench = Bench(Hall.register)
        bench.send(.resume(memory, since: at(20).wall), at: at(50))
        #expect(bench.status?.vote?.ballots == [.init(point: voter, ballot: .against)])
        // Ten of the sixty seconds were over when the daemon ended, and thirty more nobody could vote.
        #expect(bench.status?.voteDeadline == at(100).steady)
        bench.arrive(1_001, voter, "hop", at: 52)
        #expect(bench.send(.vote(1_001, .for), at: at(53)).said == ["ballotRefused p1001"], "it has voted")
        let other = try #require(Hall.points.prefix(4).first { $0 != voter })
        bench.arrive(1_002, other, "hop", at: 54)
        bench.send(.vote(1_002, .for), at: at(55))
        // And over a second restart it does not lose that time again.
        var third = Bench(Hall.register)
        third.send(
            .resume(try Self.reread(try #require(bench.conference.memories.first)), since: at(60).wall), at: at(70))
        #expect(third.status?.voteDeadline == at(110).steady)
        third.send(.callBack, at: at(70))
        let result = third.send(.deadlineReached, at: at(110))
        #expect(result.logged.contains("vote-closed"))
        #expect(third.status?.votes.first.map { [$0.votesFor, $0.votesAgainst, $0.cast] } == [1, 1, 2])
    }

    @Test func aSecretVoteIsNotWrittenDownWhileItIsOpen() throws {
        var former = Bench.sitting()
        former.order(.openVote(.init(question: "Bầu?", isSecret: true)), at: 10)
        former.send(.vote(3, .for), at: at(12))
        let memory = try #require(former.conference.memories.first)
        #expect(!String(decoding: try JSONEncoder().encode(memory), as: UTF8.self).contains("Bầu?"))
        var bench = Bench(Hall.register)
        bench.send(.resume(memory, since: at(20).wall), at: at(22))
        #expect(bench.status?.vote == nil)
        bench.order(.openVote(.init(question: "Bầu?", isSecret: true)), at: 25)
    }

    @Test func whoRingsWhenAMeetingEndsIsLeftInPeace() {
        var bench = Bench(Hall.register)
        bench.arrive(1, "soyte", "hop")
        let called = bench.send(.call("hop", nil, by: "Lan"), at: at(1)).deeds.filter { $0.hasPrefix("dial ") }
        #expect(!called.isEmpty)
        let meeting = bench.conference.openMeetings[0].id
        let ended = bench.send(.end(meeting, by: "Lan"), at: at(2)).deeds
        for call in called { #expect(ended.contains(call.replacing("dial ", with: "leave ")), "\(ended)") }
    }

    @Test func drainedNoMeetingBeginsUntilThatIsTakenBack() {
        var bench = Bench.sitting()
        bench.send(.drain, at: at(5))
        #expect(bench.conference.isDraining)
        #expect(bench.arrive(9, "khach", "ghi", at: 6).deeds == ["refuse p9 503"])
        #expect(bench.arrive(10, "namdong", "hop", at: 6).deeds == ["admit p10"])
        bench.send(.cancelDrain, at: at(7))
        #expect(bench.arrive(11, "khach", "ghi", at: 8).deeds.first == "open")
    }
}
