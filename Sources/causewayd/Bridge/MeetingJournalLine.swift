import Conference

/// A line of the Office's journal: what was ordered in a meeting, who called points and who ended it, and that a recording was begun,
/// paused, resumed or ended, by whose order and why. Auditors read the journal; they need not open the record of a meeting to see
/// who did what to it.
struct MeetingJournalLine: Hashable, Sendable {
    var action: String
    /// The meeting, and what was ordered, the reason or the document that orders it; of a meeting that is a state secret not even that.
    var subject: String
    var by: String
    var meeting: String?
    /// Has to stand before what it tells of goes on: nothing is recorded without an order that is written down.
    var isAwaited = true

    init(action: String, subject: String, by: String) {
        self.action = action
        self.subject = subject
        self.by = by
    }

    /// Nil of what nobody ordered.
    init?(_ event: MeetingEvent, isStateSecret: Bool) {
        let reason: String
        switch event.kind {
        case .ordered(.startedRecording(let text), let by): (action, reason, self.by) = ("order recording", text, by)
        case .ordered(.pausedRecording(let text), let by): (action, reason, self.by) = ("pause recording", text, by)
        case .ordered(.resumedRecording(let text), let by): (action, reason, self.by) = ("resume recording", text, by)
        case .ordered(.stoppedRecording(let text), let by): (action, reason, self.by) = ("stop recording", text, by)
        case .recordingStarted(let order):
            (action, reason, self.by) = ("begin recording", order.document, order.orderedBy)
        case .ordered(_, let by):
            (action, reason, self.by, isAwaited) = ("order in meeting", Self.order(event), by, false)
        case .voteClosed(_, let by?):
            (action, reason, self.by, isAwaited) = ("order in meeting", event.name, by, false)
        case .called(let point, let by):
            (action, reason, self.by, isAwaited) = ("call point", point.rawValue, by, false)
        case .closed(_, let by?): (action, reason, self.by, isAwaited) = ("end meeting", "", by, false)
        default: return nil
        }
        let meeting = event.meeting.rawValue
        self.meeting = meeting
        subject = isStateSecret || reason.isEmpty ? meeting : "\(meeting): \(reason)"
    }

    /// `removed point=soyte reason=…`; what was shown or asked is the meeting's, and not the auditors'.
    private static func order(_ event: MeetingEvent) -> String {
        let told: Set = ["point", "points", "reason", "sideRoom", "layout", "limitSeconds"]
        let fields = event.fields.filter { told.contains($0.key) }.map { "\($0.key)=\($0.value)" }
        return ([event.name] + fields).joined(separator: " ")
    }
}
