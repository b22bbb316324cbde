/// Coming in.
extension Conference {
    private enum Verdict {
        case welcome(Point, Room, MeetingID?)
        case refused(code: UInt16, reason: String)
    }

    /// Whether a point may ever come into a room as things are: by the list of the meeting that is on or about to be, or
    /// by the room's.
    func admits(_ point: PointID, to room: Room) -> Bool {
        if let open = meetingOfRoom[room.id].flatMap({ meetings[$0] }) { return open.admits(point) }
        if let convening = convening(for: room.id) { return convening.points.contains(point) }
        return room.admits.admits(point)
    }

    private func judge(_ point: PointID, _ room: RoomID, _ origin: TrunkOrigin?) -> Verdict {
        guard let room = register.room(room) else { return .refused(code: 404, reason: "No such room") }
        let open = meetingOfRoom[room.id].flatMap { meetings[$0] }
        if intake == .stopped { return .refused(code: 503, reason: "The bridge is shutting down") }
        guard let point = register.point(point) else {
            return .refused(code: 403, reason: "The point is not in the register")
        }
        if !admits(point.id, to: room) {
            return .refused(code: 403, reason: "The point is not invited to this room")
        }
        if open?.removed[point.id] != nil {
            return .refused(code: 403, reason: "The chair removed the point from this meeting")
        }
        if room.door == .closed { return .refused(code: 480, reason: "The room is closed") }
        if open == nil, !mayOpen(room.id) {
            return .refused(code: 503, reason: "Another bridge has the room")
        }
        if open == nil, intake == .draining {
            return .refused(code: 503, reason: "The bridge takes no new meetings")
        }
        if let open {
            let gives = callsToReplace(of: point, from: origin).count { meetingOfParticipant[$0] == open.id }
            if open.participants.count - gives >= room.maximumParticipants {
                return .refused(code: 486, reason: "The room is full")
            }
        } else if room.maximumParticipants < 1 {
            return .refused(code: 486, reason: "The room is full")
        }
        return .welcome(point, room, open?.id)
    }

    /// The calls, oldest first, that end so that one more of `point` can begin. What a trunk brings again takes its own place.
    private func callsToReplace(of point: Point, from origin: TrunkOrigin?) -> [ParticipantID] {
        let calls = callsOfPoint[point.id] ?? []
        let same = origin.map(projections(of:)) ?? []
        let others = calls.filter { !same.contains($0) }
        return same + others.prefix(max(0, others.count + 1 - max(1, point.maximumCalls)))
    }

    mutating func arrive(
        _ participant: ParticipantID, _ pointID: PointID, _ roomID: RoomID, from origin: TrunkOrigin? = nil,
        at now: Moment, _ actions: inout [Action]
    ) {
        guard meetingOfParticipant[participant] == nil else { return }
        switch judge(pointID, roomID, origin) {
        case .refused(let code, let reason):
            actions.append(.refuse(participant, code: code, reason: reason))
            if let meeting = meetingOfRoom[roomID] {
                log(.refused(pointID, code: code, reason: reason), of: meeting, at: now, &actions)
                if meetings[meeting]?.calls[pointID]?.isUnderWay == true {
                    meetings[meeting]?.calls[pointID]?.wasRefused(reason)
                    lingerIfEmpty(meeting, at: now, &actions)
                }
            }
        case .welcome(let point, let room, let open):
            let meeting = open ?? openMeeting(in: room, at: now, &actions)
            let replaced = callsToReplace(of: point, from: origin)
            seat(participant, point, from: origin, in: meeting, at: now, &actions)
            for call in replaced { disconnect(call, .replaced, at: now, &actions) }
        }
    }

    mutating func openMeeting(in room: Room, at now: Moment, _ actions: inout [Action]) -> MeetingID {
        let id = freshID(for: room.id, at: now.wall)
        let convening = convening(for: room.id)
        var meeting = Meeting(id: id, room: room, convening: convening, at: now)
        meeting.expect(register)
        meetingOfRoom[room.id] = id
        actions.append(
            .openMeeting(
                MeetingOpening(
                    id: id, room: room.id, title: meeting.title, openedAt: now.wall,
                    expected: register.expected(in: room, convening), convening: convening?.id,
                    convener: convening?.convener, document: convening?.document,
                    confidentiality: convening?.confidentiality ?? .ordinary, microphones: room.microphones)))
        meetings[id] = meeting
        log(.opened(room: room.id, title: meeting.title), of: id, at: now, &actions)
        if meeting.stage == .inSession { recordByStandingOrder(id, at: now, &actions) }
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
        _ participant: ParticipantID, _ point: Point, from origin: TrunkOrigin?, in id: MeetingID, at now: Moment,
        _ actions: inout [Action]
    ) {
        let unitName = point.unit.flatMap(register.unit)?.name
        guard let admission = meetings[id]?.seat(participant, point, unitName: unitName, from: origin, at: now) else {
            return
        }
        meetingOfParticipant[participant] = id
        callsOfPoint[point.id, default: []].append(participant)
        actions.append(.admit(participant, admission))
        log(
            .joined(
                participant, point.id, name: point.name, unitName: unitName,
                isReconnection: admission.isReconnection), of: id, at: now, &actions)
        switch admission.place {
        case .hall: welcome(participant, point.id, in: id, at: now, &actions)
        case .waiting: keepWaiting(participant, point.id, in: id, at: now, &actions)
        case .side: noteEntry(of: participant, point.id, in: id, at: now, &actions)
        }
    }
}

extension Meeting {
    /// Gives a participant its place, and says how it comes in.
    fileprivate mutating func seat(
        _ participant: ParticipantID, _ point: Conference.Point, unitName: String?, from origin: TrunkOrigin?,
        at now: Moment
    ) -> Conference.Admission {
        let isReconnection = hasSeen(point.id)
        var standing = standing(of: point.id)
        if stage == .rehearsal {
            standing.place = .waiting
            standing.microphone = .muted
        } else if isLocked, !standing.wasInHall, point.id != chair {
            standing.place = .waiting
        }
        standings[point.id] = standing
        join(participant, point, unitName: unitName, at: now.wall)
        if let origin { update(participant) { $0.origin = origin } }
        if point.isTelephone, room.pin != nil {
            update(participant) { $0.pin = .init(until: now.steady + PINEntry.patience) }
        }
        return Conference.Admission(
            meeting: id, room: room.id, point: point.id, name: point.name, unit: point.unit, unitName: unitName,
            isReconnection: isReconnection, isRecorded: isRecording, place: place(of: participant) ?? .waiting)
    }

    /// A point is in the hall. Whether it is there for the first time.
    mutating func enterHall(_ point: PointID) -> Bool {
        let isFirst = standings[point]?.wasInHall != true
        if isFirst {
            var standing = standing(of: point)
            standing.wasInHall = true
            standings[point] = standing
        }
        vote?.note(point)
        return isFirst
    }
}
