import Foundation

/// A meeting as whoever leads it, or looks after its lines, sees it.
public struct MeetingControl: Codable, Sendable, Equatable {
    public var id: String
    public var room: String
    public var title: String
    public var openedAt: Date
    /// Seconds since then, by the daemon's steady clock.
    public var openedSeconds: Double
    /// `ordinary`, `restricted`, `secret`, `highly-secret`, `top-secret`.
    public var confidentiality: String
    /// The sitting as which it was convened.
    public var sitting: String?
    /// The point where the chair sits.
    public var chair: String?
    public var agenda: [AgendaItem] = []
    /// The chair opened it.
    public var isInSession: Bool
    public var isLocked: Bool
    /// `off`, `running`, `paused`, `stopped`, `failed`.
    public var recording: String
    public var recordingFailure: String?
    /// `muted` or `open`: of whoever comes in.
    public var microphones: String
    public var pointsMayUnmute: Bool
    public var message: String?
    /// The last vote's result stands on all pictures; an order `message` without a text takes it off as well.
    public var isResultShown = false
    public var layout: String?
    /// Points that the layout `chair` shows, in this order; empty for the chair's alone.
    public var chosen: [String]?
    /// The point that all see.
    public var spotlight: String?
    public var speech: Speech?
    /// In the order of asking.
    public var queue: [Hand] = []
    public var vote: Vote?
    /// Votes that are over, in order.
    public var votes: [Vote] = []
    /// Expected points in the order of protocol, then the others.
    public var roll: [RollLine] = []

    public init(
        id: String, room: String, title: String, openedAt: Date, openedSeconds: Double, confidentiality: String,
        isInSession: Bool, isLocked: Bool, recording: String, microphones: String, pointsMayUnmute: Bool
    ) {
        self.id = id
        self.room = room
        self.title = title
        self.openedAt = openedAt
        self.openedSeconds = openedSeconds
        self.confidentiality = confidentiality
        self.isInSession = isInSession
        self.isLocked = isLocked
        self.recording = recording
        self.microphones = microphones
        self.pointsMayUnmute = pointsMayUnmute
    }

    public struct AgendaItem: Codable, Sendable, Equatable {
        public var title: String
        /// Where its speaker sits, as far as that is known.
        public var point: String?
        /// How long that point may speak, where the chair says nothing else.
        public var limitSeconds: Double?
        public init(title: String, point: String?, limitSeconds: Double?) {
            self.title = title
            self.point = point
            self.limitSeconds = limitSeconds
        }
    }

    /// The word that a point has.
    public struct Speech: Codable, Sendable, Equatable {
        public var point: String
        public var elapsedSeconds: Double
        public var limitSeconds: Double?
        public init(point: String, elapsedSeconds: Double, limitSeconds: Double?) {
            self.point = point
            self.elapsedSeconds = elapsedSeconds
            self.limitSeconds = limitSeconds
        }
    }

    public struct Hand: Codable, Sendable, Equatable {
        public var point: String
        public var since: Date
        public init(point: String, since: Date) {
            self.point = point
            self.since = since
        }
    }

    public struct Vote: Codable, Sendable, Equatable {
        public var number: Int
        public var question: String
        public var isSecret: Bool
        public var openedAt: Date
        public var closedAt: Date?
        public var leftSeconds: Double?
        public var cast: Int
        /// Of a secret vote 0 until it is closed.
        public var votesFor: Int
        public var votesAgainst: Int
        public var abstentions: Int
        public var notVoted: Int
        /// By point: `for`, `against`, `abstain`; empty where it is secret.
        public var ballots: [String: String]

        public init(
            number: Int, question: String, isSecret: Bool, openedAt: Date, closedAt: Date?, leftSeconds: Double?,
            cast: Int, votesFor: Int, votesAgainst: Int, abstentions: Int, notVoted: Int, ballots: [String: String]
        ) {
            self.number = number
            self.question = question
            self.isSecret = isSecret
            self.openedAt = openedAt
            self.closedAt = closedAt
            self.leftSeconds = leftSeconds
            self.cast = cast
            self.votesFor = votesFor
            self.votesAgainst = votesAgainst
            self.abstentions = abstentions
            self.notVoted = notVoted
            self.ballots = ballots
        }
    }

    /// A point on the roll.
    public struct RollLine: Codable, Sendable, Equatable {
        public var point: String
        public var name: String
        public var unit: String?
        public var isExpected: Bool
        public var isRequired: Bool
        /// Since when it is in the hall or a side room; nil while it is not in, waits, or rehearses.
        public var presentSince: Date?
        /// `hall`, `waiting`, `side`; nil while it is not in.
        public var place: String?
        public var sideRoom: String?
        /// It is asked for the room's PIN.
        public var isAskedForPIN: Bool = false
        /// `muted` or `open`.
        public var microphone: String?
        public var isSpeaking: Bool = false
        public var handRaisedAt: Date?
        /// Sound and picture that came from its present call.
        public var hasSound: Bool = false
        public var hasPicture: Bool = false
        public var wasMissingAtOpening: Bool = false
        public var excuse: String?
        public var reconnections: Int = 0
        /// Of the bridge's call: `ringing`, `waiting`, `answered`, `gave-up`.
        public var call: String?
        public var callAttempts: Int?
        public var callFailure: String?
        public var audio: LiveStream?
        public var video: LiveStream?
        /// The loudest that came from it lately, dBov: falls by 10 dB a second, also while it is muted, when
        /// nobody listens; nil while it is not in.
        public var peakLevel: Double?
        /// What is wrong with its sound: `noise`, `echo`, `howl`.
        public var soundTroubles: [String] = []

        public init(point: String, name: String, unit: String?, isExpected: Bool, isRequired: Bool) {
            self.point = point
            self.name = name
            self.unit = unit
            self.isExpected = isExpected
            self.isRequired = isRequired
        }
    }
}

/// An order in a meeting, as it is sent: `{"order": "mute", "point": "soyte"}`.
public struct MeetingOrder: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case open, close, lock, unlock, admit, remove, mute, unmute
        case muteAll = "mute-all"
        case unmuteAll = "unmute-all"
        case allowUnmute = "allow-unmute"
        case forbidUnmute = "forbid-unmute"
        /// Gives a point the word, for `seconds` where there is a limit.
        case speak
        case endSpeech = "end-speech"
        /// Of a point, or of nobody.
        case spotlight
        case lowerHand = "lower-hand"
        case moveAside = "move-aside"
        case recall
        case record
        case pauseRecording = "pause-recording"
        case resumeRecording = "resume-recording"
        case stopRecording = "stop-recording"
        /// Shows `text`, or takes what is shown away.
        case message
        case openVote = "open-vote"
        case closeVote = "close-vote"
        case layout, excuse
    }

    public var order: Kind
    public var point: String?
    public var reason: String?
    public var text: String?
    /// A side room, or a layout.
    public var name: String?
    /// Of the layout `chair`, whom it shows, in this order; without, whom it showed before, or the chair's point.
    public var points: [String]?
    public var seconds: Double?
    public var isSecret: Bool?
    /// Number and date of the decision to record.
    public var document: String?

    public init(
        _ order: Kind, point: String? = nil, reason: String? = nil, text: String? = nil, name: String? = nil,
        seconds: Double? = nil, isSecret: Bool? = nil, document: String? = nil, points: [String]? = nil
    ) {
        self.order = order
        self.points = points
        self.point = point
        self.reason = reason
        self.text = text
        self.name = name
        self.seconds = seconds
        self.isSecret = isSecret
        self.document = document
    }
}

/// Who gives an order over the portal.
public struct OrderGiver: Sendable, Equatable {
    public enum Authority: String, Sendable, CaseIterable { case administrator, chair, technician }
    public var name: String
    public var authority: Authority
    /// By which the portal knows the person, where it does.
    public var person: String?
    public init(name: String, authority: Authority, person: String? = nil) {
        self.name = name
        self.authority = authority
        self.person = person
    }
}

/// Why an order is not carried out.
public enum OrderRefusal: String, Error, Codable, Sendable, CaseIterable {
    case unknownMeeting = "unknown-meeting"
    case notAllowed = "not-allowed"
    case notOpen = "not-open"
    case alreadySo = "already-so"
    case notInMeeting = "not-in-meeting"
    case notRecording = "not-recording"
    case tooSecretToRecord = "too-secret-to-record"
    case recordingFailed = "recording-failed"
    case voteIsOpen = "vote-is-open"
    case noVoteIsOpen = "no-vote-is-open"
    case badText = "bad-text"
    case outOfBounds = "out-of-bounds"
    /// The order lacks something that it needs, or there is no such layout.
    case incomplete
}
