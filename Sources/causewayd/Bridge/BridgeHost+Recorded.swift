import Announcements
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
    func noticeRecording(to leg: LegID, _ participant: ParticipantID, canHear: Bool = true) async {
        guard let meeting = conference.meeting(of: participant), conference.isRecording(meeting) else { return }
        if isElsewhere(participant) {
            trunks?.unheardNotices[participant] = meeting
            return tellElsewhere(participant, .say([AnnouncementKey.recordingOn.rawValue]))
        }
        let notice = canHear ? announcements.clip(.recordingOn) : nil
        await noticed(notice.map { media.play($0, to: .legs([leg])) }, to: [leg], in: meeting)
    }

    /// Who only listens is never heard, and so is told as soon as its leg is up. A page's keys are not agreed on by then: it shows it.
    func noticeRecording(toListener leg: LegID, _ agreed: LegParameters, _ participant: ParticipantID) async {
        guard agreed.audio?.receives != true, let meeting = conference.meeting(of: participant) else { return }
        let isPage = halls[meeting]?.seats[participant]?.isPage ?? false
        await noticeRecording(to: leg, participant, canHear: agreed.audio?.sends == true && !isPage)
    }

    /// That the notice reaches legs. What is spoken is written down when it was heard to its end, what stands on a picture or a
    /// page at once.
    func noticed(_ clip: PlaybackID?, to legs: [LegID], in meeting: MeetingID) async {
        for leg in legs {
            if let participant = participantOfLeg[leg], isElsewhere(participant) {
                trunks?.unheardNotices[participant] = meeting
                continue
            }
            guard let clip else {
                await writeNotice(of: leg, in: meeting, wasHeard: false)
                continue
            }
            unheardNotices[leg] = (clip, meeting)
        }
    }

    /// A leg heard a clip to its end, or will not hear it: then it is told by what it sees, if at all.
    func noticeEnded(_ clip: PlaybackID, of leg: LegID, _ end: ClipEnd) async {
        guard let notice = unheardNotices[leg], notice.clip == clip else { return }
        unheardNotices[leg] = nil
        await writeNotice(of: leg, in: notice.meeting, wasHeard: end == .played)
    }

    func writeNotice(of leg: LegID, in meeting: MeetingID, wasHeard: Bool) async {
        guard let participant = participantOfLeg[leg], let hall = halls[meeting], let record = hall.record,
            let seat = hall.seats[participant]
        else { return }
        let notice: Notice? =
            wasHeard ? .voice : seat.isPage ? .page : hall.captions.marked.contains(leg) ? .picture : nil
        guard let notice else {
            logger(of: participant).warning("\(seat.admission.name) is recorded in \(meeting) and was told by nothing")
            return
        }
        await minutes.write(
            EventRecord(
                at: Date(), masterMilliseconds: hall.masterMilliseconds, name: "told-of-recording",
                fields: [
                    "participant": "\(participant)", "point": seat.admission.point.rawValue, "by": notice.rawValue,
                ]), to: record)
    }

    /// What the master of a meeting that ends lacks goes beside it, and in short into the record.
    func keep(_ gaps: GapMap, of hall: Hall, _ meeting: MeetingID) async {
        guard let record = hall.record else { return }
        do { try archive.add(try gaps.json(), as: GapMap.fileName, to: record) } catch {
            logger.about(room: hall.opening.room.rawValue).error(
                "what the master of \(meeting) lacks could not be written: \(error)")
        }
        for event in gaps.events(at: Date()) { await minutes.write(event, to: record) }
    }
}
