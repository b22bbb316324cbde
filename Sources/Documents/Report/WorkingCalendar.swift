import Foundation
import Vietnamese

/// Working days in Vietnam: Monday to Friday, less public holidays, with the Saturdays that are worked in exchange. Which
/// these are the Government says each year, so they are data.
public struct WorkingCalendar: Hashable, Sendable {
    /// From the meeting's end to the notice of its conclusions.
    public static let daysToConclusion = 5

    private var holidays: Set<String> = []
    private var exchanged: Set<String> = []
    private var years: Set<Substring> = []
    /// Lines that say nothing.
    public private(set) var skippedLines = 0

    public init() {}

    /// Reads lines `2026-04-30,holiday,name` and `2026-08-22,workday,name`; empty ones and those that begin with `#` are
    /// comments.
    public init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, let day = Self.day(parts[0]) else {
                skippedLines += 1
                continue
            }
            switch parts[1] {
            case "holiday": holidays.insert(day)
            case "workday": exchanged.insert(day)
            default:
                skippedLines += 1
                continue
            }
            years.insert(parts[0].prefix(4))
        }
    }

    /// The day by which so many working days after `date` have passed; the day itself does not count.
    public func day(after date: Date, workingDays: Int) -> (day: String, lacksHolidays: Bool)? {
        var date = date
        var left = workingDays
        var lacks = !years.contains(IndochinaTime.day(date).prefix(4))
        // Twice the days and a month suffice for any holidays there are.
        for _ in 0..<(2 * workingDays + 31) where left > 0 {
            date += 86_400
            let day = IndochinaTime.day(date)
            lacks = lacks || !years.contains(day.prefix(4))
            if isWorkingDay(day, date) { left -= 1 }
        }
        return left == 0 ? (IndochinaTime.day(date), lacks) : nil
    }

    private func isWorkingDay(_ day: String, _ date: Date) -> Bool {
        if exchanged.contains(day) { return true }
        if holidays.contains(day) { return false }
        // 1 January 1970 was a Thursday; Vietnam is seven hours ahead.
        let days = Int(((date.timeIntervalSince1970 + 7 * 3600) / 86_400).rounded(.down))
        let weekday = ((days + 3) % 7 + 7) % 7
        return weekday < 5
    }

    /// `2026-04-30`, where that is a day.
    private static func day(_ text: Substring) -> String? {
        IndochinaTime.date(from: String(text)).flatMap { date in
            let day = IndochinaTime.day(date)
            return day == text ? day : nil
        }
    }
}
