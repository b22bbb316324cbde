import Archive
import Conference
import Foundation
import MediaPlane
import Recorder

/// What the record says of the recording itself: whom its notice reached, and what the master lacks.
extension BridgeHost {
    /// How a participant learnt that it is recorded.
    enum Notice: String {
        /// Spoken to it.
        case voice
        /// On the picture that it is sent.
        case picture
        /// Its page shows it.
        case page
    }

    /// A leg is heard for the first time: it is told that the meeting is recorded, for as long as it is.
    func noticeRecording(to leg: LegID, _ participant: ParticipantID) async {
        guard let meeting = conference.meeting(of: participant), conference.status(of: meeting)?.isRecording ?? false
        else { return }
        if let notice = announcements.clip(.recordingOn) { media.play(notice, to: .legs([leg])) }
        await writeNotice(to: [participant], in: meeting)
    }

    /// Writes down that the recording's notice reached participants, by the surest way that each was given it. One whose leg
    /// is not up yet is told, and this written, when it is.
    func writeNotice(to participants: [ParticipantID], in meeting: MeetingID) async {
        guard let hall = halls[meeting], let record = hall.record else { return }
        for participant in participants {
            guard let leg = legOfParticipant[participant], let seat = hall.seats[participant] else { continue }
            let notice: Notice? =
                announcements.clip(.recordingOn) != nil
                ? .voice : seat.isPage ? .page : hall.captions.marked.contains(leg) ? .picture : nil
            guard let notice else {
                logger.warning("\(seat.admission.name) is recorded in \(meeting) and was told by nothing")
                continue
            }
            await minutes.write(
                EventRecord(
                    at: Date(), masterMilliseconds: hall.masterMilliseconds, name: "told-of-recording",
                    fields: [
                        "participant": "\(participant)", "point": seat.admission.point.rawValue,
                        "by": notice.rawValue,
                    ]), to: record)
        }
    }

    /// What the master of a meeting that ends lacks goes beside it, and in short into the record.
    func keep(_ gaps: GapMap, of hall: Hall, _ meeting: MeetingID) async {
        guard let record = hall.record else { return }
        do { try archive.add(try gaps.json(), as: GapMap.fileName, to: record) } catch {
            logger.error("what the master of \(meeting) lacks could not be written: \(error)")
        }
        for event in gaps.events(at: Date()) { await minutes.write(event, to: record) }
    }
}
