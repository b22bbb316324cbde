/// Going out.
extension Conference {
    /// A participant left without having been asked to.
    mutating func leave(
        _ participant: ParticipantID, _ reason: LeaveReason, at now: Moment, _ actions: inout [Action]
    ) {
        guard let entry = meetingOfParticipant[participant].flatMap({ meetings[$0]?.participants[participant] })
        else { return }
        let isDrop =
            switch reason {
            case .connectionLost, .sessionExpired: true
            case .failed: entry.hasMedia
            case .hungUp: false
            }
        remove(participant, because: reason.rawValue, isDrop ? .dropped : .wentAway, at: now, &actions)
    }

    mutating func disconnect(
        _ participant: ParticipantID, _ reason: DisconnectReason, at now: Moment, _ actions: inout [Action]
    ) {
        guard meetingOfParticipant[participant] != nil else { return }
        actions.append(.disconnect(participant, reason))
        let kind: Departure =
            switch reason {
            case .silent: .dropped
            case .replaced: .replaced
            case .removed, .wrongPIN, .meetingEnded, .shutdown: .wentAway
            // Its seat and what it had of the floor are kept: `suspend` takes it out itself.
            case .restart: .replaced
            }
        remove(participant, because: reason.rawValue, kind, at: now, &actions)
    }

    private enum Departure {
        /// Its place and state are kept, and it is called back.
        case dropped
        /// Its new call has its place.
        case replaced
        /// What it had of the floor is given up.
        case wentAway
    }

    private mutating func remove(
        _ participant: ParticipantID, because reason: String, _ departure: Departure, at now: Moment,
        _ actions: inout [Action]
    ) {
        guard let id = meetingOfParticipant.removeValue(forKey: participant),
            let seat = meetings[id]?.vacate(participant, because: reason, at: now)
        else { return }
        let point = seat.point
        callsOfPoint[point]?.removeAll { $0 == participant }
        if callsOfPoint[point]?.isEmpty == true { callsOfPoint[point] = nil }
        if seat.spoke { log(.speaker(nil, nil), of: id, at: now, &actions) }
        if seat.presented { changePresenter(of: id, to: nil, at: now, &actions) }
        log(.left(participant, point, reason: reason), of: id, at: now, &actions)
        if self.participant(point, in: id) == nil {
            switch departure {
            case .dropped: noteDrop(of: point, in: id, at: now, &actions)
            case .wentAway: vacate(point, in: id, at: now, &actions)
            case .replaced: break
            }
        }
        lingerIfEmpty(id, at: now, &actions)
    }

    private mutating func noteDrop(
        of point: PointID, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id], meeting.phase != .closing, meeting.room.callsBack || meeting.convening != nil,
            intake != .stopped
        else { return }
        log(.dropped(point), of: id, at: now, &actions)
        announce(.dropped(name: meeting.name(of: point)), to: meeting.chairParticipants, &actions)
        dial(point, into: id, attempts: CallPlan.mostAttempts, by: "call-back", at: now, &actions)
    }

    /// A point went: when it comes again, it comes as any other.
    private mutating func vacate(_ point: PointID, in id: MeetingID, at now: Moment, _ actions: inout [Action]) {
        yieldFloor(point, in: id, at: now, &actions)
        meetings[id]?.forgetStanding(of: point)
    }

    /// A meeting in which nobody sits, and into which nobody is being called, waits for a while; a convened one until its
    /// planned end at least.
    mutating func lingerIfEmpty(_ id: MeetingID, at now: Moment, _ actions: inout [Action]) {
        guard meetings[id]?.participants.isEmpty == true, let meeting = meetings[id], !meeting.isCalling,
            meeting.phase == .sitting
        else { return }
        let planned = meeting.convening.map { min(now.wall.duration(until: $0.endsAt), Self.longestWait) }
        let wait = max(meeting.room.linger, planned ?? .zero)
        meetings[id]?.phase = .lingering(until: now.steady + wait)
        log(.empty(closesAfter: wait), of: id, at: now, &actions)
    }

    /// For the points of a convened meeting, whatever its planned end is.
    private static let longestWait = Duration.seconds(12 * 3600)

    mutating func closeWhatIsDue(at now: Moment, _ actions: inout [Action]) {
        let due = meetings.values.compactMap { meeting -> (until: Duration, id: MeetingID)? in
            guard case .lingering(let until) = meeting.phase, until <= now.steady else { return nil }
            return (until, meeting.id)
        }
        for meeting in due.sorted(by: <) { close(meeting.id, .empty, at: now, &actions) }
    }

    mutating func close(_ id: MeetingID, _ cause: CloseCause, at now: Moment, _ actions: inout [Action]) {
        guard let meeting = meetings[id] else { return }
        meetings[id]?.phase = .closing
        var by: String?
        if case .ended(let name) = cause { by = name }
        if meeting.vote != nil { try? closeVote(in: id, by: by, at: now, &actions) }
        endSpeech(of: id, at: now, &actions)
        if case .ended = cause { announce(.meetingEnds, to: meeting.order, &actions) }
        let reason: DisconnectReason = cause == .shutdown ? .shutdown : .meetingEnded
        for participant in meeting.order { disconnect(participant, reason, at: now, &actions) }
        // Who answered now would open the next.
        actions += meeting.called.sorted().map { .stopDialling($0, id) }
        if meeting.recording.orderInForce != nil {
            log(.recordingStopped, of: id, at: now, &actions)
            actions.append(.stopRecording(id))
        }
        log(.closed(cause: cause.name, by: by), of: id, at: now, &actions)
        guard let ended = meetings.removeValue(forKey: id) else { return }
        meetingOfRoom[ended.room.id] = nil
        if let convening = ended.convening { conclude(convening.id) }
        actions.append(.closeMeeting(ended.summary(cause, at: now)))
    }
}

/// Changed where it lies: a copy of a meeting beside it would have its lists copied with each change.
extension Meeting {
    /// A participant leaves. Its point, whether it spoke and whether it presented; nil if it was not in.
    fileprivate mutating func vacate(
        _ participant: ParticipantID, because reason: String, at now: Moment
    ) -> (point: PointID, spoke: Bool, presented: Bool)? {
        guard let point = participants[participant]?.point else { return nil }
        let spoke = speaker == participant
        leave(participant, because: reason, at: now)
        return (point, spoke, presenter == participant)
    }

    /// Of a point that went, only that it was in the hall is remembered.
    fileprivate mutating func forgetStanding(of point: PointID) {
        guard let former = standings.removeValue(forKey: point), former.wasInHall else { return }
        var fresh = standing(of: point)
        fresh.wasInHall = true
        standings[point] = fresh
    }
}
