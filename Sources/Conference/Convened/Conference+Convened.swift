/// Meetings that were called together.
extension Conference {
    /// The wall clock may jump: while a time is waited for, it is looked at this often.
    static let lookAtTheClock = Duration.seconds(60)

    /// The convening whose meeting the next one in a room is; of several the earliest.
    func convening(for room: RoomID) -> Convening? {
        convenings.values.filter { $0.room == room && !isOpen($0.id) }
            .min { ($0.opensAt, $0.id) < ($1.opensAt, $1.id) }
    }

    private func isOpen(_ id: ConveningID) -> Bool { meetings.values.contains { $0.convening?.id == id } }

    mutating func convene(_ convening: Convening, at now: Moment, _ actions: inout [Action]) {
        guard !concluded.contains(convening.id) else { return }
        guard register.room(convening.room) != nil else { return actions.append(.refuseCommand(.noSuchRoom)) }
        convenings[convening.id] = convening
        guard let id = meetings.values.first(where: { $0.convening?.id == convening.id })?.id else { return }
        let former = meetings[id]?.chair
        meetings[id]?.convening = convening
        meetings[id]?.expect(register)
        changeChair(from: former, in: id, &actions)
        if convening.chair == nil, meetings[id]?.hasCalledAll == true {
            beginSession(of: id, by: Self.bySchedule, at: now, &actions)
        }
        // Who was taken off the list goes.
        for participant in meetings[id]?.order ?? [] {
            guard let point = meetings[id]?.participants[participant]?.point, !convening.points.contains(point)
            else { continue }
            disconnect(participant, .removed, at: now, &actions)
        }
    }

    /// Who gives orders that the schedule gave.
    static let bySchedule = "convening"

    private mutating func changeChair(from former: PointID?, in id: MeetingID, _ actions: inout [Action]) {
        guard let meeting = meetings[id], meeting.chair != former, meeting.stage == .inSession else { return }
        if let former { set(meeting.floor.microphones, of: former, in: id, &actions) }
        if let chair = meeting.chair, meeting.isInHall(chair) { set(.open, of: chair, in: id, &actions) }
    }

    /// When, by the steady clock, a meeting is to be opened, or the wall clock looked at again.
    var conveningDeadline: Duration? {
        guard let lastSeen, intake == .open else { return nil }
        return convenings.values.compactMap { convening -> Duration? in
            guard isAwaited(convening) else { return nil }
            let wait = lastSeen.wall.duration(until: convening.opensAt)
            return lastSeen.steady + max(.zero, min(Self.lookAtTheClock, wait))
        }.min()
    }

    /// Its time can come: its room is open, and either free or its own.
    private func isAwaited(_ convening: Convening) -> Bool {
        guard register.room(convening.room)?.door == .open else { return false }
        guard let open = meetingOfRoom[convening.room].flatMap({ meetings[$0] }) else {
            return mayOpen(convening.room) && self.convening(for: convening.room)?.id == convening.id
        }
        return open.convening?.id == convening.id && !open.hasCalledAll
    }

    /// Opens the meetings whose time has come, and calls their points.
    mutating func openConvened(at now: Moment, _ actions: inout [Action]) {
        guard intake == .open else { return }
        let due = convenings.values.filter { $0.opensAt <= now.wall && isAwaited($0) }
            .sorted { ($0.opensAt, $0.id) < ($1.opensAt, $1.id) }
        for convening in due where isAwaited(convening) {
            guard let room = register.room(convening.room) else { continue }
            let id = meetingOfRoom[room.id] ?? openMeeting(in: room, at: now, &actions)
            meetings[id]?.hasCalledAll = true
            guard let meeting = meetings[id] else { continue }
            for point in meeting.roll.filter(\.isExpected).map(\.point)
            where !meeting.isIn(point) && !meeting.beingCalled.contains(point) {
                dial(point, into: id, attempts: CallPlan.mostAttempts, by: Self.bySchedule, at: now, &actions)
            }
            // Nobody is there to open it.
            if convening.chair == nil { beginSession(of: id, by: Self.bySchedule, at: now, &actions) }
            lingerIfEmpty(id, at: now, &actions)
        }
    }

    mutating func conclude(_ id: ConveningID) {
        convenings[id] = nil
        concluded.append(id)
        if concluded.count > 1000 { concluded.removeFirst() }
    }
}
