import Archive
import Conference
import MediaPlane
import Recorder

/// What a meeting has beside its rules: its room in the media plane, its record in the archive, and who sits on which leg.
struct Hall {
    var opening: Conference.MeetingOpening
    var room: MediaRoomID
    /// Nil when the archive could not take the meeting in; the meeting goes on without.
    var record: MeetingRecord?
    var recording: Recording?
    var seats: [ParticipantID: Seat] = [:]
    /// A recording that ended before the meeting did.
    var recordingStopped = false

    struct Recording {
        var recorder: MeetingRecorder
        var tap: TapRing
        /// When the master's time began.
        var began: ContinuousClock.Instant
    }

    struct Seat {
        var admission: Conference.Admission
        var leg: LegReservation?
        var media: LegParameters?
    }

    /// Milliseconds from the beginning of the master, where there is one.
    var masterMilliseconds: Int64? {
        guard let recording else { return nil }
        let (seconds, attoseconds) = (ContinuousClock.now - recording.began).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
