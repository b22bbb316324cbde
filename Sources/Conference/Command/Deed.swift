/// An order that was carried out, as the record has it.
public enum Deed: Hashable, Sendable {
    case openedMeeting
    case locked(Bool)
    case admitted(PointID)
    case removed(PointID, reason: String)
    case microphone(PointID, Microphone)
    case allMicrophones(Microphone)
    case pointsMayUnmute(Bool)
    case gaveWord(PointID, limit: Duration?)
    case tookWord(PointID)
    case spotlight(PointID?)
    case loweredHand(PointID)
    case movedAside(PointID, SideRoomID)
    case recalled(PointID)
    case startedRecording(reason: String)
    case pausedRecording(reason: String)
    case resumedRecording(reason: String)
    case stoppedRecording(reason: String)
    case message(String?)
    case openedVote(number: Int, VoteProposal)
    case layout(Layout, PointID?)
    case arranged([PointID], PointID?)
    case excused(PointID, reason: String)

    /// For example `word-given`.
    var name: String {
        switch self {
        case .openedMeeting: "opened-by-chair"
        case .locked(let isLocked): isLocked ? "locked" : "unlocked"
        case .admitted: "admitted"
        case .removed: "removed"
        case .microphone(_, let microphone): microphone == .open ? "unmuted" : "muted"
        case .allMicrophones(let microphone): microphone == .open ? "unmuted-all" : "muted-all"
        case .pointsMayUnmute(let may): may ? "points-may-unmute" : "points-may-not-unmute"
        case .gaveWord: "word-given"
        case .tookWord: "word-taken"
        case .spotlight: "spotlight"
        case .loweredHand: "hand-lowered-by-chair"
        case .movedAside: "moved-aside"
        case .recalled: "recalled"
        case .startedRecording: "recording-ordered"
        case .pausedRecording: "recording-paused"
        case .resumedRecording: "recording-resumed"
        case .stoppedRecording: "recording-ended-by-order"
        case .message: "message-shown"
        case .openedVote: "vote-opened"
        case .layout, .arranged: "layout"
        case .excused: "excused"
        }
    }

    var fields: [(key: String, value: String)] {
        switch self {
        case .openedMeeting, .locked, .allMicrophones, .pointsMayUnmute: []
        case .admitted(let point), .microphone(let point, _), .tookWord(let point), .loweredHand(let point),
            .recalled(let point):
            [("point", point.rawValue)]
        case .removed(let point, let reason), .excused(let point, let reason):
            [("point", point.rawValue), ("reason", reason)]
        case .gaveWord(let point, let limit):
            [("point", point.rawValue)] + (limit.map { [("limitSeconds", "\($0.components.seconds)")] } ?? [])
        case .spotlight(let point): point.map { [("point", $0.rawValue)] } ?? []
        case .movedAside(let point, let room): [("point", point.rawValue), ("sideRoom", room.rawValue)]
        case .startedRecording(let reason), .pausedRecording(let reason), .resumedRecording(let reason),
            .stoppedRecording(let reason):
            [("reason", reason)]
        case .message(let text): text.map { [("text", $0)] } ?? []
        case .openedVote(let number, let proposal):
            [("vote", "\(number)"), ("question", proposal.question), ("secret", "\(proposal.isSecret)")]
        case .arranged(let points, let point):
            [("layout", Layout.chair.rawValue), ("points", points.map(\.rawValue).joined(separator: " "))]
                + (point.map { [("point", $0.rawValue)] } ?? [])
        case .layout(let layout, let point):
            [("layout", layout.rawValue)] + (point.map { [("point", $0.rawValue)] } ?? [])
        }
    }
}

extension VoteTally {
    var fields: [(key: String, value: String)] {
        [
            ("vote", "\(number)"), ("question", question), ("secret", "\(isSecret)"), ("for", "\(votesFor)"),
            ("against", "\(votesAgainst)"), ("abstain", "\(abstentions)"), ("notVoted", "\(notVoted)"),
        ]
    }
}
