/// The hall, the waiting room and side rooms.
extension Conference {
    /// How a participant's media is to be, for whoever puts it in place.
    public struct Placement: Hashable, Sendable {
        public var place: Place
        public var microphone: Microphone
        public var layout: Layout?
        public var isInSpotlight: Bool
    }

    public func placement(of participant: ParticipantID) -> Placement? {
        guard let meeting = meetingOfParticipant[participant].flatMap({ meetings[$0] }),
            let point = meeting.participants[participant]?.point, let place = meeting.place(of: participant)
        else { return nil }
        let standing = meeting.standing(of: point)
        return Placement(
            place: place, microphone: place == .waiting && meeting.stage == .inSession ? .muted : standing.microphone,
            layout: standing.layout ?? meeting.layout, isInSpotlight: meeting.floor.spotlight == point)
    }

    /// A participant comes into the hall of a meeting that is in session.
    mutating func welcome(
        _ participant: ParticipantID, _ point: PointID, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        noteEntry(of: participant, point, in: id, at: now, &actions)
        guard let isFirst = meetings[id]?.enterHall(point), let meeting = meetings[id] else { return }
        if meeting.isRecording { announce(.recordingOn, to: [participant], &actions) }
        if let vote = meeting.vote { announce(.voteOpens(question: vote.tally.question), to: [participant], &actions) }
        if isFirst, meeting.chair != nil, point != meeting.chair {
            log(.late(point), of: id, at: now, &actions)
            announce(.lateComer(name: meeting.name(of: point)), to: meeting.chairParticipants, &actions)
        }
        if meeting.floor.spotlight == point { actions.append(.spotlight(id, participant)) }
    }

    /// From here on its point attends.
    mutating func noteEntry(
        of participant: ParticipantID, _ point: PointID, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        guard meetings[id]?.enter(participant, at: now.wall) == true else { return }
        log(.entered(participant, point), of: id, at: now, &actions)
    }

    mutating func keepWaiting(
        _ participant: ParticipantID, _ point: PointID, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id] else { return }
        log(.waits(participant, point), of: id, at: now, &actions)
        let isAskedForPIN = meeting.participants[participant]?.pin != nil
        announce(isAskedForPIN ? .enterPIN : .pleaseWait, to: [participant], &actions)
        if meeting.stage == .inSession, !isAskedForPIN {
            announce(.waits(name: meeting.name(of: point)), to: meeting.chairParticipants, &actions)
        }
    }

    /// All of a point that are in go to a place; those who are asked for a PIN stay until they gave it.
    mutating func move(
        _ point: PointID, to place: Place, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        guard var meeting = meetings[id] else { return }
        var standing = meeting.standing(of: point)
        let before = standing
        switch (standing.place, place) {
        case (.side, .side): break
        case (_, .side):
            standing.microphoneInHall = standing.microphone
            standing.microphone = .open
        default:
            standing.microphone = standing.microphoneInHall ?? standing.microphone
            standing.microphoneInHall = nil
        }
        standing.place = place
        meeting.standings[point] = standing
        meetings[id] = meeting
        for participant in meeting.participants(of: point) where meeting.participants[participant]?.pin == nil {
            if before.place != place {
                actions.append(.move(participant, to: place))
                if meeting.speaker == participant { changeSpeaker(of: id, to: nil, at: now, &actions) }
            }
            if let placement = placement(of: participant) {
                actions.append(.setMicrophone(participant, placement.microphone))
            }
            if place == .hall, before.place != .hall { welcome(participant, point, in: id, at: now, &actions) }
        }
    }

    /// Opened by the chair, or by itself where there is none.
    mutating func beginSession(
        of id: MeetingID, by: String, at now: Moment, _ actions: inout [Action]
    ) {
        guard var meeting = meetings[id], meeting.stage == .rehearsal else { return }
        meeting.stage = .inSession
        // Whoever is there at the opening is not late; what a rehearsal left of microphones is gone.
        for (point, standing) in meeting.standings {
            var standing = standing
            standing.microphone = point == meeting.chair ? .open : meeting.floor.microphones
            standing.wasInHall = meeting.isReady(point)
            meeting.standings[point] = standing
        }
        let missing = meeting.flagMissing()
        meetings[id] = meeting
        log(.ordered(.openedMeeting, by: by), of: id, at: now, &actions)
        recordByStandingOrder(id, at: now, &actions)
        for point in meeting.order.compactMap({ meeting.participants[$0]?.point }) {
            guard meetings[id]?.standing(of: point).place == .waiting else { continue }
            move(point, to: .hall, in: id, at: now, &actions)
        }
        // Whoever waited and went does not wait when it comes again.
        for (point, standing) in meetings[id]?.standings ?? [:] where standing.place == .waiting {
            meetings[id]?.standings[point]?.place = .hall
        }
        announce(.meetingOpens, to: meetings[id]?.everybodyInHall ?? [], &actions)
        guard !missing.isEmpty else { return }
        log(.missing(missing), of: id, at: now, &actions)
        announce(.missing(names: missing.map(meeting.name(of:))), to: meeting.chairParticipants, &actions)
    }

    mutating func setLock(_ isLocked: Bool, of id: MeetingID, at now: Moment, _ actions: inout [Action])
        throws(Refusal)
    {
        guard let meeting = meetings[id], meeting.isLocked != isLocked else { throw .alreadySo }
        meetings[id]?.isLocked = isLocked
        announce(isLocked ? .meetingLocked : .meetingUnlocked, to: meeting.chairParticipants, &actions)
        guard !isLocked, meeting.stage == .inSession else { return }
        for (point, standing) in meeting.standings.sorted(by: { $0.key < $1.key }) where standing.place == .waiting {
            move(point, to: .hall, in: id, at: now, &actions)
        }
    }

    mutating func letIn(_ point: PointID, to id: MeetingID, at now: Moment, _ actions: inout [Action])
        throws(Refusal)
    {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        if meetings[id]?.removed.removeValue(forKey: point) != nil { return }
        guard meeting.standings[point]?.place == .waiting else {
            throw meeting.isIn(point) ? .alreadySo : .notInMeeting(point)
        }
        guard meeting.stage == .inSession else { throw .notOpen }
        move(point, to: .hall, in: id, at: now, &actions)
    }

    mutating func moveAside(
        _ point: PointID, to room: SideRoomID, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) throws(Refusal) {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        guard !room.rawValue.isEmpty, room.rawValue.count <= 100 else { throw .badText }
        guard meeting.isIn(point), meeting.standing(of: point).place != .waiting else { throw .notInMeeting(point) }
        guard meeting.standing(of: point).place != .side(room) else { throw .alreadySo }
        let rooms = Set(meeting.standings.values.map(\.place)).union([.side(room)]).subtracting([.hall, .waiting])
        guard rooms.count <= Self.mostSideRooms else { throw .outOfBounds }
        yieldFloor(point, in: id, at: now, &actions)
        move(point, to: .side(room), in: id, at: now, &actions)
        announce(.inSideRoom(room), to: meeting.participants(of: point), &actions)
    }

    static let mostSideRooms = 16

    mutating func recall(_ point: PointID, to id: MeetingID, at now: Moment, _ actions: inout [Action])
        throws(Refusal)
    {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        guard case .side? = meeting.standings[point]?.place else {
            throw meeting.isIn(point) ? .alreadySo : .notInMeeting(point)
        }
        move(point, to: .hall, in: id, at: now, &actions)
        announce(.backInHall, to: meeting.participants(of: point), &actions)
    }
}
