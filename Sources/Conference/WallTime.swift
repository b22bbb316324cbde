/// A point in time by the wall clock, for what is written down. Nothing is timed by it: it may jump.
public struct WallTime: Hashable, Comparable, Sendable, Codable {
    public var millisecondsSince1970: Int64

    public init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    public static func < (left: Self, right: Self) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    /// ISO 8601 with milliseconds and offset: `2026-11-24T09:30:00.000+07:00`.
    public func iso8601(utcOffset: Duration = .vietnam) -> String {
        let time = civil(utcOffset: utcOffset)
        let minutes = utcOffset.components.seconds / 60
        let sign = minutes < 0 ? "-" : "+"
        let offset = "\(sign)\(padded(abs(minutes) / 60, 2)):\(padded(abs(minutes) % 60, 2))"
        let date = "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
        let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
        return "\(date)T\(clock).\(padded(time.millisecond, 3))\(offset)"
    }

    /// From this time until `other`; at most a year either way, for clocks may say anything.
    public func duration(until other: WallTime) -> Duration {
        let (difference, overflows) = other.millisecondsSince1970.subtractingReportingOverflow(millisecondsSince1970)
        let bounded = overflows ? (other > self ? Int64.max : .min) : difference
        let year: Int64 = 366 * 86_400_000
        return .milliseconds(max(-year, min(year, bounded)))
    }

    func civil(utcOffset: Duration) -> CivilTime {
        let local = millisecondsSince1970 &+ utcOffset.components.seconds &* 1000
        let day = local.flooredQuotient(by: 86_400_000)
        return CivilTime(daysSince1970: day, millisecondOfDay: local &- day &* 86_400_000)
    }
}

extension Duration {
    /// Indochina Time: seven hours ahead of UTC, all year.
    public static let vietnam = Duration.seconds(7 * 3600)
}

/// Now, by both clocks: timers run by the steady one, records are dated by the other.
public struct Moment: Hashable, Sendable, Codable {
    /// Time since an origin of the caller's choosing; never goes back.
    public var steady: Duration
    public var wall: WallTime

    public init(steady: Duration, wall: WallTime) {
        self.steady = steady
        self.wall = wall
    }
}

/// A date and time of day in the proleptic Gregorian calendar.
struct CivilTime {
    let year, month, day, hour, minute, second, millisecond: Int64

    /// Counts in 400-year eras that begin on 1 March, so that the leap day comes last
    /// (H. Hinnant, "chrono-compatible low-level date algorithms").
    init(daysSince1970: Int64, millisecondOfDay: Int64) {
        let shifted = daysSince1970 &+ 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = millisecondOfDay / 3_600_000
        minute = millisecondOfDay / 60_000 % 60
        second = millisecondOfDay / 1000 % 60
        millisecond = millisecondOfDay % 1000
    }

    /// `20261124`
    var compactDate: String { padded(year, 4) + padded(month, 2) + padded(day, 2) }
    /// `093000`
    var compactTime: String { padded(hour, 2) + padded(minute, 2) + padded(second, 2) }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
