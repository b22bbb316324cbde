import Foundation

/// `GET /api/v1/recordings/{id}/timeline`: what a player shows beside a recording's film. Times are milliseconds of the
/// master, which are the film's too.
public struct RecordingTimeline: Codable, Sendable, Equatable {
    public struct Span: Codable, Sendable, Equatable {
        public var from: Int64
        public var to: Int64
        public init(from: Int64, to: Int64) {
            self.from = from
            self.to = to
        }
    }

    /// A speech.
    public struct Chapter: Codable, Sendable, Equatable {
        public var point: String
        public var name: String
        public var unit: String?
        /// The chair gave the word.
        public var isGiven: Bool
        public var from: Int64
        public var to: Int64
        public init(point: String, name: String, unit: String?, isGiven: Bool, from: Int64, to: Int64) {
            self.point = point
            self.name = name
            self.unit = unit
            self.isGiven = isGiven
            self.from = from
            self.to = to
        }
    }

    /// An item of the agenda; its time is that of the word that was given for it, and nil where none was.
    public struct AgendaItem: Codable, Sendable, Equatable {
        public var title: String
        public var speaker: String
        public var from: Int64?
        public init(title: String, speaker: String, from: Int64? = nil) {
            self.title = title
            self.speaker = speaker
            self.from = from
        }
    }

    /// What the recording lacks of a point.
    public struct Gap: Codable, Sendable, Equatable {
        /// `audio`, `video`, `slides`; `unknown` of old recordings.
        public var kind: String
        /// `lost` on the line, `recorder` had no room, `damaged` pictures, `unexplained`.
        public var cause: String
        public var from: Int64
        public var to: Int64
        public init(kind: String, cause: String, from: Int64, to: Int64) {
            self.kind = kind
            self.cause = cause
            self.from = from
            self.to = to
        }
    }

    /// A point's own line.
    public struct Lane: Codable, Sendable, Equatable {
        public var point: String
        public var name: String
        public var unit: String?
        /// It was in the meeting.
        public var present: [Span] = []
        /// It was the one who spoke.
        public var spoke: [Span] = []
        public var presented: [Span] = []
        public var gaps: [Gap] = []
        /// What `points/{point}/stream` has of it: `audio`, `video`, `slides`.
        public var streams: [String] = []
        public init(point: String, name: String, unit: String?) {
            self.point = point
            self.name = name
            self.unit = unit
        }
    }

    /// A small picture in one of the package's files.
    public struct Thumbnail: Codable, Sendable, Equatable {
        public var from: Int64
        public var file: String
        public var x: Int
        public var y: Int
        public var width: Int
        public var height: Int
        public init(from: Int64, file: String, x: Int, y: Int, width: Int, height: Int) {
            self.from = from
            self.file = file
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    public struct Paper: Codable, Sendable, Equatable {
        public var file: String
        public var title: String
        public var version: Int
        public var by: String
        public var at: Date
        public var bytes: Int64
        /// It has scripts, macros or files within it, or may have.
        public var hasCode: Bool
        /// It came when the recording was sealed already, and is in no package: the address below `/api/v1` at which it is fetched.
        public var late: String?
        public init(
            file: String, title: String, version: Int, by: String, at: Date, bytes: Int64, hasCode: Bool = false,
            late: String? = nil
        ) {
            self.file = file
            self.title = title
            self.version = version
            self.by = by
            self.at = at
            self.bytes = bytes
            self.hasCode = hasCode
            self.late = late
        }
    }

    public var recording: String
    /// As the meeting's report has them.
    public var convener: String?
    public var document: String?
    public var chair: String?
    public var durationMilliseconds: Int64
    /// What of it may be seen.
    public var viewable: Span
    /// Names of the package's files, below `files/`; nil where there is none, or it may not be fetched.
    public var film: String?
    public var poster: String?
    public var chapters: [Chapter] = []
    public var agenda: [AgendaItem] = []
    /// In the order of protocol.
    public var lanes: [Lane] = []
    /// While the recording was paused.
    public var pauses: [Span] = []
    public var thumbnails: [Thumbnail] = []
    /// The film's loudness in equal parts of its length, 0 to 127.
    public var loudness: [Int] = []
    public var papers: [Paper] = []

    public init(recording: String, durationMilliseconds: Int64, viewable: Span) {
        self.recording = recording
        self.durationMilliseconds = durationMilliseconds
        self.viewable = viewable
    }
}

/// `POST /api/v1/recordings/{id}/viewings`: what somebody watched, in milliseconds.
public struct ViewingNote: Codable, Sendable, Equatable {
    /// `film`, or a point's id.
    public var source: String
    public var from: Int64
    public var to: Int64
    public init(source: String, from: Int64, to: Int64) {
        self.source = source
        self.from = from
        self.to = to
    }
}
