/// What of an open meeting outlives the daemon that holds it: kept outside, and handed to ``Conference/Event/resume(_:since:)``
/// of the next. An open vote is of it, unless it is secret: it is written again with each ballot, and from one time to the next it could be
/// told who voted what. Such a one is put again.
public struct MeetingMemory: Hashable, Sendable, Codable {
    public let id: MeetingID
    public let room: RoomID
    public let opened: WallTime
    /// Who is in, by its call.
    public let present: [ParticipantID: PointID]
    /// Whom the bridge calls, or is to call once it is there again.
    let calling: [PointID]
    let convening: Convening?
    let isInSession: Bool
    let hasCalledAll: Bool
    let endWarnedOf: WallTime?
    let recording: Recording
    let floor: Floor
    let standings: [PointID: Standing]
    let isLocked: Bool
    let removed: [PointID: String]
    let vote: Vote?
    let votes: [VoteTally]
    let message: String?
    let layout: Layout?
    let chosen: [PointID]
    /// Who came and went.
    public var roll: [Attendance]

    init(_ meeting: Meeting) {
        id = meeting.id
        room = meeting.room.id
        opened = meeting.opened.wall
        present = meeting.participants.mapValues(\.point)
        calling = Set(meeting.toCallBack).union(meeting.beingCalled).sorted()
        convening = meeting.convening
        isInSession = meeting.stage == .inSession
        hasCalledAll = meeting.hasCalledAll
        endWarnedOf = meeting.endWarnedOf
        recording = meeting.recording
        floor = meeting.floor
        standings = meeting.standings
        isLocked = meeting.isLocked
        removed = meeting.removed
        vote = meeting.vote.flatMap { $0.tally.isSecret ? nil : $0 }
        votes = meeting.votes
        message = meeting.message
        layout = meeting.layout
        chosen = meeting.chosen
        roll = meeting.roll
    }

    /// Those who are in, or to be called.
    public var points: Set<PointID> { Set(present.values).union(calling) }

    /// The highest number that a participant had.
    public var lastParticipant: ParticipantID? {
        let former = roll.lazy.flatMap { $0.sittings.lazy.map(\.participant) }.max()
        return [former, present.keys.max()].compactMap { $0 }.max()
    }

    /// Whether somebody is in, or to be called.
    public var isAttended: Bool { !present.isEmpty || !calling.isEmpty }
    /// Whether there is somebody for whom it goes on.
    public var isResumable: Bool { isAttended || convening != nil }

    /// The meeting as it goes on, without anybody in it.
    func meeting(in room: Conference.Room, since: WallTime, at now: Moment) -> Meeting {
        var meeting = Meeting(id: id, room: room, convening: convening, at: Self.moment(opened, now))
        meeting.stage = isInSession ? .inSession : .rehearsal
        meeting.hasCalledAll = hasCalledAll
        meeting.endWarnedOf = endWarnedOf
        meeting.recording = recording
        meeting.floor = floor
        // Speaking time ran on.
        if let began = floor.speech?.began.wall { meeting.floor.speech?.began = Self.moment(began, now) }
        meeting.standings = standings
        meeting.isLocked = isLocked
        meeting.removed = removed
        meeting.vote = vote?.goingOn(since: since, at: now)
        meeting.votes = votes
        meeting.message = message
        meeting.layout = layout
        meeting.chosen = chosen
        meeting.toCallBack = points.sorted()
        meeting.resume(self, since: since)
        return meeting
    }

    /// A time of another daemon's on this one's steady clock.
    private static func moment(_ wall: WallTime, _ now: Moment) -> Moment {
        Moment(steady: now.steady - max(.zero, wall.duration(until: now.wall)), wall: wall)
    }
}
