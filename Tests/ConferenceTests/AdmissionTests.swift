import Conference
import Testing

@Suite struct AdmissionTests {
    @Test func firstAdmittedPointOpensTheMeetingAndIsNamedByTheRegister() throws {
        var bench = Bench()
        let actions = bench.arrive(1, "soyte")
        #expect(
            actions.names == [
                "open", "log opened", "record", "log recording-started", "admit p1", "log joined", "log entered",
                "say recordingOn p1",
            ])
        let admission = try #require(actions.admissions.first)
        #expect(admission.name == "Sở Y tế")
        #expect(admission.unitName == "Sở Y tế")
        #expect(admission.isRecorded)
        #expect(!admission.isReconnection)
        guard case .openMeeting(let opening)? = actions.first else {
            Issue.record("no opening")
            return
        }
        #expect(opening.expected.map(\.id) == ["vanphong", "soyte", "phuloc", "haimay"])
        #expect(bench.arrive(2, "vanphong").deeds == ["admit p2"])
        #expect(bench.conference.openMeetings.map(\.participants.count) == [2])
    }

    @Test(arguments: [
        ("soyte", "khongco", UInt16(404), "No such room"),
        ("khach", "giaoban", 403, "The point is not invited to this room"),
        ("ai", "chung", 403, "The point is not in the register"),
        ("soyte", "dong", 480, "The room is closed"),
    ])
    func whoMayNotEnterHearsCodeAndReason(point: String, room: String, code: UInt16, reason: String) {
        var bench = Bench()
        let actions = bench.arrive(1, PointID(point), RoomID(room))
        #expect(actions == [.refuse(1, code: code, reason: reason)])
        #expect(bench.conference.openMeetings.isEmpty)
    }

    @Test func refusalIsRememberedByTheMeetingThatIsOpen() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        #expect(bench.arrive(2, "khach").names == ["refuse p2 403", "log refused"])
    }

    @Test func fullRoomRefusesButKeepsTheSeatOfOneWhoCallsAgain() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.arrive(2, "vanphong")
        bench.arrive(3, "phuloc")
        #expect(bench.arrive(4, "haimay").deeds == ["refuse p4 486"])
        #expect(bench.arrive(5, "phuloc").deeds == ["admit p5", "disconnect p3 replaced"])
    }

    @Test func pointThatCallsAgainTakesOverItsSeat() throws {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.send(.mediaEstablished(1), at: at(1))
        let again = bench.arrive(2, "soyte", at: 30)
        #expect(again.deeds == ["admit p2", "disconnect p1 replaced"])
        #expect(again.admissions.first?.isReconnection == true)
        // The old call's own end comes late and changes nothing.
        #expect(bench.send(.leave(1, .hungUp), at: at(31)).isEmpty)
        let status = try #require(bench.conference.openMeetings.first)
        #expect(status.participants.map(\.id) == [2])
        let attendance = try #require(status.roll.first { $0.point == "soyte" })
        #expect(attendance.reconnections == 1)
        #expect(attendance.sittings.map(\.leftBecause) == ["replaced", nil])
        #expect(attendance.lastLeft == nil)
    }

    @Test func pointThatCallsAnotherRoomLeavesTheFirst() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        let moved = bench.arrive(2, "soyte", "chung", at: 5)
        #expect(moved.deeds == ["open", "admit p2", "disconnect p1 replaced"])
        #expect(bench.conference.meeting(of: 1) == nil)
        #expect(bench.conference.meeting(of: 2) == bench.conference.meeting(in: "chung"))
        #expect(bench.conference.deadline == at(65).steady)
    }

    @Test func accountWithTwoCallsKeepsTheLatestTwo() {
        var bench = Bench()
        bench.arrive(1, "haimay")
        #expect(bench.arrive(2, "haimay").deeds == ["admit p2"])
        #expect(bench.arrive(3, "haimay").deeds == ["admit p3", "disconnect p1 replaced"])
    }

    @Test func sameParticipantArrivingTwiceIsOneParticipant() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        #expect(bench.arrive(1, "soyte").isEmpty)
        #expect(bench.conference.openMeetings.first?.participants.count == 1)
    }

    @Test func drainingBridgeTakesNoNewMeetingButLetsInToOpenOnes() {
        var bench = Bench()
        bench.arrive(1, "soyte")
        bench.send(.drain, at: at(1))
        #expect(bench.arrive(2, "vanphong").deeds == ["admit p2"])
        #expect(bench.arrive(3, "phuloc", "chung").deeds == ["refuse p3 503"])
        bench.send(.shutdown, at: at(2))
        bench.send(.drain, at: at(3))
        #expect(bench.arrive(4, "phuloc").deeds == ["refuse p4 503"])
    }
}
