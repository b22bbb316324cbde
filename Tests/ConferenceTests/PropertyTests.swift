import Conference
import Testing

/// Follows the actions as an executor would and checks, after each step, what must always hold.
struct Witness {
    var open: [MeetingID: Int] = [:]
    var closed: Set<MeetingID> = []
    var recording: Set<MeetingID> = []
    var paused: Set<MeetingID> = []
    /// Whose call ended just now, which the conference is being told of.
    var leaving: ParticipantID?
    var seats: [ParticipantID: MeetingID] = [:]
    var logged: [MeetingID: [String]] = [:]
    var refusals = 0
    /// Points that are being called, and have neither come nor been given up.
    var called: [MeetingID: Set<PointID>] = [:]

    /// A call that ends of itself is over before the conference hears of it.
    mutating func leave(_ event: Conference.Event) {
        leaving = nil
        guard case .leave(let participant, _) = event else { return }
        seats[participant] = nil
        leaving = participant
    }

    mutating func see(_ action: Conference.Action) {
        switch action {
        case .openMeeting(let opening):
            #expect(open[opening.id] == nil && !closed.contains(opening.id), "opened twice")
            open[opening.id] = 0
        case .startRecording(let meeting, _):
            #expect(open[meeting] != nil)
            #expect(recording.insert(meeting).inserted, "recorded twice at once")
        case .stopRecording(let meeting):
            #expect(open[meeting] != nil)
            #expect(recording.remove(meeting) != nil, "stopped without start")
            paused.remove(meeting)
        case .admit(let participant, let admission):
            #expect(open[admission.meeting] != nil, "admitted to a meeting that is not open")
            #expect(seats[participant] == nil, "in two meetings")
            #expect(
                admission.isRecorded
                    == (recording.contains(admission.meeting) && !paused.contains(admission.meeting)))
            seats[participant] = admission.meeting
            called[admission.meeting]?.remove(admission.point)
        case .refuse(let participant, let code, let reason):
            #expect(seats[participant] == nil)
            #expect((400...699).contains(code) && !reason.isEmpty)
            refusals += 1
        case .dial(let point, let meeting):
            #expect(open[meeting] != nil, "called into a meeting that is not open")
            #expect(called[meeting, default: []].insert(point).inserted, "called twice")
        case .stopDialling(let point, let meeting):
            #expect(open[meeting] != nil && called[meeting]?.remove(point) != nil, "stopped without being called")
        case .refuseCommand: refusals += 1
        case .refuseMessage(let code, let reason):
            #expect((400...699).contains(code) && !reason.isEmpty)
        case .relay(let meeting, from: _, text: let text):
            #expect(open[meeting] != nil && !text.isEmpty, "relayed outside of a meeting")
        case .pauseRecording(let meeting):
            #expect(recording.contains(meeting) && paused.insert(meeting).inserted, "paused without start")
        case .resumeRecording(let meeting):
            #expect(recording.contains(meeting) && paused.remove(meeting) != nil, "resumed without pause")
        case .setMicrophone(let participant, _), .move(let participant, to: _):
            #expect(
                seats[participant] != nil || participant == leaving, "somebody who is not there is muted or moved")
        case .spotlight(let meeting, let participant), .setLayout(let meeting, _, let participant):
            #expect(open[meeting] != nil)
            if let participant { #expect(seats[participant] == meeting || participant == leaving) }
        case .overlay(let meeting, _): #expect(open[meeting] != nil)
        case .announce(_, to: let participants):
            #expect(
                !participants.isEmpty && participants.allSatisfy { seats[$0] != nil || $0 == leaving }, "said to nobody"
            )
        case .disconnect(let participant, _):
            #expect(
                seats.removeValue(forKey: participant) != nil || participant == leaving, "disconnected without seat")
        case .resumeMeeting, .suspendMeeting, .loseMeeting: Issue.record("the daemon goes on here")
        case .closeMeeting(let summary):
            called[summary.id] = nil
            #expect(open.removeValue(forKey: summary.id) != nil, "closed without being open")
            #expect(closed.insert(summary.id).inserted, "closed twice")
            #expect(!recording.contains(summary.id), "closed while recording")
            #expect(!seats.values.contains(summary.id), "closed with participants")
            #expect(logged[summary.id]?.first == "opened" && logged[summary.id]?.last == "closed")
            for entry in summary.roll {
                #expect(entry.sittings.allSatisfy { $0.left != nil }, "still sitting in a closed meeting")
            }
            for turn in summary.speakerTurns { #expect(turn.endsAfter != nil, "still speaking") }
        case .log(let event):
            #expect(open[event.meeting] != nil, "logged outside of the meeting")
            // Who was called and is not let in is not called any more.
            if case .refused(let point, _, _) = event.kind { called[event.meeting]?.remove(point) }
            logged[event.meeting, default: []].append(event.name)
        }
    }
}

@Suite struct ConferencePropertyTests {
    private static func randomRegister(_ random: inout SeededGenerator) -> Conference.Register {
        let points = (0..<6).filter { _ in Int.random(in: 0..<5, using: &random) > 0 }.map {
            Conference.Point(
                id: PointID("p\($0)"), name: "Điểm \($0)", maximumCalls: Int.random(in: 0...2, using: &random))
        }
        let rooms = (0..<3).filter { _ in Int.random(in: 0..<5, using: &random) > 0 }.map {
            Conference.Room(
                id: RoomID("r\($0)"), title: "R",
                admits: Bool.random(using: &random) ? .all : .points(["p0", "p1", "p2"]),
                door: Int.random(in: 0..<6, using: &random) == 0 ? .closed : .open,
                standingOrder: Bool.random(using: &random) ? standingOrder : nil,
                linger: .seconds(Int.random(in: 0...20, using: &random)),
                maximumParticipants: Int.random(in: 0...4, using: &random))
        }
        return Conference.Register(units: [], points: points, rooms: rooms)
    }

    /// An arrival is answered once, and let in only as the register has it.
    private func checkAnswer(
        _ actions: [Conference.Action], to participant: ParticipantID, _ point: PointID, _ room: RoomID,
        _ conference: Conference
    ) throws {
        let answers = actions.filter {
            switch $0 {
            case .admit(let id, _), .refuse(let id, _, _): id == participant
            default: false
            }
        }
        #expect(answers.count == 1)
        guard case .admit(_, let admission)? = answers.first else { return }
        #expect(admission.point == point && admission.room == room)
        let definition = try #require(conference.register.room(room))
        let entry = try #require(conference.register.point(point))
        #expect(definition.door == .open && admission.name == entry.name)
        if case .points(let invited) = definition.admits { #expect(invited.contains(point)) }
        let everywhere = conference.openMeetings.flatMap(\.participants)
        #expect(everywhere.count { $0.point == point } <= max(1, entry.maximumCalls), "more calls than the account has")
        let status = try #require(conference.status(of: admission.meeting))
        let others = status.participants.count { $0.point != point }
        #expect(others < definition.maximumParticipants || admission.isReconnection, "beyond the room's capacity")
    }

    @Test(arguments: 1...60)
    func noSequenceOfEventsBreaksTheRules(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var conference = Conference(
            register: Self.randomRegister(&random), random: SeededGenerator(seed: UInt64(seed) &+ 1000))
        var witness = Witness()
        var seconds = 0.0
        var arrivals: UInt64 = 0
        var known: [MeetingID] = ["20000101-000000-none-aaaa"]
        let steps = 600
        var messages: [(step: Int, isFromWithin: Bool)] = []

        for step in 0...steps {
            seconds += Double.random(in: 0...4, using: &random)
            let somebody = ParticipantID(rawValue: UInt64.random(in: 1...max(1, arrivals), using: &random))
            let meeting = known.suffix(4).randomElement(using: &random) ?? known[0]
            let event: Conference.Event =
                switch step == steps ? 99 : Int.random(in: 0..<46, using: &random) {
                case 0..<14:
                    .arrive(
                        participant: {
                            if Int.random(in: 0..<12, using: &random) > 0 { arrivals += 1 }
                            return ParticipantID(rawValue: max(1, arrivals))
                        }(), point: PointID("p\(Int.random(in: 0..<7, using: &random))"),
                        room: RoomID("r\(Int.random(in: 0..<4, using: &random))"))
                case 14..<20: .mediaEstablished(somebody)
                case 20..<27: .leave(somebody, Conference.LeaveReason.allCases.randomElement(using: &random) ?? .failed)
                case 27..<31: .speakerChanged(meeting, Bool.random(using: &random) ? somebody : nil)
                case 31..<33: .legSilent(somebody)
                case 33: .end(meeting, by: "x")
                case 34: .recordingFailed(meeting, text: "full")
                case 35: .reconfigure(Self.randomRegister(&random))
                case 36 where step > steps * 3 / 4: .drain
                case 37..<39:
                    .message(
                        PointID("p\(Int.random(in: 0..<7, using: &random))"),
                        RoomID("r\(Int.random(in: 0..<4, using: &random))"), text: "x")
                case 40..<42:
                    .call(
                        RoomID("r\(Int.random(in: 0..<4, using: &random))"),
                        Bool.random(using: &random)
                            ? nil : (0..<2).map { _ in PointID("p\(Int.random(in: 0..<7, using: &random))") }, by: "x")
                case 42..<46:
                    .notReached(
                        PointID("p\(Int.random(in: 0..<7, using: &random))"),
                        RoomID("r\(Int.random(in: 0..<4, using: &random))"), reason: "busy")
                case 99: .shutdown
                default: .deadlineReached
                }
            let now = at(seconds)
            witness.leave(event)
            if case .notReached(let point, let room, _) = event, let open = conference.meeting(in: room) {
                witness.called[open]?.remove(point)
            }
            if case .message(let point, let room, _) = event {
                let isIn = conference.openMeetings.contains { meeting in
                    meeting.room == room && meeting.participants.contains { $0.point == point }
                }
                messages.append((step, isIn))
            }
            let isSeated =
                if case .arrive(let participant, _, _) = event { witness.seats[participant] != nil } else { false }
            let actions = conference.handle(event, at: now)
            for action in actions {
                if case .openMeeting(let opening) = action { known.append(opening.id) }
                witness.see(action)
            }
            if let last = messages.last, last.step == step {
                let isTaken = actions.contains {
                    if case .log(let event) = $0 { event.name == "message" } else { false }
                }
                #expect(isTaken == last.isFromWithin, "only those who sit in a meeting write to it")
            }
            if case .arrive(let participant, let point, let room) = event, !isSeated {
                try checkAnswer(actions, to: participant, point, room, conference)
            }

            // The machine's own view is the executor's.
            #expect(Set(conference.openMeetings.map(\.id)) == Set(witness.open.keys))
            #expect(Set(conference.openMeetings.map(\.room)).count == witness.open.count, "two meetings in a room")
            for status in conference.openMeetings {
                #expect(status.isRecording == witness.recording.contains(status.id))
                let seated = Set(witness.seats.filter { $0.value == status.id }.keys)
                #expect(Set(status.participants.map(\.id)) == seated)
                if let speaker = status.speaker { #expect(seated.contains(speaker)) }
                if seated.isEmpty, witness.called[status.id, default: []].isEmpty {
                    let deadline = try #require(conference.deadline)
                    #expect(deadline > now.steady, "an empty meeting past its linger")
                    #expect(deadline <= now.steady + .seconds(20))
                }
            }
            if conference.openMeetings.allSatisfy({ !$0.participants.isEmpty }) { #expect(conference.deadline == nil) }
        }

        #expect(witness.open.isEmpty && witness.seats.isEmpty && witness.recording.isEmpty, "shutdown left something")
        #expect(conference.handle(.arrive(participant: 999_999, point: "p0", room: "r0"), at: at(seconds)).count == 1)
        // A run in which nothing happened would prove nothing.
        #expect(witness.closed.count > 3 && witness.refusals > 3)
    }
}
