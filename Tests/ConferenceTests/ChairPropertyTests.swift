import Testing

@testable import Conference

@Suite struct ChairPropertyTests {
    private static let rooms: [RoomID] = ["hop", "ghi"]

    private static func command(_ random: inout SeededGenerator) -> Conference.Command {
        let point = (Hall.points + ["khach", "cong"]).randomElement(using: &random) ?? "soyte"
        let side = SideRoomID("s\(Int.random(in: 0..<3, using: &random))")
        let text = ["", "x", "lý do"].randomElement(using: &random) ?? ""
        let limit: Duration? = [nil, .zero, .seconds(20), .seconds(90)].randomElement(using: &random) ?? nil
        let microphone: Microphone = Bool.random(using: &random) ? .muted : .open
        let commands: [Conference.Command] = [
            .open, .open, .lock(Bool.random(using: &random)), .admit(point), .remove(point, reason: text),
            .setMicrophone(point, microphone), .setAllMicrophones(microphone),
            .letPointsUnmute(Bool.random(using: &random)), .giveWord(point, limit: limit),
            .giveWord(point, limit: limit), .takeWord, .spotlight(Bool.random(using: &random) ? point : nil),
            .lowerHand(point), .moveAside(point, to: side), .recall(point),
            .startRecording(document: "", reason: text), .pauseRecording(reason: text), .resumeRecording(reason: text),
            .stopRecording(reason: text), .showMessage(Bool.random(using: &random) ? text : nil),
            .openVote(.init(question: "?", isSecret: Bool.random(using: &random), period: limit)), .closeVote,
            .setLayout(.gallery, of: Bool.random(using: &random) ? point : nil), .excuse(point, reason: text),
            .arrange([point], of: Bool.random(using: &random) ? point : nil),
        ]
        return Int.random(in: 0..<40, using: &random) == 0
            ? .close : commands.randomElement(using: &random) ?? .takeWord
    }

    private static func convening(_ number: Int, at seconds: Double, _ random: inout SeededGenerator) -> Convening {
        var convening = Hall.convening(
            rooms.randomElement(using: &random) ?? "hop",
            opensAfter: seconds + Double.random(in: -5...60, using: &random),
            confidentiality: Convening.Confidentiality.allCases.randomElement(using: &random) ?? .secret,
            recordingOrder: Bool.random(using: &random) ? standingOrder : nil)
        convening.id = ConveningID("c\(number / 2)")
        convening.invited = Hall.points.filter { _ in Bool.random(using: &random) }
        if Int.random(in: 0..<4, using: &random) == 0 { convening.chair = nil }
        return convening
    }

    private static func note(_ event: MeetingEvent, in unmuted: inout [MeetingID: Set<PointID>]) {
        switch event.kind {
        case .ordered(.microphone(let point, .open), _), .ownMicrophone(let point, .open):
            unmuted[event.meeting, default: []].insert(point)
        case .ordered(.microphone(let point, .muted), _), .ownMicrophone(let point, .muted):
            unmuted[event.meeting]?.remove(point)
        case .ordered(.allMicrophones(.muted), _): unmuted[event.meeting] = []
        default: break
        }
    }

    /// Whatever happens in whatever order, no state is reached that the rules forbid, and the actions are those that an
    /// executor can carry out.
    @Test(arguments: 1...40)
    func noSequenceOfEventsReachesAForbiddenState(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed) &* 7919)
        var conference = Conference(register: Hall.register, random: SeededGenerator(seed: UInt64(seed)))
        var witness = Witness()
        var seconds = 0.0
        var wallError = 0.0
        var arrivals: UInt64 = 0
        var conveningNumber = 0
        var carriedOut = 0
        var unmuted: [MeetingID: Set<PointID>] = [:]
        for _ in 0..<500 {
            seconds += Double.random(in: 0...6, using: &random)
            if Int.random(in: 0..<50, using: &random) == 0 {
                wallError = Double.random(in: -9000...9000, using: &random)
            }
            let somebody = ParticipantID(
                rawValue: UInt64.random(in: max(1, arrivals &- min(arrivals, 8))...max(1, arrivals), using: &random))
            let room = Self.rooms.randomElement(using: &random) ?? "hop"
            let meeting = conference.meeting(in: room) ?? "none"
            let officer = Officer(
                name: "x", authority: Officer.Authority.allCases.randomElement(using: &random) ?? .chair,
                person: Bool.random(using: &random) ? "ba" : nil)
            let event: Conference.Event
            switch Int.random(in: 0..<60, using: &random) {
            case 0..<14:
                arrivals += 1
                let point = (Hall.points + ["khach", "cong"]).randomElement(using: &random) ?? "soyte"
                event = .arrive(participant: ParticipantID(rawValue: arrivals), point: point, room: room)
            case 14..<17: event = .mediaEstablished(somebody)
            case 17..<20:
                event = .leave(somebody, Conference.LeaveReason.allCases.randomElement(using: &random) ?? .failed)
            case 20: event = .legSilent(somebody)
            case 21..<38: event = .command(meeting, Self.command(&random), by: officer)
            case 38..<46: event = .key(somebody, "*0123456#".randomElement(using: &random) ?? "*")
            case 46..<48: event = .hand(somebody, isRaised: Bool.random(using: &random))
            case 48..<50: event = .vote(somebody, Ballot.allCases.randomElement(using: &random) ?? .for)
            case 50: event = .ownMicrophone(somebody, Bool.random(using: &random) ? .open : .muted)
            case 51:
                conveningNumber += 1
                event = .convene(Self.convening(conveningNumber, at: seconds, &random))
            case 52: event = .cancelConvening(ConveningID("c\(conveningNumber / 2)"))
            case 53: event = .recordingFailed(meeting, text: "x")
            case 54..<57: event = .notReached(Hall.points.randomElement(using: &random) ?? "soyte", room, reason: "x")
            case 57: event = .speakerChanged(meeting, somebody)
            default: event = .deadlineReached
            }
            let now = Moment(steady: at(seconds).steady, wall: at(seconds + wallError).wall)
            witness.leave(event)
            if case .notReached(let point, let room, _) = event, let open = conference.meeting(in: room) {
                witness.called[open]?.remove(point)
            }
            let actions = conference.handle(event, at: now)
            for action in actions {
                witness.see(action)
                if case .log(let event) = action { Self.note(event, in: &unmuted) }
            }
            if case .command = event, actions.refusal == nil { carriedOut += 1 }
            let found = violations(of: conference, unmuted: unmuted)
            #expect(found.isEmpty, "after \(event): \(found)")
            #expect(Set(conference.openMeetings.map(\.id)) == Set(witness.open.keys))
            for status in conference.openMeetings {
                #expect(witness.recording.contains(status.id) == [.running, .paused].contains(status.recording))
                #expect(Set(status.participants.map(\.id)) == Set(witness.seats.filter { $0.value == status.id }.keys))
            }
            if let deadline = conference.deadline { #expect(deadline > now.steady, "something due is left undone") }
            guard found.isEmpty else { return }
        }
        for action in conference.handle(.shutdown, at: at(seconds + 1)) { witness.see(action) }
        #expect(witness.open.isEmpty && witness.seats.isEmpty && witness.recording.isEmpty)
        #expect(carriedOut > 3, "a run in which nothing happens proves nothing")
    }
}
