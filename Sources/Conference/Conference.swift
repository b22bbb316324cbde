/// The rules of rooms and meetings: who may enter, when a meeting opens and closes, what is recorded and remembered.
///
/// It owns no clock, thread or socket. Everything that happens goes into ``handle(_:at:)``; what is to be done about
/// it comes back in order. Call it again, with `.deadlineReached`, when ``deadline`` has come.
///
/// - A meeting opens when the first point is admitted to its room, or at the time for which it was convened; it closes by
///   command, at shutdown, or when the last point has been gone for as long as the room lingers.
/// - Identity is the point that signed in, and its name is the register's.
/// - A point that calls again takes over its own seat: the older call is ended, the roll goes on.
/// - A convened meeting lets in its invited points only, who wait until the chair opens it.
/// - Orders are carried out one after another. One that finds its effect there already is refused as `alreadySo`, so that
///   of two who order the same each knows what came of it.
/// - Everything is timed by the steady clock but the time for which a meeting is convened.
public struct Conference: Sendable {
    enum Intake { case open, draining, stopped }

    /// The register in force.
    public internal(set) var register: Register
    /// Scheduled meetings whose time has come.
    public internal(set) var convenings: [ConveningID: Convening] = [:]
    var intake = Intake.open
    var meetings = OpenMeetings()
    var meetingOfRoom: [RoomID: MeetingID] = [:]
    var meetingOfParticipant: [ParticipantID: MeetingID] = [:]
    /// Calls of each point, oldest first.
    var callsOfPoint: [PointID: [ParticipantID]] = [:]
    var recentIDs: [MeetingID] = []
    /// Convenings whose meetings are over, the latest thousand.
    var concluded: [ConveningID] = []
    /// When something happened last.
    var lastSeen: Moment?
    /// Whether this bridge may open a meeting in a room, where several share them; one that is open goes on.
    public var mayOpen: @Sendable (RoomID) -> Bool = { _ in true }
    let utcOffset: Duration
    var random: any RandomNumberGenerator & Sendable

    /// - Parameters:
    ///   - utcOffset: local time, for meeting ids.
    ///   - random: what makes the end of a meeting id.
    public init(
        register: Register, utcOffset: Duration = .vietnam,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.register = register
        self.utcOffset = utcOffset
        self.random = random
    }

    /// When, by the steady clock, something is due; nil if nothing is.
    public var deadline: Duration? {
        earlier(earlier(conveningDeadline, meetings.deadline), endWarningDeadline)
    }

    /// Meetings that are open, in the order of opening.
    public var openMeetings: [MeetingStatus] {
        meetings.values.sorted { ($0.opened.steady, $0.id) < ($1.opened.steady, $1.id) }.map(\.status)
    }

    /// No new meeting opens.
    public var isDraining: Bool { intake == .draining }

    public func status(of meeting: MeetingID) -> MeetingStatus? { meetings[meeting]?.status }
    public func meeting(in room: RoomID) -> MeetingID? { meetingOfRoom[room] }
    public func meeting(of participant: ParticipantID) -> MeetingID? { meetingOfParticipant[participant] }

    public func isPresent(_ point: PointID, in room: RoomID) -> Bool {
        meetingOfRoom[room].flatMap { participant(point, in: $0) } != nil
    }

    /// The participant that a point is in a meeting, if it is there.
    public func participant(_ point: PointID, in meeting: MeetingID) -> ParticipantID? {
        callsOfPoint[point]?.last { meetingOfParticipant[$0] == meeting }
    }

    /// Why a point that is in the register could not come into a room now; nil if it could.
    public func refusal(of point: PointID, into id: RoomID) -> Refusal? {
        guard let room = register.room(id) else { return .noSuchRoom }
        guard register.point(point) != nil, admits(point, to: room) else { return .notInvited([point]) }
        guard room.door == .open, intake == .open || intake == .draining && meetingOfRoom[id] != nil else {
            return .roomClosed
        }
        return nil
    }

    public mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        var actions: [Action] = []
        lastSeen = now
        if isDue(at: now) { doWhatIsDue(at: now, &actions) }
        switch event {
        case .arrive(let participant, let point, let room):
            arrive(participant, point, room, at: now, &actions)
        case .arriveByTrunk(let participant, let point, let room, let origin):
            arrive(participant, point, room, from: origin, at: now, &actions)
        case .mediaEstablished(let participant):
            noteMedia(of: participant, at: now, &actions)
        case .leave(let participant, let reason):
            leave(participant, reason, at: now, &actions)
        case .legSilent(let participant):
            disconnect(participant, .silent, at: now, &actions)
        case .speakerChanged(let meeting, let participant):
            changeSpeaker(of: meeting, to: participant, at: now, &actions)
        case .presenterChanged(let meeting, let participant):
            changePresenter(of: meeting, to: participant, at: now, &actions)
        case .call(let room, let points, let by):
            call(points, into: room, by: by, at: now, &actions)
        case .notReached(let point, let room, let reason):
            noteNotReached(point, room, reason, at: now, &actions)
        case .message(let point, let room, let text):
            take(text, from: point, to: room, at: now, &actions)
        case .hand(let participant, let isRaised):
            setHand(of: participant, raised: isRaised, at: now, &actions)
        case .key(let participant, let key):
            press(key, by: participant, at: now, &actions)
        case .seen(let participant, let kind):
            noteSeen(kind, of: participant, at: now, &actions)
        case .command(let meeting, let command, let officer):
            carryOut(command, in: meeting, by: officer, at: now, &actions)
        case .vote(let participant, let ballot):
            cast(ballot, by: participant, at: now, &actions)
        case .ownMicrophone(let participant, let microphone):
            setOwnMicrophone(of: participant, microphone, at: now, &actions)
        case .end(let meeting, let by):
            close(meeting, .ended(by: by), at: now, &actions)
        case .recordingFailed(let meeting, let text):
            failRecording(of: meeting, text, at: now, &actions)
        case .reconfigure(let register):
            reconfigure(register)
        case .convene(let convening):
            convene(convening, at: now, &actions)
        case .cancelConvening(let id):
            convenings[id] = nil
        case .drain:
            if intake == .open { intake = .draining }
        case .cancelDrain:
            if intake == .draining { intake = .open }
        case .shutdown:
            intake = .stopped
            for meeting in openMeetings { close(meeting.id, .shutdown, at: now, &actions) }
        case .suspend:
            intake = .stopped
            for meeting in openMeetings { suspend(meeting.id, at: now, &actions) }
        case .resume(let memory, let since):
            resume(memory, since: since, at: now, &actions)
        case .lose(let room):
            lose(room, at: now, &actions)
        case .callBack:
            callBack(at: now, &actions)
        case .reachable(let point):
            callReachable(point, at: now, &actions)
        case .deadlineReached:
            break
        }
        meetings.lookAtChanged()
        // A room may not linger at all, and a time may have come already.
        if isDue(at: now) {
            doWhatIsDue(at: now, &actions)
            meetings.lookAtChanged()
        }
        return actions
    }

    private func isDue(at now: Moment) -> Bool { deadline.map { $0 <= now.steady } ?? false }

    func log(_ kind: MeetingEvent.Kind, of meeting: MeetingID, at now: Moment, _ actions: inout [Action]) {
        actions.append(.log(MeetingEvent(meeting: meeting, at: now.wall, kind: kind)))
    }

    func announce(_ announcement: Announcement, to participants: [ParticipantID], _ actions: inout [Action]) {
        guard !participants.isEmpty else { return }
        actions.append(.announce(announcement, to: participants))
    }
}

/// The earlier of two times that there may be.
func earlier(_ left: Duration?, _ right: Duration?) -> Duration? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
}
