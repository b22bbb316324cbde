import Foundation
import Office

/// A sitting, as the calendar lists it.
public struct ScheduleItem: Codable, Sendable, Equatable {
    public var sitting: ScheduledSitting
    public var title: String
    public var room: String
    public var roomTitle: String
    public var confidentiality: ScheduledMeeting.Confidentiality
    public var isCancelled: Bool
    public var points: Int
    /// Every required point passed its rehearsal or was waived.
    public var isGreen: Bool

    public init(
        sitting: ScheduledSitting, title: String, room: String, roomTitle: String,
        confidentiality: ScheduledMeeting.Confidentiality, isCancelled: Bool, points: Int, isGreen: Bool
    ) {
        self.sitting = sitting
        self.title = title
        self.room = room
        self.roomTitle = roomTitle
        self.confidentiality = confidentiality
        self.isCancelled = isCancelled
        self.points = points
        self.isGreen = isGreen
    }
}

/// A meeting with what belongs to it.
public struct MeetingDetail: Codable, Sendable, Equatable {
    public var meeting: ScheduledMeeting
    public var sittings: [ScheduledSitting]
    public var papers: [Paper]
    public var clashes: [Clash]
    public var roomTitle: String
    /// Points' names as the register had them at the first sitting, where that is over.
    public var pointNames: [String: String]

    public init(
        meeting: ScheduledMeeting, sittings: [ScheduledSitting], papers: [Paper], clashes: [Clash], roomTitle: String,
        pointNames: [String: String]
    ) {
        self.meeting = meeting
        self.sittings = sittings
        self.papers = papers
        self.clashes = clashes
        self.roomTitle = roomTitle
        self.pointNames = pointNames
    }
}

/// What would come of a draft: why it cannot be, and what it gets in the way of.
public struct JudgedDraft: Codable, Sendable, Equatable {
    public var fault: Words?
    public var clashes: [Clash]
    public init(fault: Words?, clashes: [Clash]) {
        self.fault = fault
        self.clashes = clashes
    }
}

/// Why a point was absent from a meeting that is over.
public struct AbsenceRequest: Codable, Sendable, Equatable {
    /// Empty takes back what was noted.
    public var reason: String
    public init(reason: String) { self.reason = reason }
}

/// The result of one check of a point's rehearsal.
public struct RehearsalRequest: Codable, Sendable, Equatable {
    public var check: RehearsalCheck
    public var isPassed: Bool
    public var note: String
    public init(check: RehearsalCheck, isPassed: Bool, note: String = "") {
        self.check = check
        self.isPassed = isPassed
        self.note = note
    }
}

/// The sittings that have not begun are moved, the next of them to this time.
public struct MoveRestRequest: Codable, Sendable, Equatable {
    public var starts: Date
    public init(starts: Date) { self.starts = starts }
}

/// An officer takes a point as it is; without a reason the waiver is taken back.
public struct WaiverRequest: Codable, Sendable, Equatable {
    /// Who decides, by name.
    public var officer: String
    public var reason: String
    public init(officer: String, reason: String) {
        self.officer = officer
        self.reason = reason
    }
}
