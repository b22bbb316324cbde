import Foundation

/// How a meeting repeats: the part of RFC 5545 §3.3.10 that offices use. It always ends.
public struct Recurrence: Codable, Hashable, Sendable {
    public enum Frequency: String, Codable, Hashable, Sendable, CaseIterable { case daily, weekly, monthly }
    public enum Weekday: String, Codable, Hashable, Sendable, CaseIterable {
        case monday = "MO", tuesday = "TU", wednesday = "WE", thursday = "TH", friday = "FR", saturday = "SA"
        case sunday = "SU"
        var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        func moved(by days: Int) -> Weekday {
            let count = Self.allCases.count
            return Self.allCases[((number + days) % count + count) % count]
        }
    }
    public enum End: Codable, Hashable, Sendable {
        /// So many sittings, the first and those that are left out included.
        case count(Int)
        /// The last one begins at this time or before.
        case until(Date)
    }

    public static let mostSittings = 400
    public static let longest: TimeInterval = 3 * 366 * 86_400

    public var frequency: Frequency
    /// Every so many days, weeks or months.
    public var interval: Int
    /// Of a weekly one; the first sitting's own where there is none.
    public var weekdays: Set<Weekday>
    public var end: End

    public init(_ frequency: Frequency, interval: Int = 1, weekdays: Set<Weekday> = [], end: End) {
        self.frequency = frequency
        self.interval = interval
        self.weekdays = weekdays
        self.end = end
    }

    /// On which days of the week a weekly one sits, its first sitting's among them: a rule that left that out would be read in one
    /// way by one calendar and in another by the next (RFC 5545 §3.8.5.3).
    func weekdays(from start: Date) -> [Weekday] {
        Weekday.allCases.filter { weekdays.contains($0) || $0.number == CivilDay(start).weekday }
    }

    /// When sittings begin, the first of them at `start`, in order; a month without the start's day is passed over.
    func starts(from start: Date) -> [Date] {
        let first = CivilDay(start)
        let weekdays = weekdays(from: start).map(\.number)
        let secondOfDay = start.timeIntervalSince(first.date(secondOfDay: 0))
        var starts: [Date] = []
        var step = 0
        // A rule that is bounded by its end is bounded here too, whatever is written in it.
        while step < 20_000 {
            for day in days(step, from: first, weekdays) where day >= first {
                let date = day.date(secondOfDay: secondOfDay)
                if !contains(date, after: starts.count, from: start) { return starts }
                starts.append(date)
            }
            step += 1
        }
        return starts
    }

    private func contains(_ date: Date, after count: Int, from start: Date) -> Bool {
        guard count < Self.mostSittings, date.timeIntervalSince(start) <= Self.longest else { return false }
        switch end {
        case .count(let most): return count < most
        case .until(let last): return date <= last
        }
    }

    /// - Parameter weekdays: from Monday, 0…6, in order.
    private func days(_ step: Int, from first: CivilDay, _ weekdays: [Int]) -> [CivilDay] {
        let interval = max(1, min(interval, 1000))
        switch frequency {
        case .daily: return [CivilDay(number: first.number + step * interval)]
        case .weekly:
            let monday = first.number - first.weekday + step * interval * 7
            return weekdays.map { CivilDay(number: monday + $0) }
        case .monthly:
            let (year, month, day) = first.civil
            let months = year * 12 + month - 1 + step * interval
            return [CivilDay(year: months / 12, month: months % 12 + 1, day: day)].compactMap { $0 }
        }
    }

    func check() throws(ScheduleFault) {
        guard (1...1000).contains(interval) else { throw .recurrenceOutOfBounds }
        if case .count(let count) = end, !(1...Self.mostSittings).contains(count) { throw .recurrenceOutOfBounds }
    }
}

/// `{"count": 10}` or `{"until": "2026-12-31T23:59:59.000+07:00"}`
extension Recurrence.End {
    private enum CodingKeys: String, CodingKey { case count, until }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let count = try container.decodeIfPresent(Int.self, forKey: .count) {
            self = .count(count)
        } else {
            self = .until(try container.decode(Date.self, forKey: .until))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .count(let count): try container.encode(count, forKey: .count)
        case .until(let last): try container.encode(last, forKey: .until)
        }
    }
}
