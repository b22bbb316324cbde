import Conference
import Foundation

/// Writes one meeting again and again, as it is kept for the next daemon. Who came and went is most of it, and of most points
/// nothing has changed since: their part is as it was written before.
struct KeptMeetingWriter {
    private let encoder = JSONEncoder()
    private var written: [PointID: (attendance: Attendance, octets: Data)] = [:]
    /// As it stands in a meeting in which nobody was: nothing that somebody said can look like it, for its quotes are escaped.
    private static let emptyRoll = Data("\"roll\":[]".utf8)

    /// What `JSONDecoder` reads the meeting from.
    mutating func octets(of meeting: KeptMeeting) throws -> Data {
        var frame = meeting
        frame.memory.roll = []
        var octets = try encoder.encode(frame)
        guard let gap = octets.range(of: Self.emptyRoll) else { return try encoder.encode(meeting) }
        var roll = Data()
        var parts: [PointID: (attendance: Attendance, octets: Data)] = [:]
        for attendance in meeting.memory.roll {
            let before = written[attendance.point]
            let part = before?.attendance == attendance ? before?.octets : nil
            let octets = try part ?? encoder.encode(attendance)
            parts[attendance.point] = (attendance, octets)
            if !roll.isEmpty { roll.append(UInt8(ascii: ",")) }
            roll.append(octets)
        }
        written = parts
        octets.insert(contentsOf: roll, at: gap.upperBound - 1)
        return octets
    }
}
