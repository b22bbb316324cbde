import Testing

@testable import Conference

/// Microphones, the queue, and the word.
@Suite struct FloorTests {
    @Test func pointsJoinMutedAndTheChairDoesNot() {
        let bench = Bench.sitting()
        #expect((1...4).map { bench.microphone(ParticipantID(rawValue: $0)) } == [.open, .muted, .muted, .muted])
    }

    @Test func muteAllReachesEverybodyButTheChairAndWhoHasTheWordAlsoThoseWhoComeLater() {
        var bench = Bench.sitting()
        bench.order(.setAllMicrophones(.open))
        bench.order(.giveWord("soyte", limit: nil))
        #expect(bench.order(.setAllMicrophones(.muted)).deeds == ["muted p4", "muted p3"])
        bench.arrive(5, "namdong", "hop", at: 12)
        #expect(
            (1...5).map { bench.microphone(ParticipantID(rawValue: $0)) } == [.open, .open, .muted, .muted, .muted])
    }

    @Test func theWordOpensTheMicrophoneShowsThePointAndTakesItFromTheQueue() {
        var bench = Bench.sitting()
        bench.press("*5", 3, at: 5)
        bench.press("*5", 2, at: 6)
        #expect(bench.status?.queue.map(\.point) == ["phuloc", "soyte"])
        let actions = bench.order(.giveWord("phuloc", limit: nil))
        #expect(actions.deeds == ["open p3", "spotlight p3"])
        #expect(actions.logged == ["word-given"])
        #expect(bench.status?.queue.map(\.point) == ["soyte"])
        #expect(bench.status?.spotlight == "phuloc")
        // The next has it: the one before is muted again.
        #expect(
            bench.order(.giveWord("soyte", limit: nil), at: 20).deeds
                == ["muted p3", "spotlight nobody", "open p2", "spotlight p2"])
        #expect(bench.order(.takeWord, at: 30).deeds == ["muted p2", "spotlight nobody"])
        #expect(bench.order(.takeWord, at: 31).refusal == .alreadySo)
    }

    @Test func speakingTimeWarnsAMinuteBeforeItsEndAndAtItsEnd() {
        var bench = Bench.sitting()
        bench.order(.giveWord("soyte", limit: .seconds(180)), at: 10)
        #expect(bench.conference.deadline == at(130).steady)
        let warning = bench.send(.deadlineReached, at: at(130))
        #expect(warning.said == ["timeLeft(60.0 seconds) p2 p1"])
        #expect(warning.deeds == ["overlay speakingTime(name: \"Điểm soyte\", left: 60.0 seconds)"])
        #expect(bench.conference.deadline == at(190).steady)
        #expect(bench.send(.deadlineReached, at: at(190)).said == ["timeOver p2 p1"])
        #expect(bench.conference.deadline == nil)
        #expect(bench.status?.speech?.point == "soyte", "the chair ends it, not the clock")
        #expect(bench.order(.takeWord, at: 200).deeds == ["muted p2", "spotlight nobody", "overlay nothing"])
    }

    @Test func aShortWordHasOneWarningAndALateClockGivesTheLast() {
        var bench = Bench.sitting()
        bench.order(.giveWord("soyte", limit: .seconds(30)), at: 10)
        #expect(bench.conference.deadline == at(40).steady)
        bench.order(.giveWord("soyte", limit: .seconds(600)), at: 20)
        #expect(bench.send(.deadlineReached, at: at(2000)).said == ["timeOver p2 p1"])
    }

    @Test func whoSpeaksByTheAgendaHasTheTimeThatItPlans() {
        var bench = Bench(Hall.register)
        let agenda: [Convening.AgendaItem] = [
            .init(title: "Báo cáo", point: "soyte", time: .seconds(300)), .init(title: "Giải lao", time: .seconds(600)),
            .init(title: "Ý kiến", point: "phuloc"),
            .init(title: "Giải trình", point: "soyte", time: .seconds(90)),
            .init(title: "Quá dài", point: "aluoi", time: .seconds(100_000)),
        ]
        bench.send(.convene(Hall.convening(agenda: agenda)), at: at(0))
        for (index, point) in Hall.points.prefix(4).enumerated() {
            bench.arrive(ParticipantID(rawValue: UInt64(index + 1)), point, "hop", at: 1)
        }
        bench.order(.open, at: 5)
        func limit(_ point: PointID, _ given: Duration? = nil) -> Duration? {
            bench.order(.giveWord(point, limit: given), at: 10)
            return bench.status?.speech?.limit
        }
        #expect(limit("soyte") == .seconds(300))
        #expect(bench.send(.deadlineReached, at: at(250)).said == ["timeLeft(60.0 seconds) p2 p1"])
        #expect(limit("phuloc") == nil && limit("chutoa") == nil)
        #expect(limit("soyte") == .seconds(90), "its next item")
        #expect(limit("soyte") == .seconds(90), "and its last again")
        #expect(limit("soyte", .seconds(20)) == .seconds(20), "what the chair says goes before it")
        #expect(limit("aluoi") == Speech.longest)
        #expect(bench.actions.logged.contains("word-given"))
    }

    @Test func wallClockThatJumpsChangesNoSpeakingTime() {
        var bench = Bench.sitting()
        bench.order(.giveWord("soyte", limit: .seconds(30)), at: 10)
        let tomorrow = WallTime(millisecondsSince1970: morning.millisecondsSince1970 + 86_400_000)
        #expect(bench.send(.deadlineReached, at: Moment(steady: at(39).steady, wall: tomorrow)).isEmpty)
        let yesterday = WallTime(millisecondsSince1970: morning.millisecondsSince1970 - 86_400_000)
        #expect(
            bench.send(.deadlineReached, at: Moment(steady: at(40).steady, wall: yesterday)).said == ["timeOver p2 p1"])
    }

    @Test func ownMicrophoneOpensOnlyWhereTheChairAllowsItAndClosesAlways() {
        var bench = Bench.sitting()
        #expect(bench.press("*6", 2).said == ["notAllowed p2"])
        bench.order(.letPointsUnmute(true))
        #expect(bench.press("*6", 2).deeds == ["open p2"])
        bench.order(.letPointsUnmute(false))
        #expect(bench.press("*6", 2).deeds == ["muted p2"])
        #expect(bench.press("*6", 2).said == ["notAllowed p2"])
        #expect(bench.press("*6", 1).deeds == ["muted p1"])
        #expect(bench.press("*6", 1).deeds == ["open p1"], "the chair needs nobody's leave")
    }

    @Test func aPointThatDroppedFallsIntoItsOldStateAndIsCalledBackAtOnce() {
        var bench = Bench.sitting()
        bench.press("*5", 3, at: 5)
        bench.press("*5", 4, at: 6)
        bench.order(.giveWord("soyte", limit: nil))
        #expect(bench.send(.leave(2, .connectionLost), at: at(20)).deeds == ["dial soyte"])
        #expect(bench.send(.legSilent(3), at: at(21)).deeds == ["disconnect p3 silent", "dial phuloc"])
        #expect(bench.arrive(7, "soyte", "hop", at: 25).deeds == ["admit p7", "spotlight p7"])
        bench.arrive(8, "phuloc", "hop", at: 26)
        #expect(bench.microphone(7) == .open)
        #expect(bench.status?.speech?.point == "soyte")
        #expect(bench.status?.queue.map(\.point) == ["phuloc", "aluoi"])
    }

    @Test func aPointThatHangsUpGivesUpItsPlaceOnTheFloor() {
        var bench = Bench.sitting()
        bench.order(.giveWord("soyte", limit: nil))
        let actions = bench.send(.leave(2, .hungUp), at: at(20))
        #expect(actions.deeds == ["spotlight nobody"])
        #expect(actions.logged == ["left", "word-ended"])
        bench.arrive(7, "soyte", "hop", at: 25)
        #expect(bench.microphone(7) == .muted)
    }
}
