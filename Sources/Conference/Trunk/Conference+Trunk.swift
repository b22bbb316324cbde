/// Participants whose calls other bridges have.
extension Conference {
    /// The call of a participant that came by a trunk; nil for one of this bridge's own.
    public func origin(of participant: ParticipantID) -> TrunkOrigin? {
        meetingOfParticipant[participant].flatMap { meetings[$0]?.participants[participant]?.origin }
    }

    /// What other bridges that show or have a participant are to know of it; nil for who is in no meeting.
    public func trunkStanding(of participant: ParticipantID) -> TrunkStanding? {
        guard let meeting = meetingOfParticipant[participant].flatMap({ meetings[$0] }),
            let placement = placement(of: participant), let point = meeting.participants[participant]?.point
        else { return nil }
        let own = meeting.standing(of: point)
        var standing = TrunkStanding(microphone: placement.microphone, place: placement.place)
        standing.isInSpotlight = placement.isInSpotlight && placement.place == .hall
        standing.layout = own.layout
        standing.layoutOfAll = meeting.layout
        standing.chosen = own.chosen.isEmpty ? meeting.chosen : own.chosen
        standing.isRecorded = meeting.isRecording
        return standing
    }

    /// The calls of a trunk's that the same call, brought again, takes the place of.
    func projections(of origin: TrunkOrigin) -> [ParticipantID] {
        meetingOfParticipant.filter { meetings[$1]?.participants[$0]?.origin == origin }.keys.sorted()
    }
}
