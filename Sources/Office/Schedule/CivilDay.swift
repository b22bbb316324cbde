import Foundation

/// A day in the proleptic Gregorian calendar, counted from 1970-01-01, in Indochina Time, whose offset never changes.
struct CivilDay: Hashable, Comparable, Sendable {
    static let offset = 7 * 3600
    var number: Int

    init(number: Int) { self.number = number }

    init(_ date: Date) {
        number = Int(((date.timeIntervalSince1970 + Double(Self.offset)) / 86_400).rounded(.down))
    }

    static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// Monday is 0.
    var weekday: Int { ((number + 3) % 7 + 7) % 7 }

    /// A time of this day, in seconds after midnight.
    func date(secondOfDay: Double) -> Date {
        Date(timeIntervalSince1970: Double(number) * 86_400 - Double(Self.offset) + secondOfDay)
    }

    /// H. Hinnant, "chrono-compatible low-level date algorithms".
    var civil: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (
            yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    /// Nil where that month has no such day.
    init?(year: Int, month: Int, day: Int) {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        guard civil == (year, month, day) else { return nil }
    }
}
