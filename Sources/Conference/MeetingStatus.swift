/// A meeting as it stands now.
public struct MeetingStatus: Hashable, Sendable {
    public enum RecordingState: String, Hashable, Sendable, CaseIterable { case off, running, paused, stopped, failed }

    public var id: MeetingID
    public var room: RoomID
    public var title: String
    public var openedAt: WallTime
    public var convening: ConveningID?
    public var confidentiality: Convening.Confidentiality
    /// Where the chair sits.
    public var chair: PointID?
    public var agenda: [Convening.AgendaItem]
    /// The chair opened it; of a meeting that nobody is to open, from its beginning.
    public var isInSession: Bool
    public var isLocked: Bool
    public var recording: RecordingState
    public var recordingFailure: String?
    /// In the order of joining.
    public var participants: [Conference.ParticipantStatus]
    public var speaker: ParticipantID?
    public var roll: [Attendance]
    /// Who asks for the word, in order.
    public var queue: [RaisedHand]
    public var speech: SpeechStatus?
    public var spotlight: PointID?
    /// Of whoever comes in.
    public var microphones: Microphone
    public var pointsMayUnmute: Bool
    public var message: String?
    /// The last vote's result stands on all pictures, where nothing more urgent does.
    public var isResultShown: Bool
    public var layout: Layout?
    /// Whom the layout `chair` shows, in this order; nobody but the chair's point where it is empty.
    public var chosen: [PointID]
    public var vote: VoteTally?
    /// When the open vote closes by itself, by the steady clock.
    public var voteDeadline: Duration?
    public var votes: [VoteTally]
    /// The bridge's calls, in no order.
    public var calls: [Conference.CallStatus]

    public var isRecording: Bool { recording == .running }

    /// The word that somebody has.
    public struct SpeechStatus: Hashable, Sendable {
        public var point: PointID
        public var began: Moment
        public var limit: Duration?
    }
}

extension Conference {
    /// Somebody in a meeting now.
    public struct ParticipantStatus: Hashable, Sendable {
        public var id: ParticipantID
        public var point: PointID
        public var name: String
        public var unitName: String?
        public var joined: WallTime
        public var hasMedia: Bool
        public var seen: Set<MediaKind>
        /// Since when it asks for the word; nil if it does not.
        public var handRaised: WallTime?
        public var microphone: Microphone
        public var place: Place
        public var isAskedForPIN: Bool
        /// Of the chair's choice for its point alone.
        public var layout: Layout?
        public var chosen: [PointID]
        /// Where its call is, if another bridge has it.
        public var origin: TrunkOrigin?
    }
}

extension MeetingStatus {
    /// Whom the layout `chair` shows to a participant, or to those of whom nothing else is said.
    public func shownByChair(to participant: Conference.ParticipantStatus? = nil) -> [PointID] {
        let own = participant?.chosen ?? []
        let chosen = own.isEmpty ? self.chosen : own
        return chosen.isEmpty ? chair.map { [$0] } ?? [] : chosen
    }
}

extension Meeting {
    var isRecording: Bool {
        if case .running = recording { true } else { false }
    }

    var status: MeetingStatus {
        let present = order.compactMap { id -> Conference.ParticipantStatus? in
            guard let entry = participants[id], let place = place(of: id) else { return nil }
            return Conference.ParticipantStatus(
                id: id, point: entry.point, name: name(of: entry.point), unitName: unitName(of: entry.point),
                joined: entry.joined, hasMedia: entry.hasMedia, seen: entry.seen,
                handRaised: floor.isRaised(entry.point), microphone: standing(of: entry.point).microphone,
                place: place, isAskedForPIN: entry.pin != nil, layout: standing(of: entry.point).layout,
                chosen: standing(of: entry.point).chosen, origin: entry.origin)
        }
        var failure: String?
        if case .failed(_, let text) = recording { failure = text }
        return MeetingStatus(
            id: id, room: room.id, title: title, openedAt: opened.wall, convening: convening?.id,
            confidentiality: convening?.confidentiality ?? .ordinary, chair: chair, agenda: convening?.agenda ?? [],
            isInSession: stage == .inSession, isLocked: isLocked, recording: recording.state,
            recordingFailure: failure, participants: present, speaker: speaker, roll: roll, queue: floor.queue,
            speech: floor.speech.map { .init(point: $0.point, began: $0.began, limit: $0.limit) },
            spotlight: floor.spotlight, microphones: floor.microphones, pointsMayUnmute: floor.mayUnmuteThemselves,
            message: message, isResultShown: result != nil, layout: layout, chosen: chosen, vote: vote?.visibleTally,
            voteDeadline: vote?.deadline, votes: votes, calls: calls.map { Conference.CallStatus($0.key, $0.value) })
    }
}

extension Recording {
    fileprivate var state: MeetingStatus.RecordingState {
        switch self {
        case .notOrdered: .off
        case .running: .running
        case .paused: .paused
        case .stopped: .stopped
        case .failed: .failed
        }
    }
}
