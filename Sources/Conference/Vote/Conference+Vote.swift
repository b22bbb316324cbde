/// Votes.
extension Conference {
    static let mostVotes = 500

    mutating func openVote(
        _ proposal: VoteProposal, in id: MeetingID, at now: Moment, _ actions: inout [Action]
    ) throws(Refusal) -> Int {
        guard let meeting = meetings[id] else { throw .noSuchMeeting }
        _ = try text(proposal.question)
        if let period = proposal.period, period < .seconds(1) || period > VoteProposal.longestPeriod {
            throw .outOfBounds
        }
        guard meeting.vote == nil else { throw .voteIsOpen }
        guard meeting.votes.count < Self.mostVotes else { throw .outOfBounds }
        let electorate = Set(meeting.everybodyInHall.compactMap { meeting.participants[$0]?.point })
        let number = meeting.votes.count + 1
        meetings[id]?.vote = Vote(proposal, number: number, electorate: electorate, at: now)
        meetings[id]?.result = nil
        announce(.voteOpens(question: proposal.question), to: meeting.everybodyInHall, &actions)
        refreshOverlay(of: id, &actions)
        return number
    }

    mutating func cast(
        _ ballot: Ballot, by participant: ParticipantID, at now: Moment, _ actions: inout [Action]
    ) {
        guard let id = meetingOfParticipant[participant], let meeting = meetings[id],
            let point = meeting.participants[participant]?.point
        else { return }
        guard meeting.place(of: participant) == .hall, let vote = meeting.vote,
            meetings[id]?.vote?.cast(ballot, by: point) == true
        else { return announce(.ballotRefused, to: [participant], &actions) }
        log(.ballot(point, vote.tally.isSecret ? nil : ballot), of: id, at: now, &actions)
        announce(.ballotTaken(ballot), to: [participant], &actions)
    }

    /// - Parameter by: nil where its time is over.
    mutating func closeVote(in id: MeetingID, by: String?, at now: Moment, _ actions: inout [Action])
        throws(Refusal)
    {
        guard let vote = meetings[id]?.vote else { throw .noVoteIsOpen }
        let tally = vote.closed(at: now.wall)
        meetings[id]?.vote = nil
        meetings[id]?.votes.append(tally)
        meetings[id]?.result = tally
        log(.voteClosed(tally, by: by), of: id, at: now, &actions)
        announce(.voteResult(tally), to: meetings[id]?.everybodyInHall ?? [], &actions)
        refreshOverlay(of: id, &actions)
    }

    mutating func closeVotes(at now: Moment, _ actions: inout [Action]) {
        for id in meetings.keys.sorted() {
            guard let deadline = meetings[id]?.vote?.deadline, deadline <= now.steady else { continue }
            try? closeVote(in: id, by: nil, at: now, &actions)
        }
    }
}
