import Foundation
import Vietnamese

/// Figures of meetings, month by month.
public struct MeetingStatistics: Codable, Hashable, Sendable {
    public struct Month: Codable, Hashable, Sendable {
        /// `2026-11`
        public var month: String
        public var meetings = 0
        public var seconds = 0
        /// Points that were present, each counted once a meeting.
        public var attendances = 0
        /// Different points.
        public var points = 0
        /// Of the meetings whose places are known.
        public var savedKilometres: Double?
    }

    /// What is counted of a meeting.
    public struct Meeting: Hashable, Sendable {
        /// When the chair opened it, where that was said; else when the first came in.
        public var openedAt: Date
        public var closedAt: Date?
        /// That were present.
        public var points: Set<String>
        public var savedKilometres: Double?
        public init(openedAt: Date, closedAt: Date?, points: Set<String>, savedKilometres: Double? = nil) {
            self.openedAt = openedAt
            self.closedAt = closedAt
            self.points = points
            self.savedKilometres = savedKilometres
        }
    }

    /// In the order of time; a month without a meeting is left out.
    public var months: [Month] = []
    public var total = Month(month: "")

    public init(_ meetings: some Sequence<Meeting>) {
        var months: [String: (month: Month, points: Set<String>)] = [:]
        var everybody: Set<String> = []
        for meeting in meetings {
            let name = String(IndochinaTime.day(meeting.openedAt).prefix(7))
            var entry = months[name] ?? (Month(month: name), [])
            entry.month.count(meeting)
            entry.points.formUnion(meeting.points)
            entry.month.points = entry.points.count
            months[name] = entry
            total.count(meeting)
            everybody.formUnion(meeting.points)
        }
        total.points = everybody.count
        self.months = months.values.map(\.month).sorted { $0.month < $1.month }
    }

    public var csv: Data {
        var table = CSVTable(["month", "meetings", "hours", "attendances", "points", "kilometresSaved"])
        for month in months {
            table.add([
                month.month, String(month.meetings), String(format: "%.2f", Double(month.seconds) / 3600),
                String(month.attendances), String(month.points),
                month.savedKilometres.map { String(format: "%.0f", $0) } ?? "",
            ])
        }
        return table.data
    }
}

extension MeetingStatistics.Month {
    fileprivate mutating func count(_ meeting: MeetingStatistics.Meeting) {
        let length = meeting.closedAt?.timeIntervalSince(meeting.openedAt) ?? 0
        meetings += 1
        seconds += Int(min(max(0, length), 1e9).rounded())
        attendances += meeting.points.count
        if let saved = meeting.savedKilometres { savedKilometres = (savedKilometres ?? 0) + saved }
    }
}
