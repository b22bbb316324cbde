/// Microphones, raised hands, and the word.
extension Conference {
    /// Sets a point's microphone where it is now. Whether this was news.
    @discardableResult
    mutating func set(
        _ microphone: Microphone, of point: PointID, in id: MeetingID, _ actions: inout [Action]
    ) -> Bool {
        guard let meeting = meetings[id] else { return false }
        var standing = meeting.standing(of: point)
        guard standing.microphone != microphone else { return false }
        standing.microphone = microphone
        meetings[id]?.standings[point] = standing
        let participants = meeting.participants(of: point)
        for participant in participants {
            if let placement = placement(of: participant) {
                actions.append(.setMicrophone(participant, placement.microphone))
            }
        }
        announce(microphone == .open ? .microphoneOpened : .microphoneMuted, to: participants, &actions)
        return true
    }

    mutating func setAll(_ microphone: Microphone, in id: MeetingID, _ actions: inout [Action]) {
        guard let meeting = meetings[id] else { return }
        meetings[id]?.floor.microphones = microphone
        for (point, standing) in meeting.standings.sorted(by: { $0.key < $1.key }) {
            guard point != meeting.chair, point != meeting.floor.speech?.point else { continue }
            if standing.place == .hall {
                set(microphone, of: point, in: id, &actions)
            } else {
                meetings[id]?.standings[point]?.microphoneInHall = microphone
            }
        }
    }

    /// A point mutes itself, or opens its microphone where that is allowed.
    mutating func setOwnMicrophone(
        of participant: ParticipantID, _ microphone: Microphone, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfParticipant[participant], let meeting = meetings[id],
            let point = meeting.participants[participant]?.point, meeting.place(of: participant) != .waiting
        else { return }
        let isInHall = meeting.place(of: participant) == .hall
        let mayOpen =
            !isInHall || meeting.floor.mayUnmuteThemselves || point == meeting.chair
            || point == meeting.floor.speech?.point
        guard microphone == .muted || mayOpen else { return announce(.notAllowed, to: [participant], &actions) }
        guard set(microphone, of: point, in: id, &actions) else { return }
        log(.ownMicrophone(point, microphone), of: id, at: now, &actions)
    }

    mutating func setHand(
        of participant: ParticipantID, raised: Bool, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfParticipant[participant], let meeting = meetings[id],
            let point = meeting.participants[participant]?.point
        else { return }
        guard !raised || meeting.place(of: participant) == .hall && meeting.floor.speech?.point != point else {
            return announce(.notAllowed, to: [participant], &actions)
        }
        let isNews =
            raised
            ? meetings[id]?.floor.raise(point, at: now.wall) == true : meetings[id]?.floor.lower(point) == true
        guard isNews else { return }
        log(.hand(participant, point, isRaised: raised), of: id, at: now, &actions)
        let place = meetings[id]?.floor.place(of: point)
        announce(place.map { .handRaised(place: $0) } ?? .handLowered, to: [participant], &actions)
    }

    /// - Parameter limit: where none is given, it is what the agenda plans for this point.
    /// - Returns: the limit that it has.
    mutating func giveWord(
        to point: PointID, limit: Duration?, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) throws(Refusal) -> Duration? {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        if let limit, limit <= .zero || limit > Speech.longest { throw .outOfBounds }
        guard meeting.isInHall(point) else { throw .notInMeeting(point) }
        if meeting.floor.speech != nil, meeting.floor.speech?.point != point {
            endSpeech(of: id, at: now, &actions)
        }
        let item = meetings[id]?.floor.takeUp(meeting.convening?.agenda ?? [], by: point)
        let limit = limit ?? item?.time.flatMap { $0 > .zero ? min($0, Speech.longest) : nil }
        _ = meetings[id]?.floor.lower(point)
        meetings[id]?.floor.speech = Speech(point, at: now, limit: limit)
        meetings[id]?.timeWarning = nil
        meetings[id]?.result = nil
        set(.open, of: point, in: id, &actions)
        setSpotlight(point, in: id, &actions)
        announce(.yourTurn(limit: limit), to: meeting.participants(of: point), &actions)
        refreshOverlay(of: id, &actions)
        return limit
    }

    /// Ends the word that somebody has, if anybody: its microphone is as everybody's again.
    mutating func endSpeech(of id: MeetingID, at now: Moment, _ actions: inout [Action]) {
        guard let meeting = meetings[id], let speech = meeting.floor.speech else { return }
        meetings[id]?.floor.speech = nil
        meetings[id]?.timeWarning = nil
        log(.wordEnded(speech.point, lasted: now.steady - speech.began.steady), of: id, at: now, &actions)
        if speech.point != meeting.chair { set(meeting.floor.microphones, of: speech.point, in: id, &actions) }
        if meeting.floor.spotlight == speech.point { setSpotlight(nil, in: id, &actions) }
        announce(.turnOver, to: meeting.participants(of: speech.point), &actions)
        refreshOverlay(of: id, &actions)
    }

    mutating func setSpotlight(_ point: PointID?, in id: MeetingID, _ actions: inout [Action]) {
        guard let meeting = meetings[id] else { return }
        meetings[id]?.floor.spotlight = point
        let participant = point.flatMap { point in
            meeting.participants(of: point).first { meeting.place(of: $0) == .hall }
        }
        actions.append(.spotlight(id, participant))
    }

    /// A point leaves the floor for good: its hand goes down, its word ends, nobody has to look at it.
    mutating func yieldFloor(_ point: PointID, in id: MeetingID, at now: Moment, _ actions: inout [Action]) {
        if meetings[id]?.floor.speech?.point == point { endSpeech(of: id, at: now, &actions) }
        if meetings[id]?.floor.spotlight == point { setSpotlight(nil, in: id, &actions) }
        _ = meetings[id]?.floor.lower(point)
    }

    mutating func warnSpeakers(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            guard let speech = meetings[id]?.floor.speech, let deadline = speech.deadline, deadline <= now.steady,
                let warning = meetings[id]?.floor.speech?.warning(at: now.steady), let meeting = meetings[id]
            else { continue }
            log(.speakingTime(speech.point, warning), of: id, at: now, &actions)
            var left = Duration.zero
            if case .left(let remaining) = warning { left = remaining }
            var heard = meeting.participants(of: speech.point)
            heard += meeting.chairParticipants.filter { !heard.contains($0) }
            announce(left == .zero ? .timeOver : .timeLeft(left), to: heard, &actions)
            meetings[id]?.timeWarning = .speakingTime(name: meeting.name(of: speech.point), left: left)
            refreshOverlay(of: id, &actions)
        }
    }

    /// What is on everybody's picture: an open vote before the speaking time, that before a result, and that before the
    /// chair's message.
    mutating func refreshOverlay(of id: MeetingID, _ actions: inout [Action]) {
        guard let meeting = meetings[id] else { return }
        let overlay =
            meeting.vote.map { Overlay.vote($0.visibleTally) } ?? meeting.timeWarning
            ?? meeting.result.map { Overlay.vote($0) } ?? meeting.message.map { Overlay.message($0) }
        guard overlay != meeting.overlay else { return }
        meetings[id]?.overlay = overlay
        actions.append(.overlay(id, overlay))
    }
}
