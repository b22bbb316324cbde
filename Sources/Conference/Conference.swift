/// The rules of rooms and meetings: who may enter, when a meeting opens and closes, what is recorded and remembered.
///
/// It owns no clock, thread or socket. Everything that happens goes into ``handle(_:at:)``; what is to be done about
/// it comes back in order. Call it again, with `.deadlineReached`, when ``deadline`` has come.
///
/// - A meeting opens when the first point is admitted to its room, and closes by command, at shutdown, or when the
///   last point has been gone for as long as the room lingers.
/// - Identity is the point that signed in, and its name is the register's.
/// - A point that calls again takes over its own seat: the older call is ended, the roll goes on.
public struct Conference: Sendable {
    private enum Intake { case open, draining, stopped }

    /// The register in force.
    public private(set) var register: Register
    /// Scheduled meetings whose time has come.
    public private(set) var convenings: [ConveningID: Convening] = [:]
    private var intake = Intake.open
    private var meetings: [MeetingID: Meeting] = [:]
    private var meetingOfRoom: [RoomID: MeetingID] = [:]
    private var meetingOfParticipant: [ParticipantID: MeetingID] = [:]
    /// Calls of each point, oldest first.
    private var callsOfPoint: [PointID: [ParticipantID]] = [:]
    private var recentIDs: [MeetingID] = []
    private let utcOffset: Duration
    private var random: any RandomNumberGenerator & Sendable

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
        meetings.values.compactMap { meeting -> Duration? in
            if case .lingering(let until) = meeting.phase { until } else { nil }
        }.min()
    }

    /// Meetings that are open, in the order of opening.
    public var openMeetings: [MeetingStatus] {
        meetings.values.sorted { ($0.opened.steady, $0.id) < ($1.opened.steady, $1.id) }.map(\.status)
    }

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
        guard register.point(point) != nil, room.admits.admits(point) else { return .notInvited([point]) }
        guard room.door == .open, intake == .open || intake == .draining && meetingOfRoom[id] != nil else {
            return .roomClosed
        }
        return nil
    }

    public mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        var actions: [Action] = []
        closeWhatIsDue(at: now, &actions)
        switch event {
        case .arrive(let participant, let point, let room):
            arrive(participant, point, room, at: now, &actions)
        case .mediaEstablished(let participant):
            noteMedia(of: participant, at: now, &actions)
        case .leave(let participant, let reason):
            remove(participant, because: reason.rawValue, at: now, &actions)
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
        case .end(let meeting, let by):
            close(meeting, .ended(by: by), at: now, &actions)
        case .recordingFailed(let meeting, let text):
            failRecording(of: meeting, text, at: now, &actions)
        case .reconfigure(let register):
            reconfigure(register)
        case .convene(let convening):
            convenings[convening.id] = convening
        case .cancelConvening(let id):
            convenings[id] = nil
        case .drain:
            if intake == .open { intake = .draining }
        case .shutdown:
            intake = .stopped
            for meeting in openMeetings { close(meeting.id, .shutdown, at: now, &actions) }
        case .deadlineReached:
            break
        }
        // A room may not linger at all.
        closeWhatIsDue(at: now, &actions)
        return actions
    }

    // MARK: Coming in

    private enum Verdict {
        case welcome(Point, Room, MeetingID?)
        case refused(code: UInt16, reason: String)
    }

    private func judge(_ point: PointID, _ room: RoomID) -> Verdict {
        guard let room = register.room(room) else { return .refused(code: 404, reason: "No such room") }
        let open = meetingOfRoom[room.id].flatMap { meetings[$0] }
        if intake == .stopped { return .refused(code: 503, reason: "The bridge is shutting down") }
        guard let point = register.point(point) else {
            return .refused(code: 403, reason: "The point is not in the register")
        }
        if !room.admits.admits(point.id) {
            return .refused(code: 403, reason: "The point is not invited to this room")
        }
        if room.door == .closed { return .refused(code: 480, reason: "The room is closed") }
        if open == nil, intake == .draining {
            return .refused(code: 503, reason: "The bridge takes no new meetings")
        }
        if let open {
            let gives = callsToReplace(of: point).count { meetingOfParticipant[$0] == open.id }
            if open.participants.count - gives >= room.maximumParticipants {
                return .refused(code: 486, reason: "The room is full")
            }
        } else if room.maximumParticipants < 1 {
            return .refused(code: 486, reason: "The room is full")
        }
        return .welcome(point, room, open?.id)
    }

    /// The calls, oldest first, that end so that one more of `point` can begin.
    private func callsToReplace(of point: Point) -> ArraySlice<ParticipantID> {
        let calls = callsOfPoint[point.id] ?? []
        return calls.prefix(max(0, calls.count + 1 - max(1, point.maximumCalls)))
    }

    private mutating func arrive(
        _ participant: ParticipantID, _ pointID: PointID, _ roomID: RoomID, at now: Moment, _ actions: inout [Action]
    ) {
        guard meetingOfParticipant[participant] == nil else { return }
        switch judge(pointID, roomID) {
        case .refused(let code, let reason):
            actions.append(.refuse(participant, code: code, reason: reason))
            if let meeting = meetingOfRoom[roomID] {
                log(.refused(pointID, code: code, reason: reason), of: meeting, at: now, &actions)
            }
        case .welcome(let point, let room, let open):
            let meeting = open ?? openMeeting(in: room, at: now, &actions)
            let replaced = Array(callsToReplace(of: point))
            seat(participant, point, in: meeting, at: now, &actions)
            for call in replaced { disconnect(call, .replaced, at: now, &actions) }
        }
    }

    private mutating func openMeeting(in room: Room, at now: Moment, _ actions: inout [Action]) -> MeetingID {
        let id = freshID(for: room.id, at: now.wall)
        var meeting = Meeting(id: id, room: room, at: now)
        meeting.expect(register)
        meetingOfRoom[room.id] = id
        actions.append(
            .openMeeting(
                MeetingOpening(
                    id: id, room: room.id, title: room.title, openedAt: now.wall,
                    expected: register.expected(in: room))))
        actions.append(.log(MeetingEvent(meeting: id, at: now.wall, kind: .opened(room: room.id, title: room.title))))
        if let order = room.standingOrder {
            meeting.recording = .running(order)
            actions.append(.startRecording(id, order))
            actions.append(.log(MeetingEvent(meeting: id, at: now.wall, kind: .recordingStarted(order))))
        }
        meetings[id] = meeting
        return id
    }

    /// Never the id of a meeting that is open, nor of one of the last thousand, whatever the clock and the random
    /// source do.
    private mutating func freshID(for room: RoomID, at wall: WallTime) -> MeetingID {
        var bits = random.next()
        var id = MeetingID(room: room, at: wall, utcOffset: utcOffset, random: bits)
        while meetings[id] != nil || recentIDs.contains(id) {
            bits &+= 1
            id = MeetingID(room: room, at: wall, utcOffset: utcOffset, random: bits)
        }
        recentIDs.append(id)
        if recentIDs.count > 1000 { recentIDs.removeFirst() }
        return id
    }

    private mutating func seat(
        _ participant: ParticipantID, _ point: Point, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id] else { return }
        let unitName = point.unit.flatMap(register.unit)?.name
        let admission = Admission(
            meeting: id, room: meeting.room.id, point: point.id, name: point.name, unit: point.unit,
            unitName: unitName, isReconnection: meeting.hasSeen(point.id), isRecorded: meeting.isRecording)
        meetings[id]?.join(participant, point, unitName: unitName, at: now.wall)
        meetingOfParticipant[participant] = id
        callsOfPoint[point.id, default: []].append(participant)
        actions.append(.admit(participant, admission))
        log(
            .joined(
                participant, point.id, name: point.name, unitName: unitName, isReconnection: admission.isReconnection),
            of: id, at: now, &actions)
    }

    // MARK: Calling points

    private mutating func call(
        _ points: [PointID]?, into id: RoomID, by: String, at now: Moment, _ actions: inout [Action]
    ) {
        guard let room = register.room(id) else { return actions.append(.refuseCommand(.noSuchRoom)) }
        let open = meetingOfRoom[id]
        guard room.door == .open, intake == .open || intake == .draining && open != nil else {
            return actions.append(.refuseCommand(.roomClosed))
        }
        let wanted = points ?? register.expected(in: room).map(\.id)
        let strangers = wanted.filter { register.point($0) == nil || !room.admits.admits($0) }
        guard strangers.isEmpty else { return actions.append(.refuseCommand(.notInvited(strangers))) }
        let meeting = open.flatMap { meetings[$0] }
        let present = Set(meeting?.participants.values.map(\.point) ?? []).union(meeting?.called ?? [])
        var missing: [PointID] = []
        for point in wanted where !present.contains(point) && !missing.contains(point) { missing.append(point) }
        guard !missing.isEmpty else { return actions.append(.refuseCommand(.nobodyToCall)) }
        let called = open ?? openMeeting(in: room, at: now, &actions)
        meetings[called]?.called.formUnion(missing)
        meetings[called]?.phase = .sitting
        for point in missing {
            actions.append(.dial(point, called))
            log(.called(point, by: by), of: called, at: now, &actions)
        }
    }

    private mutating func noteNotReached(
        _ point: PointID, _ room: RoomID, _ reason: String, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfRoom[room], meetings[id]?.called.remove(point) != nil else { return }
        log(.notReached(point, reason: reason), of: id, at: now, &actions)
        lingerIfEmpty(id, at: now, &actions)
    }

    // MARK: While it lasts

    private mutating func noteMedia(of participant: ParticipantID, at now: Moment, _ actions: inout [Action]) {
        guard let id = meetingOfParticipant[participant], let point = meetings[id]?.participants[participant]?.point,
            meetings[id]?.sawMedia(of: participant, at: now.wall) == true
        else { return }
        log(.mediaEstablished(participant, point), of: id, at: now, &actions)
    }

    private mutating func changeSpeaker(
        of id: MeetingID, to speaker: ParticipantID?, at now: Moment, _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id], meeting.speaker != speaker else { return }
        // The media plane may name a leg that left while its word was on the way.
        if let speaker, meeting.participants[speaker] == nil { return }
        meetings[id]?.setSpeaker(speaker, at: now)
        let point = speaker.flatMap { meeting.participants[$0]?.point }
        log(.speaker(speaker, point), of: id, at: now, &actions)
    }

    private mutating func changePresenter(
        of id: MeetingID, to presenter: ParticipantID?, at now: Moment, _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id], meeting.presenter != presenter else { return }
        // The media plane may name a leg that left while its word was on the way.
        if let presenter, meeting.participants[presenter] == nil { return }
        meetings[id]?.presenter = presenter
        log(.presenter(presenter, presenter.flatMap { meeting.participants[$0]?.point }), of: id, at: now, &actions)
    }

    /// Only those who sit in a meeting write to it.
    private mutating func take(
        _ text: String, from point: PointID, to room: RoomID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfRoom[room],
            let writer = participant(point, in: id)
        else {
            let isRoom = register.room(room) != nil
            let reason = isRoom ? "The point is not in this meeting" : "No such room"
            return actions.append(.refuseMessage(code: isRoom ? 403 : 404, reason: reason))
        }
        guard meetings[id]?.mayWrite(writer, at: now) == true else {
            return actions.append(.refuseMessage(code: 480, reason: "Too many messages; wait a little"))
        }
        log(.message(point, text: text), of: id, at: now, &actions)
        actions.append(.relay(id, from: point, text: text))
    }

    private mutating func setHand(
        of participant: ParticipantID, raised: Bool, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfParticipant[participant], let point = meetings[id]?.participants[participant]?.point,
            meetings[id]?.setHand(of: participant, raised: raised, at: now.wall) == true
        else { return }
        log(.hand(participant, point, isRaised: raised), of: id, at: now, &actions)
    }

    private mutating func failRecording(
        of id: MeetingID, _ text: String, at now: Moment, _ actions: inout [Action]
    ) {
        guard case .running(let order)? = meetings[id]?.recording else { return }
        meetings[id]?.recording = .failed(order, text: text)
        log(.recordingFailed(text: text), of: id, at: now, &actions)
        actions.append(.stopRecording(id))
    }

    private mutating func reconfigure(_ register: Register) {
        self.register = register
        for (id, meeting) in meetings {
            guard let room = register.room(meeting.room.id) else { continue }
            meetings[id]?.room = room
            meetings[id]?.expect(register)
        }
    }

    // MARK: Going out

    private mutating func disconnect(
        _ participant: ParticipantID, _ reason: DisconnectReason, at now: Moment, _ actions: inout [Action]
    ) {
        guard meetingOfParticipant[participant] != nil else { return }
        actions.append(.disconnect(participant, reason))
        remove(participant, because: reason.rawValue, at: now, &actions)
    }

    private mutating func remove(
        _ participant: ParticipantID, because reason: String, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfParticipant.removeValue(forKey: participant), let meeting = meetings[id],
            let point = meeting.participants[participant]?.point
        else { return }
        callsOfPoint[point]?.removeAll { $0 == participant }
        if callsOfPoint[point]?.isEmpty == true { callsOfPoint[point] = nil }
        let spoke = meeting.speaker == participant
        meetings[id]?.leave(participant, because: reason, at: now)
        if spoke { log(.speaker(nil, nil), of: id, at: now, &actions) }
        if meeting.presenter == participant { changePresenter(of: id, to: nil, at: now, &actions) }
        log(.left(participant, point, reason: reason), of: id, at: now, &actions)
        lingerIfEmpty(id, at: now, &actions)
    }

    /// A meeting in which nobody sits, and into which nobody is being called, waits for a while.
    private mutating func lingerIfEmpty(_ id: MeetingID, at now: Moment, _ actions: inout [Action]) {
        guard let meeting = meetings[id], meeting.participants.isEmpty, meeting.called.isEmpty,
            meeting.phase == .sitting
        else { return }
        meetings[id]?.phase = .lingering(until: now.steady + meeting.room.linger)
        log(.empty(closesAfter: meeting.room.linger), of: id, at: now, &actions)
    }

    private mutating func closeWhatIsDue(at now: Moment, _ actions: inout [Action]) {
        let due = meetings.values.compactMap { meeting -> (until: Duration, id: MeetingID)? in
            guard case .lingering(let until) = meeting.phase, until <= now.steady else { return nil }
            return (until, meeting.id)
        }
        for meeting in due.sorted(by: <) { close(meeting.id, .empty, at: now, &actions) }
    }

    private mutating func close(_ id: MeetingID, _ cause: CloseCause, at now: Moment, _ actions: inout [Action]) {
        guard let meeting = meetings[id] else { return }
        meetings[id]?.phase = .closing
        let reason: DisconnectReason = cause == .shutdown ? .shutdown : .meetingEnded
        for participant in meeting.order { disconnect(participant, reason, at: now, &actions) }
        if meeting.isRecording {
            log(.recordingStopped, of: id, at: now, &actions)
            actions.append(.stopRecording(id))
        }
        var by: String?
        if case .ended(let name) = cause { by = name }
        log(.closed(cause: cause.name, by: by), of: id, at: now, &actions)
        guard let ended = meetings.removeValue(forKey: id) else { return }
        meetingOfRoom[ended.room.id] = nil
        actions.append(.closeMeeting(ended.summary(cause, at: now)))
    }

    private func log(_ kind: MeetingEvent.Kind, of meeting: MeetingID, at now: Moment, _ actions: inout [Action]) {
        actions.append(.log(MeetingEvent(meeting: meeting, at: now.wall, kind: kind)))
    }
}
