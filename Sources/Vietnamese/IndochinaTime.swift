import Foundation

/// Times as records and interfaces write them: ISO 8601 with milliseconds and Vietnam's offset,
/// `2026-11-24T09:30:00.250+07:00`. The offset never changes, so the texts sort as the times do.
public enum IndochinaTime {
    public static let zone = TimeZone(secondsFromGMT: 7 * 3600) ?? .gmt

    private static let style = Date.ISO8601FormatStyle(
        dateSeparator: .dash, dateTimeSeparator: .standard, timeSeparator: .colon, timeZoneSeparator: .colon,
        includingFractionalSeconds: true, timeZone: zone)
    private static let wholeSeconds = Date.ISO8601FormatStyle(
        dateSeparator: .dash, dateTimeSeparator: .standard, timeSeparator: .colon, timeZoneSeparator: .colon,
        includingFractionalSeconds: false, timeZone: zone)

    public static func text(_ date: Date) -> String {
        // The style cuts off what binary fractions leave below a millisecond; a quarter of one on top rounds instead.
        style.format(date.roundedToMillisecond.addingTimeInterval(0.000_25))
    }

    /// `2026-11-24`, the day in Vietnam.
    public static func day(_ date: Date) -> String {
        String(text(date).prefix(10))
    }

    /// Reads a date and time with any offset, with or without fractions, or a day alone (its beginning in Vietnam).
    public static func date(from text: String) -> Date? {
        guard text.utf8.count <= 40 else { return nil }
        if let date = try? style.parse(text) { return date.roundedToMillisecond }
        if let date = try? wholeSeconds.parse(text) { return date }
        guard text.utf8.count == 10 else { return nil }
        return try? wholeSeconds.parse(text + "T00:00:00+07:00")
    }
}

extension Date {
    /// The nearest millisecond: what a stored time keeps.
    public var roundedToMillisecond: Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 * 1000).rounded() / 1000)
    }
}
