import Conference
import MediaPlane
import PortalAPI

extension MeetingControl {
    /// - Parameters:
    ///   - statistics: of a participant's leg, where it has one.
    ///   - troubles: what is wrong with a participant's sound.
    init(
        _ status: MeetingStatus, at now: Moment, _ statistics: (ParticipantID) -> LegStatistics?,
        troubles: (ParticipantID) -> [SoundTrouble]
    ) {
        self.init(
            id: status.id.rawValue, room: status.room.rawValue, title: status.title, openedAt: status.openedAt.date,
            openedSeconds: status.openedAt.duration(until: now.wall) / .seconds(1),
            confidentiality: status.confidentiality.rawValue, isInSession: status.isInSession,
            isLocked: status.isLocked, recording: status.recording.rawValue,
            microphones: status.microphones.rawValue, pointsMayUnmute: status.pointsMayUnmute)
        sitting = status.convening?.rawValue
        chair = status.chair?.rawValue
        agenda = status.agenda.map {
            AgendaItem(
                title: $0.title, point: $0.point?.rawValue, limitSeconds: $0.time.map { $0 / .seconds(1) })
        }
        recordingFailure = status.recordingFailure
        message = status.message
        isResultShown = status.isResultShown
        layout = status.layout?.rawValue
        chosen = status.chosen.map(\.rawValue)
        spotlight = status.spotlight?.rawValue
        speech = status.speech.map {
            Speech(
                point: $0.point.rawValue, elapsedSeconds: (now.steady - $0.began.steady) / .seconds(1),
                limitSeconds: $0.limit.map { $0 / .seconds(1) })
        }
        queue = status.queue.map { Hand(point: $0.point.rawValue, since: $0.since.date) }
        vote = status.vote.map { Vote($0, left: status.voteDeadline.map { ($0 - now.steady) / .seconds(1) }) }
        votes = status.votes.map { Vote($0, left: nil) }
        let present = Dictionary(grouping: status.participants, by: \.point)
        let calls = Dictionary(status.calls.map { ($0.point, $0) }) { first, _ in first }
        roll = status.roll.map { entry in
            RollLine(entry, present[entry.point] ?? [], calls[entry.point], statistics, troubles)
        }
    }
}

extension MeetingControl.Vote {
    fileprivate init(_ tally: VoteTally, left: Double?) {
        self.init(
            number: tally.number, question: tally.question, isSecret: tally.isSecret, openedAt: tally.opened.date,
            closedAt: tally.closed?.date, leftSeconds: left.map { max(0, $0) }, cast: tally.cast,
            votesFor: tally.votesFor, votesAgainst: tally.votesAgainst, abstentions: tally.abstentions,
            notVoted: tally.notVoted,
            ballots: Dictionary(tally.ballots.map { ($0.point.rawValue, $0.ballot.rawValue) }) { first, _ in first })
    }
}

extension MeetingControl.RollLine {
    fileprivate init(
        _ entry: Attendance, _ present: [Conference.ParticipantStatus], _ call: Conference.CallStatus?,
        _ statistics: (ParticipantID) -> LegStatistics?, _ troubles: (ParticipantID) -> [SoundTrouble]
    ) {
        self.init(
            point: entry.point.rawValue, name: entry.name, unit: entry.unitName, isExpected: entry.isExpected,
            isRequired: entry.isRequired)
        wasMissingAtOpening = entry.wasMissingAtOpening
        excuse = entry.excuse
        reconnections = entry.reconnections
        self.call = call?.state.rawValue
        callAttempts = call?.attempts
        callFailure = call?.failure
        guard let participant = present.last else { return }
        presentSince = entry.presentSince?.date
        switch participant.place {
        case .hall: place = "hall"
        case .waiting: place = "waiting"
        case .side(let room):
            place = "side"
            sideRoom = room.rawValue
        }
        isAskedForPIN = participant.isAskedForPIN
        microphone = participant.microphone.rawValue
        handRaisedAt = participant.handRaised?.date
        hasSound = present.contains { $0.seen.contains(.sound) }
        hasPicture = present.contains { $0.seen.contains(.picture) }
        let leg = statistics(participant.id)
        isSpeaking = leg?.isSpeaking ?? false
        audio = leg.flatMap { LiveStream($0.audio) }
        video = leg.flatMap { LiveStream($0.video) }
        peakLevel = leg.map { $0.loudness.rounded() }
        soundTroubles = troubles(participant.id).map(\.kind.rawValue)
    }
}
