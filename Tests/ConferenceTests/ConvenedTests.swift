import Testing

@testable import Conference

/// Meetings that were called together.
@Suite struct ConvenedTests {
    private func rehearsing() -> Bench {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening()), at: at(0))
        bench.arrive(1, "chutoa", "hop", at: 10)
        bench.arrive(2, "soyte", "hop", at: 11)
        return bench
    }

    @Test func onlyWhoIsInvitedComesIn() {
        var bench = rehearsing()
        // The room would let it in; the meeting does not.
        #expect(bench.arrive(3, "namdong", "hop", at: 12).deeds == ["refuse p3 403"])
        #expect(bench.conference.refusal(of: "namdong", into: "hop") == .notInvited(["namdong"]))
    }

    @Test func whoComesBeforeTheOpeningWaitsAndIsHeardOnlyByATechniciansLeave() {
        var bench = rehearsing()
        #expect(bench.place(1) == .waiting && bench.place(2) == .waiting)
        #expect(bench.microphone(1) == .muted)
        #expect(bench.order(.setMicrophone("soyte", .open), by: Hall.technician).deeds == ["open p2"])
        #expect(bench.order(.giveWord("soyte", limit: nil)).refusal == .notOpen)
        #expect(bench.order(.openVote(.init(question: "?"))).refusal == .notOpen)
        #expect(bench.press("*5", 2).said == ["notAllowed p2"])
    }

    @Test func theOpeningLetsThemInMutesThemAndNamesWhoIsMissing() throws {
        var bench = rehearsing()
        bench.order(.setMicrophone("soyte", .open), by: Hall.technician)
        let opening = bench.order(.open, at: 100)
        #expect(opening.deeds == ["move p1 hall", "open p1", "move p2 hall", "muted p2"])
        #expect(opening.logged == ["opened-by-chair", "entered", "entered", "missing"])
        #expect(opening.said == ["meetingOpens p1 p2", "missing(names: [\"Điểm phuloc\", \"Điểm aluoi\"]) p1"])
        #expect(bench.order(.open, at: 101).refusal == .alreadySo)
        let roll = try #require(bench.status?.roll)
        #expect(roll.map(\.point) == ["chutoa", "soyte", "phuloc", "aluoi"])
        #expect(roll.map(\.wasMissingAtOpening) == [false, false, true, true])
        #expect(roll.map(\.isRequired) == [false, true, false, false])
    }

    @Test func whoWaitsIsCountedBeforeTheOpeningAndNotAfterIt() {
        var bench = rehearsing()
        func presentSince(_ bench: Bench) -> [WallTime?] { bench.status?.roll.map(\.presentSince) ?? [] }
        #expect(bench.press("*006", 1).said == ["present(count: 2, of: 4) p1"], "both would be in")
        #expect(presentSince(bench) == [nil, nil, nil, nil], "who rehearses is not present")
        bench.order(.open, at: 100)
        #expect(bench.press("*006", 1).said == ["present(count: 2, of: 4) p1"])
        #expect(presentSince(bench) == [at(100).wall, at(100).wall, nil, nil])
        bench.order(.lock(true), at: 110)
        bench.arrive(3, "phuloc", "hop", at: 120)
        #expect(bench.press("*006", 1).said == ["present(count: 2, of: 4) p1"], "who waits is not in")
        #expect(presentSince(bench)[2] == nil)
        bench.order(.admit("phuloc"), at: 130)
        bench.order(.moveAside("soyte", to: "ben"), at: 140)
        #expect(bench.press("*006", 1).said == ["present(count: 3, of: 4) p1"], "a side room is of the meeting")
        #expect(presentSince(bench) == [at(100).wall, at(100).wall, at(130).wall, nil])
    }

    @Test func whoOnlyWaitsDoesNotEnterAndWhoGaveNoPINIsMissingAtTheOpening() {
        var bench = Bench(Hall.register)
        var convening = Hall.convening()
        convening.invited.append("cong")
        bench.send(.convene(convening), at: at(0))
        bench.arrive(1, "chutoa", "hop", at: 10)
        #expect(!bench.arrive(2, "cong", "hop", at: 90).logged.contains("entered"))
        let opening = bench.order(.open, at: 100)
        #expect(opening.logged.count { $0 == "entered" } == 1, "the chair's point")
        #expect(bench.status?.roll.first { $0.point == "cong" }?.wasMissingAtOpening == true)
        #expect(bench.press("2468#", 2, at: 110).logged == ["entered", "late"])
        bench.order(.moveAside("cong", to: "ben"), at: 120)
        #expect(bench.order(.recall("cong"), at: 130).logged == ["recalled"], "it was in all the time")
        bench.order(.lock(true), at: 140)
        #expect(bench.arrive(3, "soyte", "hop", at: 150).logged == ["joined", "waits"])
        #expect(bench.order(.admit("soyte"), at: 160).logged == ["entered", "late", "admitted"])
    }

    @Test func allAreCalledAtTheSetTimeAndAgainWithLongerPauses() throws {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening(opensAfter: 30)), at: at(0))
        #expect(bench.conference.deadline == at(30).steady)
        #expect(
            bench.send(.deadlineReached, at: at(30)).deeds
                == ["open", "dial chutoa", "dial soyte", "dial phuloc", "dial aluoi"])
        bench.arrive(1, "chutoa", "hop", at: 31)
        var dialled: [Double] = []
        var now = 32.0
        bench.send(.notReached("soyte", "hop", reason: "busy"), at: at(now))
        while let deadline = bench.conference.deadline, dialled.count < 20 {
            now = (deadline - at(0).steady) / .seconds(1)
            guard bench.send(.deadlineReached, at: at(now)).deeds == ["dial soyte"] else { break }
            dialled.append(now)
            bench.send(.notReached("soyte", "hop", reason: "busy"), at: at(now))
        }
        #expect(dialled == [42, 62, 102], "four attempts in all")
        let call = try #require(bench.status?.calls.first { $0.point == "soyte" })
        #expect(call.state == .gaveUp && call.attempts == 4 && call.failure == "busy")
    }

    @Test func whoComesBetweenTwoAttemptsIsNotCalledAgain() {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening(opensAfter: 0)), at: at(0))
        bench.send(.notReached("soyte", "hop", reason: "busy"), at: at(1))
        bench.arrive(2, "soyte", "hop", at: 5)
        #expect(!bench.send(.deadlineReached, at: at(11)).deeds.contains("dial soyte"))
    }

    @Test func theSetTimeFollowsTheWallClockWhereverItJumps() {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening(opensAfter: 1800)), at: at(0))
        #expect(bench.conference.deadline == at(60).steady, "it looks at the clock each minute")
        // The clock was an hour behind, and is put right.
        let put = Moment(steady: at(60).steady, wall: at(3660).wall)
        #expect(bench.send(.deadlineReached, at: put).deeds.first == "open")

        var other = Bench(Hall.register)
        other.send(.convene(Hall.convening(opensAfter: 30)), at: at(0))
        // Back by an hour: it waits for an hour longer.
        let back = Moment(steady: at(30).steady, wall: at(-3570).wall)
        #expect(other.send(.deadlineReached, at: back).isEmpty)
        #expect(other.conference.deadline == at(90).steady)
        for wall in [Int64.min, .max] {
            let odd = Moment(steady: at(40).steady, wall: WallTime(millisecondsSince1970: wall))
            _ = other.conference.handle(.deadlineReached, at: odd)
        }
    }

    @Test func anEmptyConvenedMeetingWaitsUntilItsPlannedEnd() {
        var bench = rehearsing()
        bench.order(.open, at: 1800)
        bench.send(.leave(1, .hungUp), at: at(2000))
        bench.send(.leave(2, .hungUp), at: at(2001))
        for point: PointID in ["phuloc", "aluoi"] { bench.send(.notReached(point, "hop", reason: "x"), at: at(2002)) }
        bench.send(.deadlineReached, at: at(2100))
        #expect(bench.conference.openMeetings.count == 1)
        for _ in 0..<50 {
            // Whoever is being called again is not reached.
            for point in Hall.points { bench.send(.notReached(point, "hop", reason: "x"), at: at(2100)) }
            guard let deadline = bench.conference.deadline else { break }
            // Not an attosecond too early, which a Double may be.
            let seconds = (deadline - at(0).steady) / .seconds(1) + 0.001
            bench.send(.deadlineReached, at: at(seconds))
        }
        #expect(bench.conference.openMeetings.isEmpty)
        // Its time is over: the room is as it was before.
        #expect(bench.arrive(5, "namdong", "hop", at: 9000).deeds.contains("admit p5"))
    }

    @Test func aCancelledConveningOpensNothingAndAnOpenMeetingGoesOn() {
        var bench = Bench(Hall.register)
        bench.send(.convene(Hall.convening(opensAfter: 30)), at: at(0))
        bench.send(.cancelConvening("hop-1"), at: at(1))
        #expect(bench.conference.deadline == nil)
        #expect(bench.send(.deadlineReached, at: at(31)).isEmpty)

        var open = rehearsing()
        open.send(.cancelConvening("hop-1"), at: at(20))
        #expect(open.conference.openMeetings.first?.participants.count == 2)
    }

    @Test func aMeetingThatStillSitsInTheRoomIsNotDisturbed() {
        var bench = Bench.sitting()
        bench.send(.convene(Hall.convening(opensAfter: 30)), at: at(5))
        #expect(bench.send(.deadlineReached, at: at(31)).isEmpty)
        #expect(bench.order(.close, at: 40).deeds.suffix(5).contains("open"), "its turn comes when the room is free")
        #expect(bench.status?.convening == "hop-1")
    }

    @Test func whoIsTakenOffTheListGoes() {
        var bench = rehearsing()
        var changed = Hall.convening()
        changed.invited = ["phuloc"]
        #expect(bench.send(.convene(changed), at: at(20)).deeds == ["disconnect p2 removed"])
    }

    @Test func twoHundredPointsJoinWithinTenSecondsAndNoneIsLost() throws {
        let points = (0..<200).map { Conference.Point(id: PointID("p\($0)"), name: "Điểm \($0)") }
        var bench = Bench(
            .init(
                units: [], points: points,
                rooms: [.init(id: "lon", title: "Hội nghị", standingOrder: standingOrder, maximumParticipants: 200)]))
        bench.send(
            .convene(
                Convening(
                    id: "lon-1", room: "lon", title: "Hội nghị tỉnh", rehearsalFrom: at(0).wall, opensAt: at(0).wall,
                    endsAt: at(3600).wall, invited: points.map(\.id))), at: at(0))
        #expect(bench.actions.deeds.count { $0.hasPrefix("dial ") } == 200)
        let clock = ContinuousClock()
        let taken = clock.measure {
            for index in 0..<200 {
                let participant = ParticipantID(rawValue: UInt64(index + 1))
                let seconds = Double(index) * 0.05
                bench.arrive(participant, points[index].id, "lon", at: seconds)
                bench.send(.mediaEstablished(participant), at: at(seconds))
                bench.send(.seen(participant, .sound), at: at(seconds))
                if index.isMultiple(of: 7) { bench.press("*5", participant, at: seconds) }
            }
        }
        let logged = Dictionary(grouping: bench.actions.logged, by: { $0 }).mapValues(\.count)
        #expect(logged["joined"] == 200 && logged["media-established"] == 200 && logged["called"] == 200)
        #expect(logged["hand-raised"] == 29)
        #expect(bench.status?.roll.count { $0.wasPresent } == 200)
        #expect(bench.status?.queue.map(\.point) == stride(from: 0, to: 200, by: 7).map { PointID("p\($0)") })
        #expect(bench.arrive(999, "p0", "lon", at: 10).deeds == ["admit p999", "disconnect p1 replaced"])
        #expect(taken < .seconds(10), "it took \(taken)")
    }
}
