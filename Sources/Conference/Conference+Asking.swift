/// What is asked of a meeting again and again, at each of its events. None of it puts together a whole `status(of:)`, which tells of
/// everybody on the roll.
extension Conference {
    public func isOpen(_ meeting: MeetingID) -> Bool { meetings[meeting] != nil }

    public func room(of meeting: MeetingID) -> RoomID? { meetings[meeting]?.room.id }

    /// Where the chair sits.
    public func chair(of meeting: MeetingID) -> PointID? { meetings[meeting]?.chair }

    /// Nil where the meeting is not open.
    public func confidentiality(of meeting: MeetingID) -> Convening.Confidentiality? {
        meetings[meeting].map { $0.convening?.confidentiality ?? .ordinary }
    }

    public func isConvened(_ meeting: MeetingID) -> Bool { meetings[meeting]?.convening != nil }

    public func isRecording(_ meeting: MeetingID) -> Bool { meetings[meeting]?.isRecording ?? false }

    /// Who is in the hall, in the order of the roll.
    public func seated(in meeting: MeetingID) -> [SeatedParticipant] { meetings[meeting]?.seated ?? [] }
}

extension Conference {
    /// Somebody in the hall.
    public struct SeatedParticipant: Hashable, Sendable {
        public var id: ParticipantID
        public var point: PointID
        public var name: String
    }
}
