/// What keys at a point ask for.
extension Conference {
    mutating func press(_ key: Character, by participant: ParticipantID, at now: Moment, _ actions: inout [Action]) {
        guard let id = meetingOfParticipant[participant], let meeting = meetings[id],
            var entry = meeting.participants[participant]
        else { return }
        let canVote = meeting.vote != nil && meeting.place(of: participant) == .hall
        let outcome = entry.keys.press(
            key, at: now.steady, expecting: entry.pin != nil ? .pin : canVote ? .ballot : .nothing)
        meetings[id]?.update(participant) { $0.keys = entry.keys }
        switch outcome {
        case nil: break
        case .hand:
            setHand(of: participant, raised: meeting.floor.isRaised(entry.point) == nil, at: now, &actions)
        case .ownMicrophone:
            let isOpen = meeting.standing(of: entry.point).microphone == .open
            setOwnMicrophone(of: participant, isOpen ? .muted : .open, at: now, &actions)
        case .ballot(let ballot): cast(ballot, by: participant, at: now, &actions)
        case .chair(let key): obey(key, pressedBy: participant, entry.point, in: id, at: now, &actions)
        case .pin(let pin): take(pin, from: participant, in: id, at: now, &actions)
        case .unknown: announce(.unknownKey, to: [participant], &actions)
        }
    }

    /// An order by keys; what comes of it is said to whoever pressed them.
    private mutating func obey(
        _ key: ChairKey, pressedBy participant: ParticipantID, _ point: PointID, in id: MeetingID, at now: Moment,
        _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id] else { return }
        guard point == meeting.chair else { return announce(.notAllowed, to: [participant], &actions) }
        let command: Command
        switch key {
        case .open: command = .open
        case .muteAll: command = .setAllMicrophones(.muted)
        case .nextSpeaker:
            guard let next = meeting.floor.queue.first(where: { meeting.isInHall($0.point) }) else {
                return announce(.notAllowed, to: [participant], &actions)
            }
            command = .giveWord(next.point, limit: nil)
        case .takeWord: command = .takeWord
        case .lock: command = .lock(true)
        case .unlock: command = .lock(false)
        case .roll:
            let expected = meeting.roll.filter(\.isExpected)
            // Before the opening it is asked whether it can be opened.
            let present = expected.count {
                meeting.stage == .inSession ? meeting.attends($0.point) : meeting.isReady($0.point)
            }
            return announce(.present(count: present, of: expected.count), to: [participant], &actions)
        case .record:
            let isPaused = if case .paused = meeting.recording { true } else { false }
            command =
                isPaused
                ? .resumeRecording(reason: Self.byKeys) : .startRecording(document: "", reason: Self.byKeys)
        case .pauseRecording: command = .pauseRecording(reason: Self.byKeys)
        case .close: command = .close
        }
        var outcome: [Action] = []
        carryOut(command, in: id, by: Officer(at: point), at: now, &outcome)
        for action in outcome {
            if case .refuseCommand = action {
                announce(.notAllowed, to: [participant], &actions)
            } else {
                actions.append(action)
            }
        }
    }

    /// The reason of an order that was given by keys.
    static let byKeys = "bấm phím tại điểm cầu"

    private mutating func take(
        _ pin: String, from participant: ParticipantID, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let meeting = meetings[id], let entry = meeting.participants[participant], var asked = entry.pin
        else { return }
        // A room that asks for none any more takes any.
        guard let wanted = meeting.room.pin, !Self.isEqual(pin, wanted) else {
            meetings[id]?.update(participant) { $0.pin = nil }
            return comeIn(participant, entry.point, in: id, at: now, &actions)
        }
        log(.pinRefused(participant, entry.point), of: id, at: now, &actions)
        asked.attemptsLeft -= 1
        guard asked.attemptsLeft > 0 else { return disconnect(participant, .wrongPIN, at: now, &actions) }
        meetings[id]?.update(participant) { $0.pin = asked }
        announce(.wrongPIN, to: [participant], &actions)
    }

    private mutating func comeIn(
        _ participant: ParticipantID, _ point: PointID, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let placement = placement(of: participant) else { return }
        switch placement.place {
        case .waiting: return keepWaiting(participant, point, in: id, at: now, &actions)
        case .hall, .side:
            actions.append(.move(participant, to: placement.place))
            actions.append(.setMicrophone(participant, placement.microphone))
            noteEntry(of: participant, point, in: id, at: now, &actions)
            if placement.place == .hall { welcome(participant, point, in: id, at: now, &actions) }
        }
    }

    /// Takes as long whatever the digits are.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    mutating func giveUpPINs(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            for participant in meetings[id]?.order ?? [] {
                guard let until = meetings[id]?.participants[participant]?.pin?.until, until <= now.steady
                else { continue }
                disconnect(participant, .wrongPIN, at: now, &actions)
            }
        }
    }
}
