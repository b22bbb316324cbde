/// One stay of a point in a meeting, by one call.
public struct Sitting: Hashable, Sendable, Codable {
    public var participant: ParticipantID
    public var joined: WallTime
    /// When it came into the hall, or back to its side room; nil if it only waited.
    public var entered: WallTime?
    /// When its media was first seen; nil if never.
    public var mediaEstablished: WallTime?
    /// Nil while it lasts.
    public var left: WallTime?
    /// Why it ended: a `LeaveReason` or `DisconnectReason`.
    public var leftBecause: String?
}

/// A point on the roll.
public struct Attendance: Hashable, Sendable, Codable {
    public var point: PointID
    /// As the register had it when the point was first expected or admitted.
    public var name: String
    public var unit: UnitID?
    public var unitName: String?
    public var isExpected: Bool
    /// Without it the meeting is not complete.
    public var isRequired = false
    /// Why it is absent, where the Office knows.
    public var excuse: String?
    /// It was expected, and not there when the meeting was opened.
    public var wasMissingAtOpening = false
    public private(set) var firstSound: WallTime?
    public private(set) var firstPicture: WallTime?
    /// In time order; of more than `maximumSittings` the first and the latest are kept.
    public private(set) var sittings: [Sitting] = []
    /// Sittings after the first.
    public private(set) var reconnections = 0
    /// Sittings that are not in the list any more.
    public private(set) var sittingsDropped = 0

    public static let maximumSittings = 200

    init(point: Conference.Point, unitName: String?, isExpected: Bool) {
        self.point = point.id
        name = point.name
        unit = point.unit
        self.unitName = unitName
        self.isExpected = isExpected
    }

    /// Was let into the meeting with media at some time.
    public var wasPresent: Bool { sittings.contains { $0.entered != nil && $0.mediaEstablished != nil } }
    /// Since when it is in the hall or a side room; nil while it is not, or only waits.
    public var presentSince: WallTime? { sittings.filter { $0.left == nil }.compactMap(\.entered).min() }
    public var firstJoined: WallTime? { sittings.first?.joined }
    /// Nil while it is in the meeting, and where it never was.
    public var lastLeft: WallTime? {
        sittings.contains { $0.left == nil } ? nil : sittings.compactMap(\.left).max()
    }

    mutating func sitDown(_ participant: ParticipantID, at wall: WallTime) {
        if !sittings.isEmpty { reconnections += 1 }
        if sittings.count >= Self.maximumSittings,
            let oldest = sittings.indices.dropFirst().first(where: { sittings[$0].left != nil })
        {
            sittings.remove(at: oldest)
            sittingsDropped += 1
        }
        sittings.append(Sitting(participant: participant, joined: wall))
    }

    mutating func enter(_ participant: ParticipantID, at wall: WallTime) {
        guard let index = sittings.lastIndex(where: { $0.participant == participant }) else { return }
        sittings[index].entered = sittings[index].entered ?? wall
    }

    mutating func sawMedia(of participant: ParticipantID, at wall: WallTime) {
        guard let index = sittings.lastIndex(where: { $0.participant == participant }) else { return }
        sittings[index].mediaEstablished = sittings[index].mediaEstablished ?? wall
    }

    mutating func saw(_ kind: Conference.MediaKind, at wall: WallTime) {
        switch kind {
        case .sound: firstSound = firstSound ?? wall
        case .picture: firstPicture = firstPicture ?? wall
        }
    }

    mutating func standUp(_ participant: ParticipantID, because reason: String, at wall: WallTime) {
        guard let index = sittings.lastIndex(where: { $0.participant == participant }) else { return }
        sittings[index].left = wall
        sittings[index].leftBecause = reason
    }
}

/// A stretch of a meeting in which one point was heard.
public struct SpeakerTurn: Hashable, Sendable {
    public var participant: ParticipantID
    public var point: PointID
    public var from: WallTime
    /// Nil while it lasts.
    public var to: WallTime?
    /// Since the meeting opened, by the steady clock.
    public var startsAfter: Duration
    public var endsAfter: Duration?
}

/// What became of a meeting's recording.
public enum RecordingOutcome: Hashable, Sendable {
    /// No order, nothing written.
    case notOrdered
    case recorded(Conference.RecordingOrder)
    /// Recorded until it failed for the reason in `text`.
    case failed(Conference.RecordingOrder, text: String)
}

/// Why a meeting closed.
public enum CloseCause: Hashable, Sendable {
    case ended(by: String)
    /// The last point had left for as long as the room lingers.
    case empty
    case shutdown

    public var name: String {
        switch self {
        case .ended: "ended"
        case .empty: "empty"
        case .shutdown: "shutdown"
        }
    }
}

/// A meeting that is over.
public struct MeetingSummary: Hashable, Sendable {
    public var id: MeetingID
    public var room: RoomID
    public var title: String
    public var openedAt: WallTime
    public var closedAt: WallTime
    /// By the steady clock, so right even where the wall clock was set meanwhile.
    public var duration: Duration
    public var cause: CloseCause
    public var recording: RecordingOutcome
    /// The roll: expected points in the order of protocol, then the others as they came.
    public var roll: [Attendance]
    public var speakerTurns: [SpeakerTurn]
    /// Turns beyond what is kept of one meeting.
    public var speakerTurnsDropped: Int
    /// In the order of opening.
    public var votes: [VoteTally]
}
