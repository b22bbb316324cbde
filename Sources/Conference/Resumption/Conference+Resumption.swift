/// Meetings that go on over a restart of the daemon.
extension Conference {
    /// What is to be remembered of the open meetings, should the daemon end now.
    public var memories: [MeetingMemory] {
        meetings.values.lazy.filter { $0.phase != .closing }.map(MeetingMemory.init).sorted { $0.id < $1.id }
    }

    /// Ends a meeting's calls so that it can go on; one that nobody attends and nobody convened is closed.
    mutating func suspend(_ id: MeetingID, at now: Moment, _ actions: inout [Action]) {
        guard let meeting = meetings[id] else { return }
        let memory = MeetingMemory(meeting)
        guard memory.isResumable else { return close(id, .shutdown, at: now, &actions) }
        log(.suspended, of: id, at: now, &actions)
        meetings[id]?.phase = .closing
        meetings[id]?.toCallBack = memory.points.sorted()
        for participant in meeting.order { disconnect(participant, .restart, at: now, &actions) }
        if meeting.recording.orderInForce != nil { actions.append(.stopRecording(id)) }
        guard let suspended = meetings.removeValue(forKey: id) else { return }
        meetingOfRoom[suspended.room.id] = nil
        actions.append(.suspendMeeting(MeetingMemory(suspended)))
    }

    mutating func lose(_ room: RoomID, at now: Moment, _ actions: inout [Action]) {
        for (id, convening) in convenings where convening.room == room { convenings[id] = nil }
        guard let id = meetingOfRoom[room], let meeting = meetings[id] else { return }
        actions.append(.loseMeeting(id))
        meetings[id]?.phase = .closing
        var ends: [Action] = []
        for participant in meeting.order { disconnect(participant, .restart, at: now, &ends) }
        actions += ends.filter { if case .disconnect = $0 { true } else { false } }
        meetings[id] = nil
        meetingOfRoom[room] = nil
    }

    mutating func resume(_ memory: MeetingMemory, since: WallTime, at now: Moment, _ actions: inout [Action]) {
        guard intake == .open, meetings[memory.id] == nil, meetingOfRoom[memory.room] == nil,
            let room = register.room(memory.room)
        else { return actions.append(.refuseCommand(.roomClosed)) }
        var meeting = memory.meeting(in: room, since: since, at: now)
        meeting.expect(register)
        let id = memory.id
        meetings[id] = meeting
        meetingOfRoom[room.id] = id
        recentIDs.append(id)
        if let convening = meeting.convening { convenings[convening.id] = convening }
        let attending = memory.present.keys.filter { participant in
            memory.roll.contains { $0.sittings.contains { $0.participant == participant && $0.entered != nil } }
        }
        actions.append(
            .resumeMeeting(
                MeetingOpening(
                    id: id, room: room.id, title: meeting.title, openedAt: memory.opened,
                    expected: register.expected(in: room, meeting.convening), convening: meeting.convening?.id,
                    convener: meeting.convening?.convener, document: meeting.convening?.document,
                    confidentiality: meeting.convening?.confidentiality ?? .ordinary,
                    microphones: room.microphones), attending: Set(attending)))
        for (participant, point) in memory.present.sorted(by: { $0.key < $1.key }) {
            log(
                .left(participant, point, reason: DisconnectReason.restart.rawValue), of: id,
                at: max(since, memory.opened), &actions)
        }
        log(.resumed(after: since.duration(until: now.wall)), of: id, at: now, &actions)
        switch meeting.recording {
        case .running(let order):
            actions.append(.startRecording(id, order))
            log(.recordingStarted(order), of: id, at: now, &actions)
        case .paused(let order):
            actions += [.startRecording(id, order), .pauseRecording(id)]
        case .notOrdered, .stopped, .failed: break
        }
        if let layout = meeting.layout { actions.append(.setLayout(id, layout, nil)) }
        refreshOverlay(of: id, &actions)
    }

    private func log(_ kind: MeetingEvent.Kind, of meeting: MeetingID, at wall: WallTime, _ actions: inout [Action]) {
        actions.append(.log(MeetingEvent(meeting: meeting, at: wall, kind: kind)))
    }

    /// Who was in is called; telephones come through a gateway, and are not.
    mutating func callBack(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            for point in meetings[id]?.toCallBack ?? [] {
                guard let meeting = meetings[id], let entry = register.point(point), !entry.isTelephone,
                    !meeting.isIn(point), !meeting.beingCalled.contains(point), meeting.removed[point] == nil
                else { continue }
                dial(
                    point, into: id, attempts: CallPlan.mostAttempts, by: DisconnectReason.restart.rawValue, at: now,
                    &actions)
            }
            meetings[id]?.toCallBack = []
            if let meeting = meetings[id], meeting.convening == nil, meeting.participants.isEmpty, meeting.isCalling {
                meetings[id]?.callsBackUntil = now.steady + CallPlan.patienceAfterRestart
            }
            lingerIfEmpty(id, at: now, &actions)
        }
    }

    /// A meeting to which nobody came back does not hold its room for as long as points may ring that neither answer nor refuse, once
    /// and again. Where somebody is in, and in a convened meeting, which waits anyway, points are called as ever.
    mutating func giveUpOnThoseWhoStayAway(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            guard let until = meetings[id]?.callsBackUntil else { continue }
            guard meetings[id]?.participants.isEmpty == true else {
                meetings[id]?.callsBackUntil = nil
                continue
            }
            guard until <= now.steady, let meeting = meetings[id] else { continue }
            meetings[id]?.callsBackUntil = nil
            for (point, plan) in meeting.calls.sorted(by: { $0.key < $1.key })
            where plan.isUnderWay && plan.by == DisconnectReason.restart.rawValue {
                if plan.state == .ringing { actions.append(.stopDialling(point, id)) }
                meetings[id]?.calls[point]?.giveUp("nobody came back")
                log(.notReached(point, reason: "nobody came back"), of: id, at: now, &actions)
            }
            lingerIfEmpty(id, at: now, &actions)
        }
    }
}
