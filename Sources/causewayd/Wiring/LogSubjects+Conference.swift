import Conference
import LogSubjects
import Signalling

// Whatever of these a line says is a field of it.

extension PointID: LogSubject {
    public static var kind: SubjectKind { .point }
}

extension RoomID: LogSubject {
    public static var kind: SubjectKind { .room }
}

extension MeetingID: LogSubject {
    public static var kind: SubjectKind { .meeting }
}

extension ParticipantID: LogSubject {
    public static var kind: SubjectKind { .call }
    public var subjectName: String { CallID(rawValue: rawValue).description }
}

extension BridgeHost {
    /// The log, of a meeting and its room.
    func logger(of meeting: MeetingID) -> SubjectLogger {
        logger.about(
            meeting: meeting.rawValue,
            room: (halls[meeting]?.opening.room ?? conference.room(of: meeting))?.rawValue)
    }

    /// The log, of a participant: its call and its point, the meeting and the room.
    func logger(of participant: ParticipantID) -> SubjectLogger {
        let meeting = hallSeating(participant)
        return (meeting.map { logger(of: $0) } ?? logger).about(
            call: participant.subjectName,
            point: meeting.flatMap { halls[$0]?.seats[participant]?.admission.point.rawValue })
    }
}
