/// Something to remember of a meeting: one line of its `events.jsonl`.
public struct MeetingEvent: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case opened(room: RoomID, title: String)
        case joined(ParticipantID, PointID, name: String, unitName: String?, isReconnection: Bool)
        case mediaEstablished(ParticipantID, PointID)
        case called(PointID, by: String)
        case notReached(PointID, reason: String)
        case refused(PointID, code: UInt16, reason: String)
        case left(ParticipantID, PointID, reason: String)
        case speaker(ParticipantID?, PointID?)
        case presenter(ParticipantID?, PointID?)
        case message(PointID, text: String)
        case hand(ParticipantID, PointID, isRaised: Bool)
        case recordingStarted(Conference.RecordingOrder)
        case recordingFailed(text: String)
        case recordingStopped
        /// An officer's order was carried out.
        case ordered(Deed, by: String)
        /// A participant waits to be let in.
        case waits(ParticipantID, PointID)
        /// A participant came into the hall, or back to its side room: it is in the meeting until it leaves.
        case entered(ParticipantID, PointID)
        /// A point came into the hall after the meeting was opened, for the first time.
        case late(PointID)
        case dropped(PointID)
        /// Expected points that were not there when the chair opened the meeting.
        case missing([PointID])
        case speakingTime(PointID, SpeakingTimeWarning)
        case wordEnded(PointID, lasted: Duration)
        case ownMicrophone(PointID, Microphone)
        /// What was voted, where it is not secret.
        case ballot(PointID, Ballot?)
        case voteClosed(VoteTally, by: String?)
        case pinRefused(ParticipantID, PointID)
        /// The last point left; the meeting closes unless one comes within this time.
        case empty(closesAfter: Duration)
        /// The daemon ends in the middle of it.
        case suspended
        /// It goes on in another daemon, after so long.
        case resumed(after: Duration)
        case closed(cause: String, by: String?)
    }

    public var meeting: MeetingID
    public var at: WallTime
    public var kind: Kind

    public init(meeting: MeetingID, at: WallTime, kind: Kind) {
        self.meeting = meeting
        self.at = at
        self.kind = kind
    }

    /// The event's name in a record, for example `recording-started`.
    public var name: String {
        switch kind {
        case .opened: "opened"
        case .joined: "joined"
        case .mediaEstablished: "media-established"
        case .called: "called"
        case .notReached: "not-reached"
        case .refused: "refused"
        case .left: "left"
        case .speaker: "speaker"
        case .presenter: "presenter"
        case .message: "message"
        case .hand(_, _, let isRaised): isRaised ? "hand-raised" : "hand-lowered"
        case .recordingStarted: "recording-started"
        case .recordingFailed: "recording-failed"
        case .recordingStopped: "recording-stopped"
        case .ordered(let deed, _): deed.name
        case .waits: "waits"
        case .entered: "entered"
        case .late: "late"
        case .dropped: "dropped"
        case .missing: "missing"
        case .speakingTime(_, .left): "speaking-time-warning"
        case .speakingTime(_, .over): "speaking-time-over"
        case .wordEnded: "word-ended"
        case .ownMicrophone(_, .open): "own-microphone-opened"
        case .ownMicrophone(_, .muted): "own-microphone-muted"
        case .ballot: "ballot"
        case .voteClosed: "vote-closed"
        case .pinRefused: "pin-refused"
        case .empty: "empty"
        case .suspended: "suspended"
        case .resumed: "resumed"
        case .closed: "closed"
        }
    }

    /// What the record says beside name, time and meeting: keys and values in a fixed order.
    public var fields: [(key: String, value: String)] {
        var fields: [(key: String, value: String)] = []
        func add(_ key: String, _ value: (some CustomStringConvertible)?) {
            if let value { fields.append((key, value.description)) }
        }
        switch kind {
        case .opened(let room, let title):
            add("room", room)
            add("title", title)
        case .joined(let participant, let point, let name, let unitName, let isReconnection):
            add("participant", participant)
            add("point", point)
            add("name", name)
            add("unit", unitName)
            add("reconnection", isReconnection)
        case .mediaEstablished(let participant, let point), .hand(let participant, let point, _):
            add("participant", participant)
            add("point", point)
        case .called(let point, let by):
            add("point", point)
            add("by", by)
        case .notReached(let point, let reason):
            add("point", point)
            add("reason", reason)
        case .refused(let point, let code, let reason):
            add("point", point)
            add("code", code)
            add("reason", reason)
        case .left(let participant, let point, let reason):
            add("participant", participant)
            add("point", point)
            add("reason", reason)
        case .speaker(let participant, let point), .presenter(let participant, let point):
            add("participant", participant)
            add("point", point)
        case .message(let point, let text):
            add("point", point)
            add("text", text)
        case .recordingStarted(let order):
            add("orderedBy", order.orderedBy)
            add("document", order.document)
            add("scope", order.scope.rawValue)
        case .recordingFailed(let text):
            add("text", text)
        case .recordingStopped, .suspended:
            break
        case .resumed(let after):
            add("afterSeconds", after.components.seconds)
        case .ordered(let deed, let by):
            fields += deed.fields
            add("by", by)
        case .waits(let participant, let point), .entered(let participant, let point),
            .pinRefused(let participant, let point):
            add("participant", participant)
            add("point", point)
        case .late(let point), .dropped(let point), .ownMicrophone(let point, _):
            add("point", point)
        case .missing(let points):
            add("points", points.map(\.rawValue).joined(separator: " "))
        case .speakingTime(let point, let warning):
            add("point", point)
            if case .left(let left) = warning { add("leftSeconds", left.components.seconds) }
        case .wordEnded(let point, let lasted):
            add("point", point)
            add("lastedSeconds", lasted.components.seconds)
        case .ballot(let point, let ballot):
            add("point", point)
            add("ballot", ballot?.rawValue)
        case .voteClosed(let tally, let by):
            fields += tally.fields
            add("by", by)
        case .empty(let closesAfter):
            add("closesAfterSeconds", closesAfter.components.seconds)
        case .closed(let cause, let by):
            add("cause", cause)
            add("by", by)
        }
        return fields
    }
}
