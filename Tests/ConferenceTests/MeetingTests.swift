import Conference
import Testing

@Suite struct MeetingTests {
    @Test func meetingClosesOnceTheLastPointHasBeenGoneForTheLinger() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.send(.leave(1, .hungUp), at: at(10))
        #expect(bench.conference.deadline == at(70).steady)
        #expect(bench.send(.deadlineReached, at: at(69)).isEmpty)
        let closing = bench.send(.deadlineReached, at: at(70))
        #expect(closing.names == ["log recording-stopped", "stop", "log closed", "close"])
        #expect(closing.summaries.first?.cause == .empty)
        #expect(closing.summaries.first?.duration == .seconds(70))
        #expect(bench.conference.deadline == nil)
        #expect(bench.conference.meeting(in: "giaoban") == nil)
    }

    @Test func pointThatComesBackWithinTheLingerFindsTheMeeting() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        let meeting = bench.conference.meeting(in: "giaoban")
        bench.send(.leave(1, .connectionLost), at: at(10))
        #expect(bench.arrive(2, "soyte", at: 40).deeds == ["admit p2"])
        #expect(bench.conference.deadline == nil)
        #expect(bench.conference.meeting(in: "giaoban") == meeting)
    }

    @Test func pointThatComesAfterTheLingerOpensANewMeeting() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        let first = bench.conference.meeting(in: "giaoban")
        bench.send(.leave(1, .hungUp), at: at(10))
        // The executor was late: the deadline passed before this arrival.
        #expect(bench.arrive(2, "soyte", at: 90).deeds == ["stop", "close", "open", "record", "admit p2"])
        #expect(bench.conference.meeting(in: "giaoban") != first)
    }

    @Test func endByCommandSendsEverybodyAwayInOrder() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.arrive(2, "vanphong")
        let meeting = try #require(bench.conference.meeting(in: "giaoban"))
        let ending = bench.send(.end(meeting, by: "thuky"), at: at(20))
        #expect(ending.deeds == ["disconnect p1 meeting-ended", "disconnect p2 meeting-ended", "stop", "close"])
        #expect(!ending.names.contains("log empty"))
        #expect(ending.summaries.first?.cause == .ended(by: "thuky"))
        #expect(bench.send(.end(meeting, by: "thuky"), at: at(21)).isEmpty)
    }

    @Test func shutdownEndsEveryMeeting() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.arrive(2, "khach", "chung", at: 1)
        #expect(
            bench.send(.shutdown, at: at(2)).deeds == [
                "disconnect p1 shutdown", "stop", "close", "disconnect p2 shutdown", "close",
            ])
        #expect(bench.conference.openMeetings.isEmpty)
    }

    @Test func silentLegIsTakenOut() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        #expect(bench.send(.legSilent(1), at: at(30)).names == ["disconnect p1 silent", "log left", "log empty"])
        #expect(bench.send(.legSilent(1), at: at(31)).isEmpty)
    }

    @Test func withoutAnOrderNothingIsRecorded() {
        var bench = Bench()
        bench.arrive(1, "soyte", "chung")
        bench.send(.leave(1, .hungUp), at: at(5))
        bench.send(.deadlineReached, at: at(5))
        #expect(!bench.actions.deeds.contains("record"))
        #expect(!bench.actions.deeds.contains("stop"))
        #expect(bench.actions.summaries.first?.recording == .notOrdered)
        #expect(bench.actions.admissions.first?.isRecorded == false)
    }

    @Test func recordingThatFailsStopsOnceAndTheMeetingGoesOn() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        let meeting = try #require(bench.conference.meeting(in: "giaoban"))
        let failing = bench.send(.recordingFailed(meeting, text: "No space left on device"), at: at(5))
        #expect(failing.names == ["log recording-failed", "stop", "say recordingOff p1"])
        #expect(bench.send(.recordingFailed(meeting, text: "again"), at: at(6)).isEmpty)
        #expect(bench.arrive(2, "vanphong").admissions.first?.isRecorded == false)
        #expect(bench.conference.status(of: meeting)?.recordingFailure == "No space left on device")
        let ending = bench.send(.end(meeting, by: "x"), at: at(9))
        #expect(!ending.deeds.contains("stop"))
        #expect(ending.summaries.first?.recording == .failed(standingOrder, text: "No space left on device"))
    }

    @Test func rollTellsPresentAndAbsentInOrderOfProtocol() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.send(.mediaEstablished(1), at: at(2))
        bench.arrive(2, "phuloc", at: 3)
        bench.send(.leave(2, .failed), at: at(4))
        let meeting = try #require(bench.conference.meeting(in: "giaoban"))
        let summary = try #require(bench.send(.end(meeting, by: "x"), at: at(60)).summaries.first)
        #expect(summary.roll.map(\.point) == ["vanphong", "soyte", "phuloc", "haimay"])
        #expect(summary.roll.map(\.wasPresent) == [false, true, false, false])
        #expect(summary.roll[1].firstJoined == at(0).wall)
        #expect(summary.roll[1].lastLeft == at(60).wall)
        #expect(summary.roll[2].sittings.first?.leftBecause == "failed")
    }

    @Test func speakerTimelineFollowsTheSpeakers() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.arrive(2, "vanphong")
        let meeting = try #require(bench.conference.meeting(in: "giaoban"))
        bench.send(.speakerChanged(meeting, 1), at: at(10))
        #expect(bench.send(.speakerChanged(meeting, 1), at: at(11)).isEmpty)
        bench.send(.speakerChanged(meeting, 2), at: at(20))
        #expect(bench.send(.speakerChanged(meeting, 9), at: at(21)).isEmpty)
        bench.send(.leave(2, .hungUp), at: at(25))
        bench.send(.speakerChanged(meeting, 1), at: at(30))
        bench.send(.speakerChanged(meeting, nil), at: at(33))
        let summary = try #require(bench.send(.end(meeting, by: "x"), at: at(40)).summaries.first)
        #expect(summary.speakerTurns.map(\.point) == ["soyte", "vanphong", "soyte"])
        #expect(summary.speakerTurns.map(\.startsAfter) == [.seconds(10), .seconds(20), .seconds(30)])
        #expect(summary.speakerTurns.map(\.endsAfter) == [.seconds(20), .seconds(25), .seconds(33)])
    }

    @Test func wallClockThatJumpsBackChangesNoTimer() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.send(.leave(1, .hungUp), at: at(10))
        let yesterday = WallTime(millisecondsSince1970: morning.millisecondsSince1970 - 86_400_000)
        let closing = bench.send(.deadlineReached, at: Moment(steady: at(70).steady, wall: yesterday))
        #expect(closing.summaries.first?.duration == .seconds(70))
    }

    @Test func newRegisterTouchesNoCall() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        let without = Conference.Register(
            units: [], points: [.init(id: "moi", name: "Điểm mới"), .init(id: "vanphong", name: "Tên mới")],
            rooms: [.init(id: "giaoban", title: "Giao ban", admits: .points(["moi"]), linger: .seconds(5))])
        #expect(bench.send(.reconfigure(without), at: at(1)).isEmpty)
        #expect(bench.conference.openMeetings.first?.participants.map(\.name) == ["Sở Y tế"])
        #expect(bench.arrive(2, "vanphong").deeds == ["refuse p2 403"])
        #expect(bench.arrive(3, "moi").admissions.first?.isRecorded == true)
        let roll = try #require(bench.conference.openMeetings.first?.roll)
        #expect(roll.map(\.point) == ["moi", "soyte"])
        #expect(roll.map(\.isExpected) == [true, false])
        bench.send(.reconfigure(Conference.Register(units: [], points: [], rooms: [])), at: at(2))
        #expect(bench.arrive(4, "moi").deeds == ["refuse p4 404"])
        bench.send(.leave(1, .hungUp), at: at(3))
        bench.send(.leave(3, .hungUp), at: at(4))
        #expect(bench.conference.deadline == at(9).steady)
    }

    @Test func manyReconnectionsKeepTheFirstAndLatestSittings() throws {
        var bench = Bench()
        for number in 1...UInt64(Attendance.maximumSittings + 50) {
            bench.arrive(ParticipantID(rawValue: number), "soyte", at: Double(number))
        }
        let attendance = try #require(bench.conference.openMeetings.first?.roll.first { $0.point == "soyte" })
        #expect(attendance.sittings.count == Attendance.maximumSittings)
        #expect(attendance.sittings.first?.participant == 1)
        #expect(attendance.reconnections == Attendance.maximumSittings + 49)
        #expect(attendance.sittingsDropped == 50)
    }
}

@Suite struct IdentifierTests {
    @Test func meetingIdSaysWhenAndWhereInLocalTime() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        let id = try #require(bench.conference.meeting(in: "giaoban")).rawValue
        #expect(id.hasPrefix("20261124-093000-giaoban-"))
        #expect(id.count == "20261124-093000-giaoban-".count + 4)
    }

    @Test func roomWithOtherLettersGivesAnAsciiId() throws {
        let odd = Conference.Register(
            units: [], points: [.init(id: "a", name: "A")], rooms: [.init(id: "họp/../x", title: "Họp")])
        var bench = Bench(odd)
        bench.arrive(1, "a", "họp/../x")
        let id = try #require(bench.conference.meeting(in: "họp/../x")).rawValue
        #expect(id.hasPrefix("20261124-093000-h-p----x-"))
    }

    @Test func idsDifferThoughClockAndRandomSourceStandStill() {
        var conference = Conference(register: register, random: StuckGenerator())
        var ids: Set<MeetingID> = []
        for number in 1...200 {
            let participant = ParticipantID(rawValue: UInt64(number))
            _ = conference.handle(.arrive(participant: participant, point: "khach", room: "chung"), at: at(0))
            ids.formUnion([conference.meeting(in: "chung")].compactMap { $0 })
            _ = conference.handle(.leave(participant, .hungUp), at: at(0))
        }
        #expect(ids.count == 200)
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T07:00:00.000+07:00"),
        (1_795_487_400_123, "2026-11-24T09:30:00.123+07:00"),
        (951_782_400_000, "2000-02-29T07:00:00.000+07:00"),
        (-1, "1970-01-01T06:59:59.999+07:00"),
        (4_107_542_399_999, "2100-03-01T06:59:59.999+07:00"),
    ])
    func wallTimeIsWrittenAsISO8601(milliseconds: Int64, text: String) {
        #expect(WallTime(millisecondsSince1970: milliseconds).iso8601() == text)
    }

    @Test func wallTimeIsWrittenWithAnyOffset() {
        let text = WallTime(millisecondsSince1970: 0).iso8601(utcOffset: .seconds(-(3 * 3600 + 1800)))
        #expect(text == "1969-12-31T20:30:00.000-03:30")
    }

    @Test func extremeWallTimesDoNotTrap() {
        for milliseconds in [Int64.min, Int64.max, Int64.min + 1, 1 << 60, -(1 << 60)] {
            #expect(!WallTime(millisecondsSince1970: milliseconds).iso8601().isEmpty)
        }
    }
}
