public import Foundation

extension [EventRecord] {
    /// When the chair opened the meeting; what was before it was the rehearsal. Nil where nobody said so.
    public var opening: Date? { first { $0.name == "opened-by-chair" }?.at }

    /// When the recording began, which may be long after the first call; and when it ended. Nil where there was none.
    public var recordingBegan: Date? { first { $0.name == "recording-started" }?.at }
    public var recordingEnded: Date? {
        guard recordingBegan != nil else { return nil }
        return last { ["recording-stopped", "recording-failed", "closed"].contains($0.name) }?.at
    }

    /// Where in the master a moment is, in milliseconds, by the last event before it that knows; nil while nothing was recorded.
    public func masterMilliseconds(at time: Date) -> Int64? {
        guard let last = last(where: { $0.at <= time }), let place = last.masterMilliseconds else { return nil }
        let since = (time.timeIntervalSince(last.at) * 1000).rounded()
        return since.isFinite && since < 1e12 ? place &+ Int64(since) : nil
    }
}
