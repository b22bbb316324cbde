import Archive
import Conference
import Logging

/// What is written of a meeting: events, roll, notes.
extension BridgeHost {
    func write(_ event: MeetingEvent) async {
        let isStateSecret = conference.confidentiality(of: event.meeting)?.isStateSecret ?? true
        if let line = MeetingJournalLine(event, isStateSecret: isStateSecret) { await journal(line) }
        if let waiting = halls[event.meeting]?.forRecord, waiting.events.count < Hall.ForRecord.mostEvents {
            halls[event.meeting]?.forRecord?.events.append(event)
        }
        await enter(event)
    }

    /// Into the meeting's events and its roll.
    func enter(_ event: MeetingEvent) async {
        // The last events of a meeting come after its hall is gone from nowhere: `closeMeeting` is the last action.
        guard let hall = halls[event.meeting], let record = hall.record else { return }
        if case .closed = event.kind { await writeQualities(in: hall) }
        let fields = Dictionary(event.fields.map { ($0.key, $0.value) }) { first, _ in first }
        await minutes.write(
            EventRecord(
                at: event.at.date, masterMilliseconds: hall.masterMilliseconds, name: event.name, fields: fields),
            to: record)
        if let entry = rollEntry(event) { await minutes.write(entry) }
    }

    /// On the archive's roll is who was in the hall or a side room, since then; who only waited or rehearsed is not.
    func rollEntry(_ event: MeetingEvent) -> RollEntry? {
        func entry(_ point: PointID, _ kind: RollEntry.Kind) -> RollEntry {
            RollEntry(meeting: event.meeting.rawValue, point: point.rawValue, at: event.at.date, kind)
        }
        switch event.kind {
        case .entered(let participant, let point):
            guard let admission = halls[event.meeting]?.seats[participant]?.admission else { return nil }
            halls[event.meeting]?.attending.insert(participant)
            return entry(point, .joined(name: admission.name, unit: admission.unitName))
        case .left(let participant, let point, let reason):
            return halls[event.meeting]?.attending.remove(participant).map { _ in entry(point, .left(reason: reason)) }
        default: return nil
        }
    }

    func note(_ severity: MeetingNote.Severity, _ text: String, on meeting: MeetingID) async {
        guard halls[meeting]?.record != nil else { return }
        do { try await archive.addNote(meeting.rawValue, severity, text) } catch {
            logger(of: meeting).error("a note on \(meeting) could not be written: \(error)")
        }
    }
}
