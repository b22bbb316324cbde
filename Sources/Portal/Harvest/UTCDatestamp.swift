/// A time as OAI-PMH writes it: UTC, to the second or to the day (OAI-PMH 2.0 §3.3).
struct UTCDatestamp: Equatable, Sendable {
    enum Granularity: Equatable, Sendable { case day, second }

    /// Since 1970.
    var seconds: Int64
    var granularity: Granularity

    init(seconds: Int64) {
        self.seconds = seconds
        granularity = .second
    }

    /// Reads `2026-11-24` and `2026-11-24T09:30:00Z`, and nothing else.
    init?(_ text: String) {
        let octets = Array(text.utf8)
        guard octets.count == 10 || octets.count == 20 else { return nil }
        func number(_ place: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for octet in octets[place] {
                guard (0x30...0x39).contains(octet) else { return nil }
                value = value * 10 + Int64(octet - 0x30)
            }
            return value
        }
        func has(_ mark: Character, _ place: Int) -> Bool { octets[place] == mark.asciiValue }
        guard has("-", 4), has("-", 7), let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            (1...12).contains(month), day >= 1, day <= Self.days(of: month, year)
        else { return nil }
        seconds = Self.dayNumber(year, month, day) * 86_400
        granularity = .day
        guard octets.count == 20 else { return }
        guard has("T", 10), has(":", 13), has(":", 16), has("Z", 19), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), hour < 24, minute < 60, second < 60
        else { return nil }
        seconds += hour * 3600 + minute * 60 + second
        granularity = .second
    }

    /// The last second that it means.
    var end: Int64 { granularity == .day ? seconds + 86_399 : seconds }

    /// `2026-11-24T09:30:00Z`; years beyond 0 to 9999 are the nearest of them.
    var text: String {
        let bounded = min(253_402_300_799, max(-62_167_219_200, seconds))
        let (day, rest) = Self.divided(bounded, by: 86_400)
        let (year, month, dayOfMonth) = Self.date(ofDay: day)
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))T"
            + "\(Self.padded(rest / 3600, 2)):\(Self.padded(rest / 60 % 60, 2)):\(Self.padded(rest % 60, 2))Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func divided(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func days(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 in the Gregorian calendar: years begin in March here, so that the leap day is their last, and 400 of them
    /// have 146,097 days.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let (era, yearOfEra) = divided(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divided(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
