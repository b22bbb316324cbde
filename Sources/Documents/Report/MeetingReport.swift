import Foundation

/// What became of a meeting, for people and for other programs (JSON).
public struct MeetingReport: Codable, Hashable, Sendable {
    public struct Meeting: Codable, Hashable, Sendable {
        public var id: String
        public var title: String
        public var room: String
        public var convener: String?
        /// Number and date of the convening document.
        public var document: String?
        public var chair: String?
        /// When the first came in.
        public var openedAt: Date
        /// When the chair opened it, where that was said.
        public var beganAt: Date?
        public var closedAt: Date?
        public var closeReason: String?
        public var durationSeconds: Int
    }

    public enum Presence: String, Codable, Hashable, Sendable, CaseIterable {
        /// Was in the hall or a side room of the meeting with sound or picture.
        case present
        /// Its call came in, but nothing was ever received of it.
        case silent
        /// Never came, only rehearsed, or was not let in.
        case absent
    }

    public struct Attendance: Codable, Hashable, Sendable {
        public var point: String
        public var name: String
        public var presence: Presence
        public var isExpected: Bool
        /// Came after the meeting was opened.
        public var isLate: Bool
        /// When it came into the hall; of who was there before that, when the chair opened the meeting.
        public var firstJoined: Date?
        public var lastLeft: Date?
        /// Time in the hall or a side room from the chair's opening to the close; what two calls of it overlap is counted once.
        public var presentSeconds: Int
        public var reconnections: Int
        /// Why it was absent, where somebody said.
        public var reason: String?
        /// Of a reason that was noted when the meeting was over: who did, and when. A sealed report stays as it is; this is said beside it.
        public var notedAfterwards: Noting?
    }

    /// That something was noted when the meeting was over.
    public struct Noting: Codable, Hashable, Sendable {
        public var by: String
        public var at: Date
        public init(by: String, at: Date) {
            self.by = by
            self.at = at
        }
    }

    public struct Agency: Codable, Hashable, Sendable {
        /// Empty for points that belong to none.
        public var unit: String
        public var points: [Attendance]
    }

    public struct Speech: Codable, Hashable, Sendable {
        public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
            /// The chair gave the word.
            case given
            /// Was heard without that.
            case heard
        }
        /// From 1, in the order of their beginnings.
        public var number: Int
        public var kind: Kind
        public var point: String
        public var name: String
        public var unit: String?
        public var startedAt: Date
        public var seconds: Int
        /// What the chair allowed.
        public var limitSeconds: Int?
    }

    public struct Vote: Codable, Hashable, Sendable {
        public struct Ballot: Codable, Hashable, Sendable {
            public var point: String
            public var name: String
            /// `for`, `against`, `abstain`.
            public var ballot: String
        }
        public var number: Int
        public var question: String
        public var isSecret: Bool
        public var openedAt: Date?
        public var closedAt: Date?
        public var votesFor: Int
        public var votesAgainst: Int
        public var abstentions: Int
        public var notVoted: Int
        /// Empty of a secret vote.
        public var ballots: [Ballot]
    }

    public struct Message: Codable, Hashable, Sendable {
        public var at: Date
        /// Nil of what was shown on all pictures.
        public var from: String?
        public var text: String
    }

    public struct RecordingStep: Codable, Hashable, Sendable {
        /// The event's name: `recording-ordered`, `recording-started`, `recording-paused`, …
        public var step: String
        public var at: Date
        public var by: String?
        public var document: String?
        public var reason: String?
    }

    /// What the master has of one kind of a point's streams.
    public struct RecordedStream: Codable, Hashable, Sendable {
        public enum Kind: String, Codable, Hashable, Sendable, CaseIterable { case audio, video, slides }
        public var kind: Kind
        /// Missing because it never came over the line. Nil, like the two below, where that was not counted: its recorder died.
        public var lostMilliseconds: Int?
        /// Missing because the recorder had no room for it.
        public var withoutRoomMilliseconds: Int?
        /// Pictures that may show damage after a loss.
        public var damagedMilliseconds: Int?
        /// Not in the master of a recorder that died, for whatever reason: lost, silent, muted or away; nil where it lived.
        public var unexplainedMilliseconds: Int?
        /// What decoding all of it before the sealing showed; nil where that was not done.
        public var decoding: Decoding?
    }

    /// Blocks of the master: packets of sound, pictures.
    public struct Decoding: Codable, Hashable, Sendable {
        public var blocks: Int
        /// That no decoder took.
        public var refused: Int
        /// Where the first of them is, in milliseconds of the master.
        public var firstRefusedMilliseconds: Int?
        /// That are not there, and that the decoder of the sound made up for.
        public var concealed: Int
    }

    /// That a point was told of the recording.
    public struct Notice: Codable, Hashable, Sendable {
        public enum Way: String, Codable, Hashable, Sendable, CaseIterable { case voice, picture, page }
        public var at: Date
        public var by: Way
    }

    /// A point in the recording.
    public struct Recorded: Codable, Hashable, Sendable {
        public var point: String
        public var name: String
        public var notice: Notice?
        public var streams: [RecordedStream]
    }

    public struct Incident: Codable, Hashable, Sendable {
        /// The event's name: `dropped`, `not-reached`, `refused`, …; `note` of what the archive noted.
        public var kind: String
        public var at: Date
        public var point: String?
        public var name: String?
        public var text: String?
    }

    /// Of a point's line in the meeting, where it was measured.
    public struct Quality: Codable, Hashable, Sendable {
        public var point: String
        public var name: String
        public var lossPercent: Double?
        public var jitterMilliseconds: Double?
        public var roundTripMilliseconds: Double?
        /// Mean opinion score (ITU-T G.107), 1 to 4.5.
        public var opinionScore: Double?
    }

    /// The clock of the notice of conclusions, where one is ordered.
    public struct Conclusion: Codable, Hashable, Sendable {
        /// `2026-12-01`
        public var dueDay: String
        public var workingDays: Int
        /// No holidays are known of a year that the clock runs in: the day may be later.
        public var lacksHolidays: Bool
    }

    public var meeting: Meeting
    /// In the order of protocol where that is known, else as they came.
    public var agencies: [Agency]
    public var speeches: [Speech]
    public var votes: [Vote]
    public var messages: [Message]
    public var recording: [RecordingStep]
    /// What the recording has of each point, and when it was told of it.
    public var recorded: [Recorded]
    public var incidents: [Incident]
    public var quality: [Quality]
    public var conclusion: Conclusion?
    /// There and back of all who were present, as the crow flies; nil where places are not known.
    public var savedKilometres: Double?
    /// Lines of the record that were not understood.
    public var skippedLines: Int

    public var attendance: [Attendance] { agencies.flatMap(\.points) }
    public var presentCount: Int { attendance.count { $0.presence == .present } }
    public var expectedCount: Int { attendance.count(where: \.isExpected) }
    /// Sets why a point was absent, as it was noted when the meeting was over. Who was present needs no reason.
    public mutating func note(absence point: String, reason: String, _ noting: Noting) {
        for agency in agencies.indices {
            for index in agencies[agency].points.indices where agencies[agency].points[index].point == point {
                guard agencies[agency].points[index].presence != .present else { continue }
                agencies[agency].points[index].reason = reason
                agencies[agency].points[index].notedAfterwards = noting
            }
        }
    }

    public var absentCount: Int { attendance.count { $0.isExpected && $0.presence != .present } }
}
