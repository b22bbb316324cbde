/// Calling points.
extension Conference {
    mutating func call(
        _ points: [PointID]?, into id: RoomID, by: String, at now: Moment, _ actions: inout [Action]
    ) {
        guard let room = register.room(id) else { return actions.append(.refuseCommand(.noSuchRoom)) }
        let open = meetingOfRoom[id]
        guard room.door == .open, open != nil || intake == .open && mayOpen(id), intake != .stopped else {
            return actions.append(.refuseCommand(.roomClosed))
        }
        let convening = open.map { meetings[$0]?.convening } ?? convening(for: id)
        let wanted = points ?? register.expected(in: room, convening).map(\.id)
        let strangers = wanted.filter { register.point($0) == nil || !admits($0, to: room) }
        guard strangers.isEmpty else { return actions.append(.refuseCommand(.notInvited(strangers))) }
        let meeting = open.flatMap { meetings[$0] }
        let present = Set(meeting?.participants.values.map(\.point) ?? []).union(meeting?.beingCalled ?? [])
        var missing: [PointID] = []
        for point in wanted
        where !present.contains(point) && !missing.contains(point) && meeting?.removed[point] == nil {
            missing.append(point)
        }
        guard !missing.isEmpty else { return actions.append(.refuseCommand(.nobodyToCall)) }
        let called = open ?? openMeeting(in: room, at: now, &actions)
        for point in missing { dial(point, into: called, attempts: 1, by: by, at: now, &actions) }
    }

    /// Begins to call a point; up to so many times.
    mutating func dial(
        _ point: PointID, into id: MeetingID, attempts: Int, by: String, at now: Moment, _ actions: inout [Action]
    ) {
        meetings[id]?.calls[point] = CallPlan(attemptsAllowed: attempts, by: by)
        meetings[id]?.phase = .sitting
        actions.append(.dial(point, id))
        log(.called(point, by: by), of: id, at: now, &actions)
    }

    mutating func noteNotReached(
        _ point: PointID, _ room: RoomID, _ reason: String, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfRoom[room], let plan = meetings[id]?.calls[point], plan.state == .ringing else {
            return
        }
        meetings[id]?.calls[point]?.failed(reason, at: now.steady)
        log(.notReached(point, reason: reason), of: id, at: now, &actions)
        lingerIfEmpty(id, at: now, &actions)
    }

    /// Who registers while the bridge waits to call it again is called at once.
    mutating func callReachable(_ point: PointID, at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            guard let meeting = meetings[id], let plan = meeting.calls[point], plan.deadline != nil,
                !meeting.isIn(point)
            else { continue }
            meetings[id]?.calls[point]?.tryAgain()
            actions.append(.dial(point, id))
            log(.called(point, by: plan.by), of: id, at: now, &actions)
        }
    }

    /// Points that the bridge waits to call again.
    public var awaitedPoints: Set<PointID> {
        var awaited: Set<PointID> = []
        for meeting in meetings.values where meeting.waitsToCall {
            awaited.formUnion(meeting.calls.lazy.filter { $0.value.deadline != nil }.map(\.key))
        }
        return awaited
    }

    /// Calls again where it is time to.
    mutating func callAgain(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            guard let meeting = meetings[id] else { continue }
            for (point, plan) in meeting.calls.sorted(by: { $0.key < $1.key }) {
                guard let deadline = plan.deadline, deadline <= now.steady else { continue }
                guard !meeting.isIn(point) else {
                    meetings[id]?.calls[point]?.answered()
                    continue
                }
                meetings[id]?.calls[point]?.tryAgain()
                actions.append(.dial(point, id))
                log(.called(point, by: plan.by), of: id, at: now, &actions)
            }
        }
    }
}
