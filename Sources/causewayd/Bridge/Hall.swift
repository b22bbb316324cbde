import Archive
import Conference
import MediaPlane
import Recorder
import Signalling
import SiteConfiguration

/// What a room does for the sound and the pictures of its points.
struct RoomCare: Sendable {
    var sound = SoundCare()
    var mark = Configuration.RecordingMark.convened
}

/// What a meeting has beside its rules: its room in the media plane, its record in the archive, and who sits on which leg.
struct Hall {
    var opening: Conference.MeetingOpening
    var room: MediaRoomID
    /// Where pictures are composed for the recording's mark.
    var mark: Configuration.RecordingMark
    /// Nil while the archive cannot take the meeting in; the meeting goes on without.
    var record: MeetingRecord?
    /// What waits for the record, while the archive is asked for it again.
    var forRecord: ForRecord?
    var recording: Recording?
    /// What a former daemon recorded of it.
    var recordedBefore: RecordingParts.Extent?
    var seats: [ParticipantID: Seat] = [:]
    /// Who came into the hall or a side room, and did not leave the meeting since.
    var attending: Set<ParticipantID> = []
    /// Places beside the hall, as they came to be needed.
    var sideRooms: [Place: MediaRoomID] = [:]
    /// Where those hear why who were removed, if anybody was.
    var doorway: MediaRoomID?
    /// Of the chair's choice, where there is one.
    var layout: Layout?
    /// What its legs were told last that all are shown.
    var shownLayout = RoomLayout.forwarded
    /// What is on everybody's picture.
    var overlay: Overlay?
    /// What composed pictures say.
    var captions = RoomCaptions()
    /// Whose slides all see.
    var presenter: ParticipantID?
    /// A recording that ended before the meeting did.
    var recordingStopped = false
    /// Why recorders ended before their time, each of two.
    var stoppedRecorders: [String] = []
    /// Missing in the recording, for the disk was too slow.
    var lostPackets: UInt64 = 0

    struct Recording {
        var recorder: RecorderPair
        /// Milliseconds from the beginning of the master to that of this part of it.
        var offset: Int64 = 0
    }

    struct ForRecord {
        static let mostEvents = 2_000
        var events: [MeetingEvent] = []
        /// The order to record, if there was one.
        var order: Conference.RecordingOrder?
    }

    struct Seat {
        var admission: Conference.Admission
        var leg: LegReservation?
        var media: LegParameters?
        /// A browser, whose page shows names and that it is recorded beside the pictures.
        var isPage = false
        /// Of the chair's choice for this point alone, and of its own.
        var givenLayout: Layout?
        var wantedLayout: Layout?
        /// What it shows in its panes.
        var paneWish: PaneWish?
        /// The bridge called it.
        var isCalled = false
        /// What its leg was told last to be shown.
        var shownLayout: RoomLayout?
        /// What is wrong with its sound now.
        var troubles: [SoundTrouble] = []

        /// What it is shown unlike all others: the chair's choice for it, or its own as long as the chair made none.
        func ownLayout(in hall: Hall) -> Layout? { givenLayout ?? (hall.layout == nil ? wantedLayout : nil) }

        /// It is shown something unlike all others, or is to be.
        func isShownItsOwn(in hall: Hall) -> Bool { ownLayout(in: hall) != nil || shownLayout != nil }

        /// It shows others in panes that it chose.
        var fillsPanes: Bool { paneWish.map { $0.use != .composed } ?? false }
    }

    /// Takes in how a participant's leg runs; its streams are announced to the recorder.
    mutating func take(_ leg: LegReservation, _ media: LegParameters, of participant: ParticipantID) {
        seats[participant]?.leg = leg
        seats[participant]?.media = media
        if let seat = seats[participant] { announce(seat) }
    }

    /// A recording begins, of those who sit here already too.
    mutating func begin(_ recording: Recording) {
        self.recording = recording
        for seat in seats.values { announce(seat) }
    }

    private func announce(_ seat: Seat) {
        guard let recorder = recording?.recorder, let leg = seat.leg, let media = seat.media else { return }
        var streams: [(UInt16, RecordedTrack.Kind, StreamParameters?)] = [
            (leg.audioTrack, .audio, media.audio), (leg.videoTrack, .video, media.video),
        ]
        if let slides = leg.slides { streams.append((slides.track, .slides, media.slides)) }
        for (index, kind, parameters) in streams {
            guard let parameters, parameters.receives else { continue }
            recorder.addTrack(
                RecordedTrack(
                    index: index, leg: leg.id.rawValue, pointID: seat.admission.point.rawValue,
                    displayName: seat.admission.name, unit: seat.admission.unitName, kind: kind,
                    parameterSets: parameters.h264ParameterSets))
        }
    }

    /// Milliseconds from the beginning of the master, where there is one.
    var masterMilliseconds: Int64? { recording.map { $0.offset + $0.recorder.elapsedMilliseconds } }
}
