import Conference
import Foundation
import Vietnamese

/// A meeting that the Office called together: once, or again and again.
public struct ScheduledMeeting: Codable, Hashable, Sendable, Identifiable {
    public typealias Confidentiality = Convening.Confidentiality

    /// By which it is convened.
    public struct Document: Codable, Hashable, Sendable {
        public var number: String
        /// `2026-11-20`
        public var date: String
        public init(number: String, date: String) {
            self.number = number
            self.date = date
        }

        /// `120/GM-UBND ngày 20/01/2026`
        public var text: String { "\(number) ngày \(date.split(separator: "-").reversed().joined(separator: "/"))" }
    }

    public struct Chair: Codable, Hashable, Sendable {
        public var name: String
        /// Who leads it on the portal.
        public var person: String?
        /// Where the chair sits.
        public var point: String?
        public init(name: String, person: String? = nil, point: String? = nil) {
            self.name = name
            self.person = person
            self.point = point
        }
    }

    /// A sitting that began when the meeting was due at other times.
    public struct EarlierSitting: Codable, Hashable, Sendable {
        public var starts: Date
        public var minutes: Int
        public init(starts: Date, minutes: Int) {
            self.starts = starts
            self.minutes = minutes
        }
    }

    public enum Necessity: String, Codable, Hashable, Sendable, CaseIterable { case required, optional }

    public struct Invitee: Codable, Hashable, Sendable {
        public var point: String
        public var necessity: Necessity
        public init(point: String, necessity: Necessity = .required) {
            self.point = point
            self.necessity = necessity
        }
    }

    public struct AgendaItem: Codable, Hashable, Sendable {
        public var title: String
        public var speaker: String
        public var minutes: Int
        public init(title: String, speaker: String = "", minutes: Int = 0) {
            self.title = title
            self.speaker = speaker
            self.minutes = minutes
        }
    }

    /// ASCII; made by the store.
    public var id: String
    /// Minutes, where neither a meeting nor the site says anything.
    public static let standardRehearsal = 30
    /// Minutes that a rehearsal can have.
    public static let rehearsals = 0...240

    public var title: String
    public var room: String
    /// Who convenes it, as the document says.
    public var convener: String
    public var document: Document
    /// What it is about: *y tế*, *phòng chống thiên tai*.
    public var field: String
    public var confidentiality: Confidentiality
    public var chair: Chair?
    /// Of the first sitting.
    public var starts: Date
    public var minutes: Int
    public var recurrence: Recurrence?
    /// Sittings that began before the rest was moved, in order; kept by the store.
    public var earlier: [EarlierSitting]?
    /// Beginnings of sittings that do not take place.
    public var exceptions: Set<Date>
    public var invited: [Invitee]
    public var agenda: [AgendaItem]
    /// How long before the beginning the room opens for technicians; nil, until it is on the schedule, for as long as the site has it.
    public var rehearsalMinutes: Int?
    /// The chair's decision to record, where it was made beforehand.
    public var recordingOrder: RoomEntry.StandingOrder?
    /// The code of its class in the retention table; its room's where nothing is said.
    public var retentionClass: String?
    /// Whether a notice of its conclusions is ordered, for which a clock runs from its end; nil, as in meetings called
    /// before this was asked, for yes.
    public var conclusionNotice: Bool?
    /// People, besides who made it and its chair, who see it although it is secret.
    public var staff: Set<String>
    public var isCancelled: Bool
    /// Counts changes, for calendars (RFC 5545 §3.8.7.4).
    public var revision: Int
    /// The person, or the token's name.
    public var createdBy: String

    public init(
        id: String = "", title: String, room: String, convener: String, document: Document, field: String,
        confidentiality: Confidentiality = .ordinary, chair: Chair? = nil, starts: Date, minutes: Int,
        recurrence: Recurrence? = nil, exceptions: Set<Date> = [], invited: [Invitee], agenda: [AgendaItem] = [],
        rehearsalMinutes: Int? = nil, recordingOrder: RoomEntry.StandingOrder? = nil, staff: Set<String> = [],
        isCancelled: Bool = false, revision: Int = 0, createdBy: String = ""
    ) {
        self.id = id
        self.title = title
        self.room = room
        self.convener = convener
        self.document = document
        self.field = field
        self.confidentiality = confidentiality
        self.chair = chair
        self.starts = starts
        self.minutes = minutes
        self.recurrence = recurrence
        self.exceptions = exceptions
        self.invited = invited
        self.agenda = agenda
        self.rehearsalMinutes = rehearsalMinutes
        self.recordingOrder = recordingOrder
        self.staff = staff
        self.isCancelled = isCancelled
        self.revision = revision
        self.createdBy = createdBy
    }

    /// When it sits, in order.
    public var sittings: [ScheduledSitting] {
        let starts = recurrence?.starts(from: starts) ?? [starts]
        return (earlier ?? []).map { ScheduledSitting(of: self, at: $0.starts, minutes: $0.minutes) }
            + starts.filter { !exceptions.contains($0) }.map { ScheduledSitting(of: self, at: $0, minutes: minutes) }
    }

    /// As it is when the sittings that have not begun are moved, the next of them to `start` and those after it as far; those
    /// that were left out stay so.
    public func movingRest(to start: Date, now: Date) throws(ScheduleFault) -> ScheduledMeeting {
        guard start >= now else { throw .inThePast }
        guard let next = sittings.first(where: { $0.starts > now }) else { throw .noSitting }
        var meeting = self
        meeting.starts = start.roundedToMillisecond
        guard var rule = recurrence else { return meeting }
        let known = rule.starts(from: starts)
        guard let index = known.firstIndex(of: next.starts) else { throw .noSitting }
        let rest = known[index...]
        rule.end = .count(rest.count)
        let days = CivilDay(meeting.starts).number - CivilDay(next.starts).number
        rule.weekdays = Set(rule.weekdays.map { $0.moved(by: days) })
        meeting.recurrence = rule
        let dates = Dictionary(zip(rest, rule.starts(from: meeting.starts)), uniquingKeysWith: { first, _ in first })
        meeting.exceptions = Set(exceptions.compactMap { dates[$0] })
        return meeting
    }

    /// With the sittings of `known` that have begun, where its own times leave them out.
    public func keeping(begunOf known: ScheduledMeeting, at now: Date) -> ScheduledMeeting {
        var meeting = self
        meeting.earlier = nil
        let own = Set(meeting.sittings.map(\.starts))
        let begun = known.sittings.filter { $0.starts <= now && !own.contains($0.starts) }
        guard !begun.isEmpty else { return meeting }
        meeting.earlier = begun.map {
            EarlierSitting(starts: $0.starts, minutes: Int($0.ends.timeIntervalSince($0.starts) / 60))
        }
        return meeting
    }

    /// Moved from where `known` had it, with the sittings left out that were, by their number: the third stays cancelled.
    public func moved(from known: ScheduledMeeting) -> ScheduledMeeting {
        guard starts != known.starts, let rule = recurrence, let former = known.recurrence else { return self }
        let dates = Dictionary(
            zip(former.starts(from: known.starts), rule.starts(from: starts)), uniquingKeysWith: { first, _ in first })
        var meeting = self
        meeting.exceptions = Set(exceptions.compactMap { dates[$0] })
        return meeting
    }

    /// With texts in NFC and its points in the order of protocol.
    public func normalised(_ register: OfficeRegister) -> ScheduledMeeting {
        var meeting = self
        meeting.title = VietnameseText.stored(title)
        meeting.convener = VietnameseText.stored(convener)
        meeting.document.number = VietnameseText.stored(document.number)
        meeting.field = VietnameseText.stored(field)
        meeting.retentionClass = retentionClass.map(VietnameseText.stored).flatMap { $0.isEmpty ? nil : $0 }
        meeting.chair?.name = VietnameseText.stored(chair?.name ?? "")
        meeting.starts = starts.roundedToMillisecond
        meeting.agenda = agenda.map {
            AgendaItem(
                title: VietnameseText.stored($0.title), speaker: VietnameseText.stored($0.speaker), minutes: $0.minutes)
        }
        let order = Dictionary(register.points.enumerated().map { ($1.id, $0) }) { first, _ in first }
        meeting.invited.sort { (order[$0.point] ?? .max, $0.point) < (order[$1.point] ?? .max, $1.point) }
        return meeting
    }
}

/// One of a meeting's sittings.
public struct ScheduledSitting: Codable, Hashable, Sendable, Identifiable {
    /// The meeting's id and the local time: `giaoban-k3f9.20261201-0800`.
    public var id: String
    public var meeting: String
    public var starts: Date
    public var ends: Date
    public var rehearsalFrom: Date

    init(of meeting: ScheduledMeeting, at starts: Date, minutes: Int) {
        let (year, month, day) = CivilDay(starts).civil
        let minute = Int(starts.timeIntervalSince(CivilDay(starts).date(secondOfDay: 0)) / 60)
        func digits(_ number: Int, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        id =
            "\(meeting.id).\(digits(year, 4))\(digits(month))\(digits(day))-\(digits(minute / 60))\(digits(minute % 60))"
        self.meeting = meeting.id
        self.starts = starts
        ends = starts.addingTimeInterval(Double(minutes) * 60)
        let rehearsal = meeting.rehearsalMinutes ?? ScheduledMeeting.standardRehearsal
        rehearsalFrom = starts.addingTimeInterval(-Double(rehearsal) * 60)
    }

    /// Only when, not which.
    var unnamed: ScheduledSitting {
        var sitting = self
        (sitting.id, sitting.meeting) = ("", "")
        return sitting
    }

    /// What the conference's rules are told of it.
    public func convening(_ meeting: ScheduledMeeting, _ register: OfficeRegister) -> Convening {
        Convening(
            id: ConveningID(id), room: RoomID(meeting.room), title: meeting.title,
            rehearsalFrom: WallTime(rehearsalFrom), opensAt: WallTime(starts), endsAt: WallTime(ends),
            chair: meeting.chair.map { chair in
                Convening.Chair(
                    point: chair.point.map { PointID($0) }, person: chair.person.map { PersonID($0) }, name: chair.name)
            }, invited: meeting.invited.map { PointID($0.point) },
            required: Set(meeting.invited.filter { $0.necessity == .required }.map { PointID($0.point) }),
            confidentiality: meeting.confidentiality,
            recordingOrder: meeting.recordingOrder.map {
                Conference.RecordingOrder(orderedBy: $0.orderedBy, document: $0.document)
            }, agenda: meeting.agendaItems(register), convener: meeting.convener, document: meeting.document.text)
    }
}

extension WallTime {
    init(_ date: Date) { self.init(millisecondsSince1970: Int64((date.timeIntervalSince1970 * 1000).rounded())) }
}
