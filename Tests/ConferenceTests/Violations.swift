@testable import Conference

/// What the rules forbid, looked for in a conference as it stands. Nothing, if they hold.
///
/// - Parameter unmuted: points whose microphones somebody opened, by meeting, since all were muted there.
func violations(of conference: Conference, unmuted: [MeetingID: Set<PointID>]) -> [String] {
    var found: [String] = []
    func forbid(_ isSo: Bool, _ text: @autoclosure () -> String) { if isSo { found.append(text()) } }
    var seats: [ParticipantID: MeetingID] = [:]
    for (id, meeting) in conference.meetings {
        forbid(conference.meetingOfRoom[meeting.room.id] != id, "\(id) is not its room's")
        for (participant, entry) in meeting.participants {
            forbid(seats.updateValue(id, forKey: participant) != nil, "\(participant) is in two meetings")
            forbid(conference.meetingOfParticipant[participant] != id, "\(participant) is not known to be in \(id)")
            if let convening = meeting.convening {
                forbid(!convening.points.contains(entry.point), "\(entry.point) is in, and not invited")
            }
            forbid(meeting.removed[entry.point] != nil, "\(entry.point) is in, and was removed")
            let place = meeting.place(of: participant)
            forbid(entry.pin != nil && place != .waiting, "\(participant) is past a PIN it did not give")
            forbid(meeting.stage == .rehearsal && place != .waiting, "\(participant) is in before the opening")
        }
        // Microphones.
        for (point, standing) in meeting.standings where standing.place == .hall && standing.microphone == .open {
            let isMeant =
                point == meeting.chair || point == meeting.floor.speech?.point || meeting.floor.microphones == .open
                || unmuted[id]?.contains(point) == true
            forbid(!isMeant, "\(point) is heard though all are muted")
        }
        // The floor.
        let queued = meeting.floor.queue.map(\.point)
        forbid(Set(queued).count != queued.count, "a point is in the queue twice")
        if let speaker = meeting.floor.speech?.point {
            forbid(queued.contains(speaker), "\(speaker) has the word and asks for it")
            forbid(meeting.stage == .rehearsal, "somebody has the word before the opening")
            forbid(meeting.standings[speaker]?.place != .hall, "the word is given outside of the hall")
        }
        if let spotlight = meeting.floor.spotlight {
            forbid(meeting.standings[spotlight]?.place != .hall, "\(spotlight) is in the spotlight outside of the hall")
        }
        // Recording.
        if meeting.recording.orderInForce != nil {
            forbid(meeting.stage == .rehearsal, "a rehearsal is recorded")
            forbid(meeting.convening?.confidentiality.allowsRecording == false, "too secret, and recorded")
        }
        // Votes.
        for tally in meeting.votes + (meeting.vote.map { [$0.tally] } ?? []) {
            forbid(tally.votesFor + tally.votesAgainst + tally.abstentions != tally.cast, "a ballot counts twice")
            forbid(tally.isSecret && !tally.ballots.isEmpty, "a secret vote has names")
            forbid(!tally.isSecret && tally.ballots.count != tally.cast, "a named vote lacks names")
            forbid(Set(tally.ballots.map(\.point)).count != tally.ballots.count, "a point voted twice")
        }
        if let vote = meeting.vote { forbid(vote.voted.count != vote.tally.cast, "more ballots than voters") }
        // Calls.
        for (point, plan) in meeting.calls {
            forbid(plan.attempts > plan.attemptsAllowed, "\(point) is called too often")
        }
        let sideRooms = Set(meeting.standings.values.map(\.place)).subtracting([.hall, .waiting])
        forbid(sideRooms.count > Conference.mostSideRooms, "too many side rooms")
        forbid(meeting.participants.count > 0 && meeting.phase != .sitting, "people sit in a meeting that is ending")
    }
    forbid(seats.count != conference.meetingOfParticipant.count, "somebody is in a meeting that is not there")
    let conveningsOpen = conference.meetings.values.compactMap { $0.convening?.id }
    forbid(Set(conveningsOpen).count != conveningsOpen.count, "a meeting is held twice")
    // What is due is looked for in meetings that were changed alone.
    let due = conference.meetings.values.compactMap(\.deadline).min()
    forbid(conference.meetings.deadline != due, "it is not known when something is due")
    let end = conference.meetings.values.compactMap(\.endToTell).min()
    forbid(conference.meetings.firstEndToTell != end, "it is not known when a chair is to be told of the end")
    // What is asked of a meeting at each event says what its whole status does.
    for (id, meeting) in conference.meetings {
        let status = meeting.status
        let places = Dictionary(status.roll.enumerated().map { ($1.point, $0) }) { first, _ in first }
        let seated = status.participants.filter { $0.place == .hall }
            .sorted { places[$0.point] ?? .max < places[$1.point] ?? .max }
            .map { Conference.SeatedParticipant(id: $0.id, point: $0.point, name: $0.name) }
        forbid(conference.seated(in: id) != seated, "\(id) seats others than its status says")
        forbid(
            conference.room(of: id) != status.room || conference.chair(of: id) != status.chair
                || conference.confidentiality(of: id) != status.confidentiality
                || conference.isConvened(id) != (status.convening != nil)
                || conference.isRecording(id) != status.isRecording || !conference.isOpen(id),
            "\(id) is asked, and says otherwise than its status")
    }
    return found
}
