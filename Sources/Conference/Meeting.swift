/// One sitting in a room, from opening to closing.
struct Meeting {
    /// How many turns of speaking are kept of one meeting: a change each second for 14 hours.
    static let maximumTurns = 50_000

    enum Phase: Equatable {
        case sitting
        /// Nobody is left; closes at this time, by the steady clock.
        case lingering(until: Duration)
        /// Its participants are being sent away.
        case closing
    }

    enum Recording: Equatable {
        case notOrdered
        case running(Conference.RecordingOrder)
        case failed(Conference.RecordingOrder, text: String)
    }

    struct Participant {
        var point: PointID
        var joined: WallTime
        var hasMedia: Bool
        /// Since when it asks for the word.
        var handRaised: WallTime?
        var messages = MessageAllowance()
    }

    let id: MeetingID
    let opened: Moment
    /// As it is in the register, or was when it went from there.
    var room: Conference.Room
    var phase = Phase.sitting
    var recording = Recording.notOrdered
    /// Points that the bridge calls, and that have not answered yet.
    var called: Set<PointID> = []
    private(set) var participants: [ParticipantID: Participant] = [:]
    /// Who is in, in the order of joining.
    private(set) var order: [ParticipantID] = []
    private(set) var roll: [Attendance] = []
    private var rollIndex: [PointID: Int] = [:]
    private(set) var turns: [SpeakerTurn] = []
    private(set) var turnsDropped = 0
    private(set) var speaker: ParticipantID?
    /// Whose slides are seen.
    var presenter: ParticipantID?

    init(id: MeetingID, room: Conference.Room, at now: Moment) {
        self.id = id
        self.room = room
        opened = now
    }

    var isRecording: Bool {
        if case .running = recording { true } else { false }
    }

    /// Brings the roll in line with who is expected now. Who came stays on it; who never came and is no longer
    /// expected goes from it.
    mutating func expect(_ register: Conference.Register) {
        let expected = register.expected(in: room)
        var old = Dictionary(roll.map { ($0.point, $0) }) { first, _ in first }
        var new: [Attendance] = []
        for point in expected {
            var entry =
                old.removeValue(forKey: point.id)
                ?? Attendance(point: point, unitName: point.unit.flatMap(register.unit)?.name, isExpected: true)
            entry.isExpected = true
            new.append(entry)
        }
        for var entry in roll where old[entry.point] != nil && !entry.sittings.isEmpty {
            entry.isExpected = false
            new.append(entry)
        }
        roll = new
        rollIndex = Dictionary(zip(new.map(\.point), new.indices)) { first, _ in first }
    }

    func hasSeen(_ point: PointID) -> Bool {
        rollIndex[point].map { !roll[$0].sittings.isEmpty } ?? false
    }

    mutating func join(_ participant: ParticipantID, _ point: Conference.Point, unitName: String?, at wall: WallTime) {
        phase = .sitting
        called.remove(point.id)
        participants[participant] = Participant(point: point.id, joined: wall, hasMedia: false)
        order.append(participant)
        let index: Int
        if let known = rollIndex[point.id] {
            index = known
        } else {
            index = roll.count
            rollIndex[point.id] = index
            roll.append(Attendance(point: point, unitName: unitName, isExpected: false))
        }
        roll[index].sitDown(participant, at: wall)
    }

    /// Whether this was news.
    mutating func sawMedia(of participant: ParticipantID, at wall: WallTime) -> Bool {
        guard let entry = participants[participant], !entry.hasMedia else { return false }
        participants[participant]?.hasMedia = true
        if let index = rollIndex[entry.point] { roll[index].sawMedia(of: participant, at: wall) }
        return true
    }

    /// Whether this was news.
    mutating func setHand(of participant: ParticipantID, raised: Bool, at wall: WallTime) -> Bool {
        guard let entry = participants[participant], (entry.handRaised != nil) != raised else { return false }
        participants[participant]?.handRaised = raised ? wall : nil
        return true
    }

    /// Whether a participant may write now; counts it if so.
    mutating func mayWrite(_ participant: ParticipantID, at now: Moment) -> Bool {
        participants[participant]?.messages.take(at: now.steady) ?? false
    }

    mutating func leave(_ participant: ParticipantID, because reason: String, at now: Moment) {
        guard let entry = participants.removeValue(forKey: participant) else { return }
        order.removeAll { $0 == participant }
        if speaker == participant { setSpeaker(nil, at: now) }
        if let index = rollIndex[entry.point] { roll[index].standUp(participant, because: reason, at: now.wall) }
    }

    /// Ends the turn that runs and begins the next, if somebody speaks.
    mutating func setSpeaker(_ next: ParticipantID?, at now: Moment) {
        let elapsed = now.steady - opened.steady
        if speaker != nil, let last = turns.indices.last, turns[last].to == nil {
            turns[last].to = now.wall
            turns[last].endsAfter = elapsed
        }
        speaker = next
        guard let next, let point = participants[next]?.point else { return }
        guard turns.count < Self.maximumTurns else {
            turnsDropped += 1
            return
        }
        turns.append(SpeakerTurn(participant: next, point: point, from: now.wall, startsAfter: elapsed))
    }

    func name(of point: PointID) -> String { rollIndex[point].map { roll[$0].name } ?? point.rawValue }

    func summary(_ cause: CloseCause, at now: Moment) -> MeetingSummary {
        let outcome: RecordingOutcome =
            switch recording {
            case .notOrdered: .notOrdered
            case .running(let order): .recorded(order)
            case .failed(let order, let text): .failed(order, text: text)
            }
        return MeetingSummary(
            id: id, room: room.id, title: room.title, openedAt: opened.wall, closedAt: now.wall,
            duration: now.steady - opened.steady, cause: cause, recording: outcome, roll: roll, speakerTurns: turns,
            speakerTurnsDropped: turnsDropped)
    }

    var status: MeetingStatus {
        let present = order.compactMap { id -> Conference.ParticipantStatus? in
            guard let entry = participants[id] else { return nil }
            let attendance = rollIndex[entry.point].map { roll[$0] }
            return Conference.ParticipantStatus(
                id: id, point: entry.point, name: name(of: entry.point), unitName: attendance?.unitName,
                joined: entry.joined, hasMedia: entry.hasMedia, handRaised: entry.handRaised)
        }
        var failure: String?
        if case .failed(_, let text) = recording { failure = text }
        return MeetingStatus(
            id: id, room: room.id, title: room.title, openedAt: opened.wall, isRecording: isRecording,
            recordingFailure: failure, participants: present, speaker: speaker, roll: roll)
    }
}
