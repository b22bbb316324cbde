import Archive
import Foundation
import PortalAPI

/// What of a recording somebody may see. Whatever shows something of its film, points, pictures or time line asks
/// ``Discretion/viewing(_:for:)``, and keeps to what it is told.
struct ViewingRight: Sendable {
    let meeting: MeetingRecord
    /// Milliseconds of the master; nil for all of it. Of a part neither the package's files nor pictures that reach beyond it
    /// are given out: the film goes by `film/stream`.
    var span: Range<Int64>?

    var length: Int64 { max(0, meeting.durationMilliseconds ?? 0) }

    /// What may be seen, within the recording.
    var viewable: Range<Int64> {
        let whole = 0..<max(1, length)
        return span.map { $0.clamped(to: whole) } ?? whole
    }

    /// What of a wish may be seen: from `from` on, or refused where nothing of it may.
    func admitted(from: Int64, to: Int64?) throws(Refusal) -> Range<Int64> {
        let (first, last) = (max(from, viewable.lowerBound), min(to ?? .max, viewable.upperBound))
        guard first < last else {
            throw Refusal(
                .rangeNotSatisfiable, "There is nothing of the recording at that time that may be seen.",
                hint: "Ask for a time from \(viewable.lowerBound) to \(viewable.upperBound) ms.")
        }
        return first..<last
    }

    func requireWhole() throws(Refusal) {
        guard span == nil else {
            throw Refusal(.forbidden, "Only a part of this recording may be seen.", hint: "Watch it in the portal.")
        }
    }

    /// Refuses what is not over yet, and what is no more.
    func requireFinished() throws {
        guard !meeting.state.isUnfinished else {
            throw Refusal(
                .conflict, "The recording is not finished (\(meeting.state.rawValue)).",
                hint: "Wait until the meeting is over.")
        }
        try meeting.refuseDestroyed()
    }
}

extension Discretion {
    /// What of a recording the visitor may see; refused as if there were none where that is nothing.
    func viewing(_ id: String, for visitor: Visitor) async throws -> ViewingRight {
        ViewingRight(meeting: try await record(id, for: visitor))
    }
}
