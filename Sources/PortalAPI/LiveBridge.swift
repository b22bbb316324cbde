import Foundation

/// What the portal asks the running bridge; the daemon answers.
public protocol LiveBridge: Sendable {
    func status() async -> BridgeStatus
    /// From now on no meeting is begun; those in progress go on. Whether this was news; it is written down who wanted it.
    func drain(by: String) async -> Bool
    /// Meetings are begun again. Whether this was news.
    func cancelDrain(by: String) async -> Bool
    /// The meetings in progress, the oldest first.
    func meetings() async -> [LiveMeeting]
    /// Ends a meeting in order: BYE to every participant, the master finished.
    func endMeeting(_ id: String, by: String) async throws(LiveBridgeError)
    /// Calls points into a room, where a meeting opens if none is; nil calls all that are invited and not there.
    /// - Returns: the points that are being called.
    func callPoints(_ points: [String]?, into room: String, by: String) async throws(LiveBridgeError) -> [String]
    /// What the join page says of a room; nil where there is no such room.
    func joinRoom(_ id: String) async -> JoinRoom?
    /// Whether somebody who asks for papers of the meeting in a room may have them, by its `Authorization` (RFC 9110 §11.6.2).
    /// - Parameter origin: where the request comes from: answers to challenges are taken from there alone.
    func papers(in room: String, authorization: String?, from origin: String) async -> PaperAdmission
    /// Makes an invitation with which a point comes in without its password.
    func invite(_ point: String, to room: String, for period: Duration, by: String) async throws(LiveBridgeError)
        -> Invitation
    /// Sends a point from a meeting to another room.
    func movePoint(_ point: String, from meeting: String, to room: String, by: String) async throws(LiveBridgeError)
    /// As what a meeting was convened; nil where it is not in progress.
    func convening(of meeting: String) async -> LiveConvening?
    /// A meeting for whoever leads it; nil where it is not in progress.
    func control(of meeting: String) async -> MeetingControl?
    /// Has an order carried out in a meeting.
    func carryOut(_ order: MeetingOrder, in meeting: String, by giver: OrderGiver) async throws(OrderRefusal)
    /// The line checks of a point, or of all, the newest first.
    func lineChecks(of point: String?) async -> [LineCheck]
    /// A check of late by its id; nil where there is none.
    func lineCheck(_ id: String) async -> LineCheck?
    /// How the points of a meeting have done lately; nil where none of this id is in progress.
    func quality(of meeting: String) async -> MeetingQuality?
}

public enum LiveBridgeError: Error, Sendable, Equatable {
    case unknownMeeting
    case unknownRoom
    /// The room does not let these points in, or they are not in the register.
    case notInvited([String])
    case nobodyToCall
    /// This point is not in the meeting.
    case notInMeeting(String)
    case failed(reason: String)
}

/// What is asked for when points are to be called.
public struct CallRequest: Codable, Sendable, Equatable {
    /// Codes of points; all that are invited and not there where this is left out.
    public var points: [String]?
    public init(points: [String]? = nil) { self.points = points }
}

/// What is asked for when a point is to go to another room.
public struct MoveRequest: Codable, Sendable, Equatable {
    /// The point's code.
    public var point: String
    /// The room's id.
    public var room: String
    public init(point: String, room: String) {
        self.point = point
        self.room = room
    }
}

/// What comes of a call.
public struct CallAnswer: Codable, Sendable, Equatable {
    /// Codes of the points that are being called.
    public var called: [String]
    public init(called: [String]) { self.called = called }
}

/// A socket on which the bridge listens.
public struct ListenerStatus: Codable, Sendable, Equatable {
    /// `udp`, `tcp`, `tls`, `https`, `unix`.
    public var transport: String
    /// `192.0.2.1:5061`, or a path.
    public var address: String
    public init(transport: String, address: String) {
        self.transport = transport
        self.address = address
    }
}

/// How the media plane keeps up with the sound, in frames of 20 ms, since the daemon's start.
public struct MediaStatus: Codable, Sendable, Equatable {
    public var workers: Int
    /// Frames mixed a frame's length or more after they were due.
    public var lateFrames: UInt64
    /// Frames never mixed, for the machine was further behind: so much of every meeting's sound is missing.
    public var skippedFrames: UInt64
    /// The longest that a worker took for a frame of all its meetings, since it was last asked.
    public var longestMilliseconds: Double

    public init(workers: Int, lateFrames: UInt64, skippedFrames: UInt64, longestMilliseconds: Double) {
        self.workers = workers
        self.lateFrames = lateFrames
        self.skippedFrames = skippedFrames
        self.longestMilliseconds = longestMilliseconds
    }
}

/// The bridge as a whole.
public struct BridgeStatus: Codable, Sendable, Equatable {
    public var version: String
    public var startedAt: Date
    /// Of signalling; the portal adds its own.
    public var listeners: [ListenerStatus]
    public var liveMeetings: Int
    public var participants: Int
    public var pointsConfigured: Int
    public var pointsRegistered: Int
    public var media: MediaStatus?
    /// What an operator should look at now.
    public var warnings: [StatusWarning]
    /// No meeting is begun, where it is so.
    public var drain: DrainStatus?

    public init(
        version: String, startedAt: Date, listeners: [ListenerStatus] = [], liveMeetings: Int = 0,
        participants: Int = 0,
        pointsConfigured: Int = 0, pointsRegistered: Int = 0, media: MediaStatus? = nil, warnings: [StatusWarning] = [],
        drain: DrainStatus? = nil
    ) {
        self.version = version
        self.startedAt = startedAt
        self.listeners = listeners
        self.liveMeetings = liveMeetings
        self.participants = participants
        self.pointsConfigured = pointsConfigured
        self.pointsRegistered = pointsRegistered
        self.media = media
        self.warnings = warnings
        self.drain = drain
    }
}

/// Since when, and by whose order, no meeting is begun.
public struct DrainStatus: Codable, Sendable, Equatable {
    public var since: Date
    public var by: String
    public init(since: Date, by: String) {
        self.since = since
        self.by = by
    }
}

/// As what a meeting in progress was convened.
public struct LiveConvening: Codable, Sendable, Equatable {
    /// Of the schedule; nil where nobody convened it.
    public var sitting: String?
    /// `ordinary`, `restricted`, `secret`, `highly-secret`, `top-secret`.
    public var confidentiality: String
    public init(sitting: String? = nil, confidentiality: String = "ordinary") {
        self.sitting = sitting
        self.confidentiality = confidentiality
    }
}

/// A meeting in progress.
public struct LiveMeeting: Codable, Sendable, Equatable, Identifiable {
    public enum Recording: String, Codable, Sendable, CaseIterable {
        /// No order to record.
        case off
        case recording
        /// Ordered, but ended before the meeting, as a warning says.
        case stopped
    }
    public var id: String
    public var room: String
    public var title: String
    public var openedAt: Date
    public var recording: Recording
    /// The code of the point that speaks.
    public var speaker: String?
    /// The code of the point whose slides all see.
    public var presenter: String?
    public var participants: [LiveParticipant]
    public var convening = LiveConvening()

    public init(
        id: String, room: String, title: String, openedAt: Date, recording: Recording = .off, speaker: String? = nil,
        presenter: String? = nil, participants: [LiveParticipant] = []
    ) {
        self.id = id
        self.room = room
        self.title = title
        self.openedAt = openedAt
        self.recording = recording
        self.speaker = speaker
        self.presenter = presenter
        self.participants = participants
    }
}

/// A point in a meeting in progress.
public struct LiveParticipant: Codable, Sendable, Equatable {
    /// The point's code in the register.
    public var point: String
    public var name: String
    public var unit: String?
    public var joinedAt: Date
    public var isSpeaking: Bool
    /// Since when it asks for the word.
    public var handRaisedAt: Date?
    public var audio: LiveStream?
    public var video: LiveStream?
    /// The stream for slides, beside the camera's, of a point that has one and by which some came or went.
    public var slides: LiveStream?
    /// How its line does; nil until it was looked at.
    public var quality: LiveQuality?
    /// What is wrong with its sound: `noise`, `echo`, `howl`.
    public var soundTroubles: [String] = []
    /// What the line to it is thought to carry, bit/s; nil while nothing bounds it.
    public var lineBitsPerSecond: UInt64?

    public init(
        point: String, name: String, unit: String? = nil, joinedAt: Date, isSpeaking: Bool = false,
        handRaisedAt: Date? = nil,
        audio: LiveStream? = nil, video: LiveStream? = nil, slides: LiveStream? = nil
    ) {
        self.point = point
        self.name = name
        self.unit = unit
        self.joinedAt = joinedAt
        self.isSpeaking = isSpeaking
        self.handRaisedAt = handRaisedAt
        self.audio = audio
        self.video = video
        self.slides = slides
    }
}

/// One medium between a point and the bridge.
public struct LiveStream: Codable, Sendable, Equatable {
    /// For example `opus`, `VP8`.
    public var codec: String
    public var packetsReceived: UInt64
    public var packetsSent: UInt64
    /// Lost on the way to the bridge since the beginning; duplicates can make it negative (RFC 3550 §6.4.1).
    public var packetsLost: Int64
    public var jitterMilliseconds: Double
    public var roundTripMilliseconds: Double?
    /// There is something to see that this point is not sent: its line or its decoders do not take it.
    public var isWithheld = false

    public init(
        codec: String, packetsReceived: UInt64 = 0, packetsSent: UInt64 = 0, packetsLost: Int64 = 0,
        jitterMilliseconds: Double = 0, roundTripMilliseconds: Double? = nil
    ) {
        self.codec = codec
        self.packetsReceived = packetsReceived
        self.packetsSent = packetsSent
        self.packetsLost = packetsLost
        self.jitterMilliseconds = jitterMilliseconds
        self.roundTripMilliseconds = roundTripMilliseconds
    }

    /// Of a hundred packets that should have come, how many did not.
    public var lossPercent: Double {
        let lost = Double(max(0, packetsLost))
        let expected = Double(packetsReceived) + lost
        return expected > 0 ? lost / expected * 100 : 0
    }
}
