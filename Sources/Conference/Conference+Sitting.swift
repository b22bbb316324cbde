/// While a meeting lasts.
extension Conference {
    mutating func noteMedia(of participant: ParticipantID, at now: Moment, _ actions: inout [Action]) {
        guard let id = meetingOfParticipant[participant], let point = meetings[id]?.participants[participant]?.point,
            meetings[id]?.sawMedia(of: participant, at: now.wall) == true
        else { return }
        log(.mediaEstablished(participant, point), of: id, at: now, &actions)
    }

    mutating func noteSeen(
        _ kind: MediaKind, of participant: ParticipantID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfParticipant[participant] else { return }
        _ = meetings[id]?.saw(kind, of: participant, at: now.wall)
    }

    mutating func changeSpeaker(
        of id: MeetingID, to speaker: ParticipantID?, at now: Moment, _ actions: inout [Action]
    ) {
        guard meetings[id] != nil, meetings[id]?.speaker != speaker else { return }
        let point = speaker.flatMap { meetings[id]?.participants[$0]?.point }
        // The media plane may name a leg that left while its word was on the way.
        guard speaker == nil || point != nil else { return }
        meetings[id]?.setSpeaker(speaker, at: now)
        log(.speaker(speaker, point), of: id, at: now, &actions)
    }

    mutating func changePresenter(
        of id: MeetingID, to presenter: ParticipantID?, at now: Moment, _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id], meeting.presenter != presenter else { return }
        // The media plane may name a leg that left while its word was on the way.
        if let presenter, meeting.participants[presenter] == nil { return }
        meetings[id]?.presenter = presenter
        log(.presenter(presenter, presenter.flatMap { meeting.participants[$0]?.point }), of: id, at: now, &actions)
    }

    /// Only those who sit in a meeting write to it.
    mutating func take(
        _ text: String, from point: PointID, to room: RoomID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfRoom[room], let writer = participant(point, in: id) else {
            let isRoom = register.room(room) != nil
            let reason = isRoom ? "The point is not in this meeting" : "No such room"
            return actions.append(.refuseMessage(code: isRoom ? 403 : 404, reason: reason))
        }
        guard meetings[id]?.place(of: writer) != .waiting else {
            return actions.append(.refuseMessage(code: 403, reason: "The point waits to be let in"))
        }
        guard meetings[id]?.mayWrite(writer, at: now) == true else {
            return actions.append(.refuseMessage(code: 480, reason: "Too many messages; wait a little"))
        }
        log(.message(point, text: text), of: id, at: now, &actions)
        actions.append(.relay(id, from: point, text: text))
    }

    mutating func reconfigure(_ register: Register) {
        self.register = register
        for (id, meeting) in meetings {
            guard let room = register.room(meeting.room.id) else { continue }
            meetings[id]?.room = room
            meetings[id]?.expect(register)
        }
    }

    mutating func doWhatIsDue(at now: Moment, _ actions: inout [Action]) {
        closeWhatIsDue(at: now, &actions)
        warnSpeakers(at: now, &actions)
        closeVotes(at: now, &actions)
        giveUpPINs(at: now, &actions)
        giveUpOnThoseWhoStayAway(at: now, &actions)
        callAgain(at: now, &actions)
        openConvened(at: now, &actions)
        warnOfEnds(at: now, &actions)
    }
}
