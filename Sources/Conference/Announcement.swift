/// What is said to participants, in Vietnamese and English.
public enum Announcement: Hashable, Sendable {
    case pleaseWait
    case enterPIN
    case wrongPIN
    case meetingOpens
    case meetingEnds
    /// To the chair alone.
    case meetingEndsSoon
    case meetingLocked
    case meetingUnlocked
    case recordingOn, recordingPaused, recordingOff
    case microphoneOpened, microphoneMuted
    case yourTurn(limit: Duration?)
    case turnOver
    case timeLeft(Duration)
    case timeOver
    case handRaised(place: Int)
    case handLowered
    /// To the chair alone.
    case lateComer(name: String)
    case waits(name: String)
    case dropped(name: String)
    case missing(names: [String])
    case present(count: Int, of: Int)
    case inSideRoom(SideRoomID)
    case backInHall
    case removed(reason: String)
    case voteOpens(question: String)
    case ballotTaken(Ballot)
    case ballotRefused
    case voteResult(VoteTally)
    case unknownKey
    case notAllowed
}

/// What is written on everybody's picture in a meeting.
public enum Overlay: Hashable, Sendable {
    case message(String)
    /// `over` once the time is up.
    case speakingTime(name: String, left: Duration)
    case vote(VoteTally)
}
