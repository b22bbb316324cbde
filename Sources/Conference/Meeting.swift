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

    /// How far a convened meeting is; any other is in session from its beginning.
    enum Stage: Equatable {
        /// Points wait, or rehearse with a technician.
        case rehearsal
        case inSession
    }

    struct Participant {
        var point: PointID
        var joined: WallTime
        var hasMedia: Bool
        /// It was let into the meeting.
        var hasEntered = false
        var seen: Set<Conference.MediaKind> = []
        var messages = MessageAllowance()
        var keys = KeySequence()
        /// It is asked for the room's PIN.
        var pin: PINEntry?
        /// Another bridge has its call.
        var origin: TrunkOrigin?
    }

    /// A PIN that is asked for, by when, and how often it may still be given.
    struct PINEntry: Hashable {
        static let patience = Duration.seconds(60)
        var attemptsLeft = 3
        var until: Duration
    }

    let id: MeetingID
    let opened: Moment
    /// Who was in when a former daemon ended, and is to be called.
    var toCallBack: [PointID] = []
    /// Until when they are called where nobody comes; nil where somebody did.
    var callsBackUntil: Duration?
    /// As it is in the register, or was when it went from there.
    var room: Conference.Room
    /// What it was convened as.
    var convening: Convening?
    var phase = Phase.sitting
    var stage = Stage.inSession
    var recording = Recording.notOrdered
    /// Points that the bridge calls, or called.
    var calls: [PointID: CallPlan] = [:] {
        didSet { callDeadline = calls.values.lazy.compactMap(\.deadline).min() }
    }
    /// When the first of them is to be called again, and when the first PIN must be there: looked for when they change, for
    /// `deadline` is asked for at every event of the meeting.
    private var callDeadline: Duration?
    private var pinDeadline: Duration?
    /// The planned end of which its chair was told, or too late to be told.
    var endWarnedOf: WallTime?
    /// All that are invited are called once, at the set time.
    var hasCalledAll = false
    var floor: Floor
    var standings: [PointID: Standing] = [:]
    var isLocked = false
    /// Points that the chair removed, with the reason.
    var removed: [PointID: String] = [:]
    var vote: Vote?
    var votes: [VoteTally] = []
    /// On everybody's picture.
    var message: String?
    var layout: Layout?
    /// Whom the chair chose for the layout `chair`, in its order.
    var chosen: [PointID] = []
    /// The warning that is shown to the speaker, and a vote's result.
    var timeWarning: Overlay?
    var result: VoteTally?
    /// What is on everybody's picture.
    var overlay: Overlay?
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

    init(id: MeetingID, room: Conference.Room, convening: Convening? = nil, at now: Moment) {
        self.id = id
        self.room = room
        self.convening = convening
        floor = Floor(microphones: room.microphones)
        stage = convening == nil ? .inSession : .rehearsal
        opened = now
    }

    var title: String { convening?.title ?? room.title }

    /// Some of its points are to be called again.
    var waitsToCall: Bool { callDeadline != nil }

    /// The point at which the chair sits.
    var chair: PointID? { convening?.chair?.point ?? room.chair }

    /// Points that the bridge calls, and that have not answered yet.
    var called: Set<PointID> {
        Set(calls.lazy.filter { $0.value.state == .ringing }.map(\.key))
    }

    /// Points that it calls, or is about to call again.
    var beingCalled: Set<PointID> { Set(calls.lazy.filter { $0.value.isUnderWay }.map(\.key)) }

    func admits(_ point: PointID) -> Bool {
        convening.map { $0.points.contains(point) } ?? room.admits.admits(point)
    }

    /// When, by the steady clock, something is due in this meeting.
    var deadline: Duration? {
        var due = earlier(earlier(callDeadline, pinDeadline), callsBackUntil)
        due = earlier(due, floor.speech?.deadline)
        due = earlier(due, vote?.deadline)
        if case .lingering(let until) = phase { due = earlier(due, until) }
        return due
    }

    func standing(of point: PointID) -> Standing {
        standings[point] ?? Standing(microphone: point == chair ? .open : floor.microphones)
    }

    func place(of participant: ParticipantID) -> Place? {
        guard let index = participants.index(forKey: participant) else { return nil }
        guard participants.values[index].pin == nil else { return .waiting }
        return standings[participants.values[index].point]?.place ?? .hall
    }

    /// Who of a point is in, in the order of joining.
    func participants(of point: PointID) -> [ParticipantID] { order.filter { participants[$0]?.point == point } }

    var chairParticipants: [ParticipantID] { chair.map(participants(of:)) ?? [] }

    func isIn(_ point: PointID) -> Bool { participants.values.contains { $0.point == point } }

    /// Whether somebody of a point takes part: in the hall or a side room, since the meeting was opened.
    func attends(_ point: PointID) -> Bool {
        stage == .inSession
            && participants.contains { $0.value.point == point && place(of: $0.key).map { $0 != .waiting } == true }
    }

    /// Whether the bridge calls somebody, or is about to call again.
    var isCalling: Bool { calls.values.contains(where: \.isUnderWay) }

    /// Whether somebody of a point is in and needs no more than the opening to be in the hall.
    func isReady(_ point: PointID) -> Bool {
        participants.values.contains { $0.point == point && $0.pin == nil }
    }

    func isInHall(_ point: PointID) -> Bool {
        participants.contains { $0.value.point == point && place(of: $0.key) == .hall }
    }

    var everybodyInHall: [ParticipantID] { order.filter { place(of: $0) == .hall } }

    /// Who is in the hall, in the order of the roll, and of one point in that of joining.
    var seated: [Conference.SeatedParticipant] {
        everybodyInHall.compactMap { id in participants[id].map { (id, $0.point) } }
            .map { (rollIndex[$1] ?? .max, Conference.SeatedParticipant(id: $0, point: $1, name: name(of: $1))) }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Brings the roll in line with who is expected now. Who came stays on it; who never came and is no longer
    /// expected goes from it.
    mutating func expect(_ register: Conference.Register) {
        let expected = register.expected(in: room, convening)
        var old = Dictionary(roll.map { ($0.point, $0) }) { first, _ in first }
        var new: [Attendance] = []
        for point in expected {
            var entry =
                old.removeValue(forKey: point.id)
                ?? Attendance(point: point, unitName: point.unit.flatMap(register.unit)?.name, isExpected: true)
            entry.isExpected = true
            entry.isRequired = convening?.required.contains(point.id) ?? false
            new.append(entry)
        }
        for var entry in roll where old[entry.point] != nil && !entry.sittings.isEmpty {
            entry.isExpected = false
            new.append(entry)
        }
        roll = new
        rollIndex = Dictionary(zip(new.map(\.point), new.indices)) { first, _ in first }
    }

    /// Takes over the roll of a former daemon's meeting, whose calls ended then.
    mutating func resume(_ memory: MeetingMemory, since: WallTime) {
        roll = memory.roll
        rollIndex = Dictionary(zip(roll.map(\.point), roll.indices)) { first, _ in first }
        for (participant, point) in memory.present {
            guard let index = rollIndex[point] else { continue }
            roll[index].standUp(participant, because: Conference.DisconnectReason.restart.rawValue, at: since)
        }
    }

    func hasSeen(_ point: PointID) -> Bool {
        rollIndex[point].map { !roll[$0].sittings.isEmpty } ?? false
    }

    mutating func join(_ participant: ParticipantID, _ point: Conference.Point, unitName: String?, at wall: WallTime) {
        phase = .sitting
        if calls[point.id] != nil { calls[point.id]?.answered() }
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
    mutating func enter(_ participant: ParticipantID, at wall: WallTime) -> Bool {
        guard let entry = participants[participant], !entry.hasEntered else { return false }
        participants[participant]?.hasEntered = true
        if let index = rollIndex[entry.point] { roll[index].enter(participant, at: wall) }
        return true
    }

    /// Whether this was news.
    mutating func saw(_ kind: Conference.MediaKind, of participant: ParticipantID, at wall: WallTime) -> Bool {
        guard let entry = participants[participant],
            participants[participant]?.seen.insert(kind).inserted == true
        else { return false }
        if let index = rollIndex[entry.point] { roll[index].saw(kind, at: wall) }
        return true
    }

    func isOnRoll(_ point: PointID) -> Bool { rollIndex[point] != nil }

    mutating func excuse(_ point: PointID, because reason: String) -> Bool {
        guard let index = rollIndex[point] else { return false }
        roll[index].excuse = reason
        return true
    }

    /// Flags who is expected and not there; returns them in the order of protocol.
    mutating func flagMissing() -> [PointID] {
        var missing: [PointID] = []
        for index in roll.indices where roll[index].isExpected && !isReady(roll[index].point) {
            roll[index].wasMissingAtOpening = true
            missing.append(roll[index].point)
        }
        return missing
    }

    mutating func update(_ participant: ParticipantID, _ change: (inout Participant) -> Void) {
        guard let place = participants.index(forKey: participant) else { return }
        let pin = participants.values[place].pin
        change(&participants.values[place])
        if participants.values[place].pin != pin { findPINDeadline() }
    }

    private mutating func findPINDeadline() {
        pinDeadline = participants.values.lazy.compactMap { $0.pin?.until }.min()
    }

    /// Whether a participant may write now; counts it if so.
    mutating func mayWrite(_ participant: ParticipantID, at now: Moment) -> Bool {
        participants[participant]?.messages.take(at: now.steady) ?? false
    }

    mutating func leave(_ participant: ParticipantID, because reason: String, at now: Moment) {
        guard let entry = participants.removeValue(forKey: participant) else { return }
        if entry.pin != nil { findPINDeadline() }
        if let place = order.lastIndex(of: participant) { order.remove(at: place) }
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

    func unitName(of point: PointID) -> String? { rollIndex[point].flatMap { roll[$0].unitName } }

    func name(of point: PointID) -> String { rollIndex[point].map { roll[$0].name } ?? point.rawValue }

    func summary(_ cause: CloseCause, at now: Moment) -> MeetingSummary {
        return MeetingSummary(
            id: id, room: room.id, title: title, openedAt: opened.wall, closedAt: now.wall,
            duration: now.steady - opened.steady, cause: cause, recording: recording.outcome, roll: roll,
            speakerTurns: turns,
            speakerTurnsDropped: turnsDropped, votes: votes)
    }
}
