/// Recording, by order only.
extension Conference {
    /// Records where the convening or the room orders it.
    mutating func recordByStandingOrder(_ id: MeetingID, at now: Moment, _ actions: inout [Action]) {
        guard let meeting = meetings[id] else { return }
        let confidentiality = meeting.convening?.confidentiality ?? .ordinary
        guard confidentiality.allowsRecording else { return }
        let standing = confidentiality.isStateSecret ? nil : meeting.room.standingOrder
        guard let order = meeting.convening?.recordingOrder ?? standing else { return }
        record(id, under: order, at: now, &actions)
    }

    private mutating func record(
        _ id: MeetingID, under order: RecordingOrder, at now: Moment, _ actions: inout [Action]
    ) {
        meetings[id]?.recording = .running(order)
        actions.append(.startRecording(id, order))
        log(.recordingStarted(order), of: id, at: now, &actions)
        announce(.recordingOn, to: meetings[id]?.everybodyInHall ?? [], &actions)
    }

    mutating func startRecording(
        _ id: MeetingID, by: String, document: String, reason: String, at now: Moment, _ actions: inout [Action]
    ) throws(Refusal) {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        guard meeting.convening?.confidentiality.allowsRecording != false else { throw .tooSecretToRecord }
        guard document.count <= Self.longestText else { throw .badText }
        switch meeting.recording {
        case .running, .paused: throw .alreadySo
        case .failed: throw .recordingFailed
        case .notOrdered, .stopped: break
        }
        log(.ordered(.startedRecording(reason: reason), by: by), of: id, at: now, &actions)
        record(id, under: RecordingOrder(orderedBy: by, document: document), at: now, &actions)
    }

    mutating func pauseRecording(_ id: MeetingID, _ actions: inout [Action]) throws(Refusal) {
        guard let recording = meetings[id]?.recording, let order = recording.orderInForce else { throw .notRecording }
        if case .paused = recording { throw .alreadySo }
        meetings[id]?.recording = .paused(order)
        actions.append(.pauseRecording(id))
        announce(.recordingPaused, to: meetings[id]?.everybodyInHall ?? [], &actions)
    }

    mutating func resumeRecording(_ id: MeetingID, _ actions: inout [Action]) throws(Refusal) {
        guard let recording = meetings[id]?.recording, let order = recording.orderInForce else { throw .notRecording }
        if case .running = recording { throw .alreadySo }
        meetings[id]?.recording = .running(order)
        actions.append(.resumeRecording(id))
        announce(.recordingOn, to: meetings[id]?.everybodyInHall ?? [], &actions)
    }

    mutating func stopRecording(_ id: MeetingID, at now: Moment, _ actions: inout [Action]) throws(Refusal) {
        guard let order = meetings[id]?.recording.orderInForce else { throw .notRecording }
        meetings[id]?.recording = .stopped(order)
        log(.recordingStopped, of: id, at: now, &actions)
        actions.append(.stopRecording(id))
        announce(.recordingOff, to: meetings[id]?.everybodyInHall ?? [], &actions)
    }

    mutating func failRecording(of id: MeetingID, _ text: String, at now: Moment, _ actions: inout [Action]) {
        guard let order = meetings[id]?.recording.orderInForce else { return }
        meetings[id]?.recording = .failed(order, text: text)
        log(.recordingFailed(text: text), of: id, at: now, &actions)
        actions.append(.stopRecording(id))
        announce(.recordingOff, to: meetings[id]?.everybodyInHall ?? [], &actions)
    }
}
