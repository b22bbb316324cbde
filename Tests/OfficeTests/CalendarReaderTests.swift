import Foundation
import Testing

@testable import Office

/// Calendar files as somebody else's software reads them: Debian's python3-icalendar and python3-dateutil.
@Suite(.enabled(if: CalendarReader.isInstalled, "python3-icalendar or python3-dateutil is missing"))
struct CalendarReaderTests {
    @Test func anotherReaderFindsTheSittingsThatTheBridgeHolds() throws {
        var random = SplitMix(state: 4791)
        let register = try Samples.register()
        var meetings: [ScheduledMeeting] = []
        for index in 0..<120 {
            var meeting = Samples.meeting()
            meeting.id = "m\(index)"
            meeting.title = "Họp \"giao ban\"; số \(index), tuần \\ tháng"
            meeting.starts = meeting.starts.addingTimeInterval(
                Double(Int.random(in: 0..<400 * 1440, using: &random)) * 60)
            let count = Int.random(in: 1...30, using: &random)
            meeting.recurrence = Recurrence(
                Recurrence.Frequency.allCases.randomElement(using: &random) ?? .daily,
                interval: Int.random(in: 1...3, using: &random),
                weekdays: Set(Recurrence.Weekday.allCases.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }),
                end: Bool.random(using: &random)
                    ? .count(count) : .until(meeting.starts.addingTimeInterval(Double(count) * 7 * 86_400)))
            meeting.exceptions = Set(
                meeting.sittings.map(\.starts).filter { _ in Int.random(in: 0..<5, using: &random) == 0 })
            meeting.isCancelled = index % 10 == 0
            meetings.append(meeting)
        }
        let texts = meetings.map { meeting in
            let letter = InvitationText(meeting, register, domain: "causeway.local", publicURL: "https://a.example.vn")
            return CalendarFile(meeting, register, domain: "causeway.local", invitation: letter)
                .text(to: "a", stamp: Samples.date("2026-11-26T08:00"))
        }
        let read = try CalendarReader.read(texts)
        #expect(read.count == meetings.count)
        for (meeting, read) in zip(meetings, read) {
            let starts = meeting.sittings.map { Int($0.starts.timeIntervalSince1970) }
            #expect(read.starts == starts, "\(String(describing: meeting.recurrence))")
            #expect(read.summary == meeting.title)
            #expect(read.minutes == meeting.minutes)
            #expect(read.method == (meeting.isCancelled ? "CANCEL" : "PUBLISH"))
        }
    }
}

private enum CalendarReader {
    struct Entry: Decodable {
        var method: String
        var summary: String
        var minutes: Int
        /// Seconds since 1970.
        var starts: [Int]
    }

    private static let python = "/usr/bin/python3"
    private static let script = """
        import json, sys
        from dateutil.rrule import rrulestr, rruleset
        from icalendar import Calendar
        found = []
        for text in json.load(sys.stdin):
            calendar = Calendar.from_ical(text)
            event = calendar.walk('VEVENT')[0]
            start = event['DTSTART'].dt
            dates = rruleset()
            dates.rrule(rrulestr(event['RRULE'].to_ical().decode(), dtstart=start))
            exceptions = event.get('EXDATE', [])
            for exception in exceptions if isinstance(exceptions, list) else [exceptions]:
                for date in exception.dts: dates.exdate(date.dt)
            found.append({
                'method': str(calendar['METHOD']), 'summary': str(event['SUMMARY']),
                'minutes': int(event['DURATION'].dt.total_seconds() // 60),
                'starts': [int(date.timestamp()) for date in dates]})
        json.dump(found, sys.stdout)
        """

    static let isInstalled = (try? run("import icalendar, dateutil", Data())) != nil

    static func read(_ texts: [String]) throws -> [Entry] {
        try JSONDecoder().decode([Entry].self, from: try run(script, try JSONEncoder().encode(texts)))
    }

    private struct Refused: Error { var status: Int32 }

    private static func run(_ script: String, _ input: Data) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", script]
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-\(UUID().uuidString).json")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refused(status: process.terminationStatus) }
        return data
    }
}
