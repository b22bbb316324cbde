import Conference

/// A line of the Office's journal: that a recording was begun, paused, resumed or ended, by whose order and why. Auditors
/// read the journal; they need not open the record of a meeting to see who had it recorded.
struct RecordingJournalLine: Hashable, Sendable {
    var action: String
    /// The meeting, and the reason or the document that orders it; of a meeting that is a state secret not even that.
    var subject: String
    var by: String

    init(action: String, subject: String, by: String) {
        self.action = action
        self.subject = subject
        self.by = by
    }

    /// Nil of what is no order to record.
    init?(_ event: MeetingEvent, isStateSecret: Bool) {
        let reason: String
        switch event.kind {
        case .ordered(.startedRecording(let text), let by): (action, reason, self.by) = ("order recording", text, by)
        case .ordered(.pausedRecording(let text), let by): (action, reason, self.by) = ("pause recording", text, by)
        case .ordered(.resumedRecording(let text), let by): (action, reason, self.by) = ("resume recording", text, by)
        case .ordered(.stoppedRecording(let text), let by): (action, reason, self.by) = ("stop recording", text, by)
        case .recordingStarted(let order):
            (action, reason, self.by) = ("begin recording", order.document, order.orderedBy)
        default: return nil
        }
        let meeting = event.meeting.rawValue
        subject = isStateSecret || reason.isEmpty ? meeting : "\(meeting): \(reason)"
    }
}
