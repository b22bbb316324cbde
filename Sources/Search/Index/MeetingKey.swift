import Foundation

/// A meeting's row in the index. Rows are in the order of time, so that spans of time are ranges of rows and the newest are
/// read first; and a row tells its level, so that who may not see it never gets to its text.
///
///     minutes since 2000 (26 bits) · number within the minute (8) · level (4)
struct MeetingKey: Hashable, Comparable, Sendable {
    let rawValue: Int64

    static let levelBits: Int64 = 4
    static let minuteBits: Int64 = 12
    static let inOneMinute = 256
    static let lastMinute: Int64 = 1 << 26 - 1
    /// Passages of a meeting are numbered with this many bits below its key.
    static let passageBits: Int64 = 16

    init(rawValue: Int64) { self.rawValue = rawValue }

    init(minute: Int64, number: Int, level: SearchLevel) {
        rawValue = minute << Self.minuteBits | Int64(number & 255) << Self.levelBits | Int64(level.rawValue)
    }

    var level: Int { Int(rawValue & 15) }
    var number: Int { Int(rawValue >> Self.levelBits & 255) }
    var passages: ClosedRange<Int64> {
        rawValue << Self.passageBits...(rawValue << Self.passageBits | 0xFFFF)
    }

    static func minute(of date: Date) -> Int64 {
        let minute = ((date.timeIntervalSince1970 - 946_684_800) / 60).rounded(.down)
        return minute.isNaN ? 0 : Int64(min(max(0, minute), Double(lastMinute)))
    }

    /// The first row of a minute.
    static func first(of minute: Int64) -> Int64 { minute << minuteBits }

    static func < (a: MeetingKey, b: MeetingKey) -> Bool { a.rawValue < b.rawValue }
}
