import Archive
import Conference
import Foundation

/// Meetings go on while the archive cannot write, and it learns of them when it can.
extension BridgeHost {
    /// Asks the archive again to take a meeting in, for as long as that goes on.
    func askAgain(for new: NewMeeting, _ id: MeetingID) {
        Task { [archive] in
            let record = try? await Persistence(longestPause: .seconds(5)).run(while: { await self.halls[id] != nil }) {
                try await archive.openMeeting(new)
            }
            if let record { tellOpened(record, of: id) }
        }
    }

    /// What happened before it had a record is written, and an order to record is carried out from now on.
    func take(_ record: MeetingRecord, of meeting: MeetingID) async {
        guard let waiting = halls[meeting]?.forRecord else {
            // It ended meanwhile, and holds nothing but that it was.
            _ = try? await archive.closeMeeting(record.id, at: Date(), reason: "ended-unrecorded")
            return onComplete(record.id)
        }
        halls[meeting]?.record = record
        halls[meeting]?.forRecord = nil
        logger(of: meeting).warning("the archive took the meeting \(meeting) in late")
        await note(.warning, "the archive could take the meeting in only some time after it began", on: meeting)
        for event in waiting.events { await enter(event) }
        if let order = waiting.order { await startRecording(meeting, order) }
    }

    /// That it is recorded the catalogue may hear late: the recording does not wait for it.
    func enterRecording(of meeting: MeetingID) {
        Task { [archive] in
            do {
                let record = try await Persistence().run(while: { await self.halls[meeting] != nil }) {
                    try await archive.setState(meeting.rawValue, to: .recording)
                }
                halls[meeting]?.record = record
            } catch {
                logger(of: meeting).error("the catalogue does not say that \(meeting) is recorded: \(error)")
            }
        }
    }
}
