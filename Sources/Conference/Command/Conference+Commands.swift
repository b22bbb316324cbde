/// Orders.
extension Conference {
    static let longestText = 500

    /// An order is carried out whole, and written down, or refused.
    mutating func carryOut(
        _ command: Command, in id: MeetingID, by officer: Officer, at now: Moment, _ actions: inout [Action]
    ) {
        do throws(Refusal) {
            guard let meeting = meetings[id] else { throw .noSuchMeeting }
            guard officer.authority.may(command), officer.leads(meeting) else { throw .notAllowed }
            guard meeting.stage == .inSession || command.isForRehearsals else { throw .notOpen }
            if let deed = try obey(command, in: id, by: officer.name, at: now, &actions) {
                log(.ordered(deed, by: officer.name), of: id, at: now, &actions)
            }
        } catch {
            actions.append(.refuseCommand(error))
        }
    }

    /// - Returns: what is written down, where that is not done already.
    private mutating func obey(
        _ command: Command, in id: MeetingID, by: String, at now: Moment, _ actions: inout [Action]
    ) throws(Refusal) -> Deed? {
        switch command {
        case .open:
            guard meetings[id]?.stage == .rehearsal else { throw .alreadySo }
            beginSession(of: id, by: by, at: now, &actions)
            return nil
        case .close:
            close(id, .ended(by: by), at: now, &actions)
            return nil
        case .lock(let isLocked):
            try setLock(isLocked, of: id, at: now, &actions)
            return .locked(isLocked)
        case .admit(let point):
            try letIn(point, to: id, at: now, &actions)
            return .admitted(point)
        case .remove(let point, let reason):
            try remove(point, from: id, try text(reason), at: now, &actions)
            return .removed(point, reason: reason)
        case .setMicrophone(let point, let microphone):
            guard meetings[id]?.isIn(point) == true else { throw .notInMeeting(point) }
            guard set(microphone, of: point, in: id, &actions) else { throw .alreadySo }
            return .microphone(point, microphone)
        case .setAllMicrophones(let microphone):
            setAll(microphone, in: id, &actions)
            return .allMicrophones(microphone)
        case .letPointsUnmute(let may):
            guard meetings[id]?.floor.mayUnmuteThemselves != may else { throw .alreadySo }
            meetings[id]?.floor.mayUnmuteThemselves = may
            return .pointsMayUnmute(may)
        case .giveWord(let point, let limit):
            return .gaveWord(point, limit: try giveWord(to: point, limit: limit, in: id, at: now, &actions))
        case .takeWord:
            guard let speech = meetings[id]?.floor.speech else { throw .alreadySo }
            endSpeech(of: id, at: now, &actions)
            return .tookWord(speech.point)
        case .spotlight(let point):
            if let point, meetings[id]?.isInHall(point) != true { throw .notInMeeting(point) }
            guard meetings[id]?.floor.spotlight != point else { throw .alreadySo }
            setSpotlight(point, in: id, &actions)
            return .spotlight(point)
        case .lowerHand(let point):
            guard meetings[id]?.floor.lower(point) == true else { throw .alreadySo }
            announce(.handLowered, to: meetings[id]?.participants(of: point) ?? [], &actions)
            return .loweredHand(point)
        case .moveAside(let point, let room):
            try moveAside(point, to: room, in: id, at: now, &actions)
            return .movedAside(point, room)
        case .recall(let point):
            try recall(point, to: id, at: now, &actions)
            return .recalled(point)
        case .startRecording(let document, let reason):
            try startRecording(id, by: by, document: document, reason: try text(reason), at: now, &actions)
            return nil
        case .pauseRecording(let reason):
            let reason = try text(reason)
            try pauseRecording(id, &actions)
            return .pausedRecording(reason: reason)
        case .resumeRecording(let reason):
            let reason = try text(reason)
            try resumeRecording(id, &actions)
            return .resumedRecording(reason: reason)
        case .stopRecording(let reason):
            let reason = try text(reason)
            try stopRecording(id, at: now, &actions)
            return .stoppedRecording(reason: reason)
        case .showMessage(let message):
            let message = try message.map { text throws(Refusal) in try self.text(text) }
            // What stands may be a vote's result, which goes as well.
            guard meetings[id]?.message != message || meetings[id]?.result != nil else { throw .alreadySo }
            meetings[id]?.message = message
            meetings[id]?.result = nil
            refreshOverlay(of: id, &actions)
            return .message(message)
        case .openVote(let proposal):
            return .openedVote(number: try openVote(proposal, in: id, at: now, &actions), proposal)
        case .closeVote:
            try closeVote(in: id, by: by, at: now, &actions)
            return nil
        case .setLayout(let layout, let point):
            try set(layout, of: point, in: id, &actions)
            return .layout(layout, point)
        case .arrange(let points, let point):
            try arrange(points, for: point, in: id, &actions)
            return .arranged(points, point)
        case .excuse(let point, let reason):
            let reason = try text(reason)
            guard meetings[id]?.excuse(point, because: reason) == true else { throw .notInvited([point]) }
            return .excused(point, reason: reason)
        }
    }

    func text(_ text: String) throws(Refusal) -> String {
        guard !text.isEmpty, text.count <= Self.longestText, text.utf8.count <= 4 * Self.longestText,
            text.contains(where: { !$0.isWhitespace })
        else { throw .badText }
        return text
    }

    private mutating func set(
        _ layout: Layout, of point: PointID?, in id: MeetingID, _ actions: inout [Action]
    ) throws(Refusal) {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        guard let point else {
            guard meeting.layout != layout || meeting.standings.values.contains(where: { $0.layout != nil }) else {
                throw .alreadySo
            }
            meetings[id]?.layout = layout
            for point in meeting.standings.keys { meetings[id]?.standings[point]?.layout = nil }
            return actions.append(.setLayout(id, layout, nil))
        }
        guard meeting.isIn(point) else { throw .notInMeeting(point) }
        var standing = meeting.standing(of: point)
        guard standing.layout != layout else { throw .alreadySo }
        standing.layout = layout
        meetings[id]?.standings[point] = standing
        for participant in meeting.participants(of: point) { actions.append(.setLayout(id, layout, participant)) }
    }

    /// Points that the chair can choose at most: as many as a picture has tiles.
    static let mostChosen = 25

    /// Whom the chair chose, for all or for one, which is seen at once.
    private mutating func arrange(
        _ points: [PointID], for point: PointID?, in id: MeetingID, _ actions: inout [Action]
    ) throws(Refusal) {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        guard (1...Self.mostChosen).contains(points.count), Set(points).count == points.count else {
            throw .outOfBounds
        }
        let unknown = points.filter { !meeting.isOnRoll($0) }
        guard unknown.isEmpty else { throw .notInvited(unknown) }
        guard let point else {
            let isSo =
                meeting.layout == .chair && meeting.chosen == points
                && !meeting.standings.values.contains { $0.layout != nil }
            guard !isSo else { throw .alreadySo }
            meetings[id]?.chosen = points
            meetings[id]?.layout = .chair
            for point in meeting.standings.keys { meetings[id]?.standings[point]?.layout = nil }
            return actions.append(.setLayout(id, .chair, nil))
        }
        guard meeting.isIn(point) else { throw .notInMeeting(point) }
        var standing = meeting.standing(of: point)
        guard standing.layout != .chair || standing.chosen != points else { throw .alreadySo }
        standing.layout = .chair
        standing.chosen = points
        meetings[id]?.standings[point] = standing
        for participant in meeting.participants(of: point) { actions.append(.setLayout(id, .chair, participant)) }
    }

    /// Sends a point away; it may not come again unless the chair admits it.
    private mutating func remove(
        _ point: PointID, from id: MeetingID, _ reason: String, at now: Moment, _ actions: inout [Action]
    ) throws(Refusal) {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        guard meeting.isIn(point), point != meeting.chair else {
            throw point == meeting.chair ? .notAllowed : .notInMeeting(point)
        }
        announce(.removed(reason: reason), to: meeting.participants(of: point), &actions)
        meetings[id]?.removed[point] = reason
        for participant in meeting.participants(of: point) { disconnect(participant, .removed, at: now, &actions) }
        meetings[id]?.standings[point] = nil
    }
}

extension Conference.Command {
    /// May be ordered before the meeting is in session.
    fileprivate var isForRehearsals: Bool {
        switch self {
        case .open, .close, .lock, .remove, .setMicrophone, .setLayout, .arrange, .excuse, .admit: true
        default: false
        }
    }
}
