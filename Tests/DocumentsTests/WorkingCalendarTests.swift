import Foundation
import Testing
import Vietnamese

@testable import Documents

@Suite struct WorkingCalendarTests {
    /// The file that is installed.
    static func installed() throws -> WorkingCalendar {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../config/holidays.csv")
        return WorkingCalendar(parsing: try String(contentsOf: file, encoding: .utf8))
    }

    @Test func theInstalledFileIsUnderstood() throws {
        #expect(try Self.installed().skippedLines == 0)
    }

    @Test(arguments: [
        // Friday before Tết: the whole week after is free.
        ("2026-02-13T10:00:00+07:00", "2026-02-27"),
        // Friday 21 August: Saturday the 22nd is worked in exchange for Monday the 31st.
        ("2026-08-21T23:30:00+07:00", "2026-08-27"),
        ("2026-08-27T10:00:00+07:00", "2026-09-08"),
        // On a Sunday.
        ("2026-11-22T10:00:00+07:00", "2026-11-27"),
        // 0:30 in Vietnam is still the day before in UTC.
        ("2026-11-24T00:30:00+07:00", "2026-12-01"),
    ])
    func fiveWorkingDaysLater(after: String, due: String) throws {
        let date = try #require(IndochinaTime.date(from: after))
        let found = try #require(try Self.installed().day(after: date, workingDays: 5))
        #expect(found.day == due)
        #expect(!found.lacksHolidays)
    }

    @Test func aYearThatIsNotInTheFileIsToldOf() throws {
        let date = try #require(IndochinaTime.date(from: "2027-12-30"))
        #expect(try Self.installed().day(after: date, workingDays: 5)?.lacksHolidays == true)
    }

    @Test func linesThatSayNothingAreCounted() {
        let calendar = WorkingCalendar(
            parsing: "# x\n2026-02-30,holiday,a\n2026-01-01,feast,b\nrubbish\n2026-01-01,holiday\n")
        #expect(calendar.skippedLines == 3)
    }
}

@Suite struct MeetingStatisticsTests {
    @Test func monthsAreCountedInVietnamsTimeAndPointsOnce() throws {
        func meeting(_ from: String, _ to: String, _ points: Set<String>, _ saved: Double?) throws
            -> MeetingStatistics.Meeting
        {
            .init(
                openedAt: try #require(IndochinaTime.date(from: from)), closedAt: IndochinaTime.date(from: to),
                points: points, savedKilometres: saved)
        }
        let statistics = MeetingStatistics([
            // Already December in Vietnam.
            try meeting("2026-11-30T18:00:00Z", "2026-11-30T19:30:00Z", ["a"], nil),
            try meeting("2026-11-02T08:00:00+07:00", "2026-11-02T09:00:00+07:00", ["a", "b"], 40),
            try meeting("2026-11-03T08:00:00+07:00", "2026-11-03T08:30:00+07:00", ["b", "c"], 2.5),
            // A clock that went back gives no time.
            try meeting("2026-11-04T08:00:00+07:00", "2026-11-04T07:00:00+07:00", [], nil),
        ])
        #expect(statistics.months.map(\.month) == ["2026-11", "2026-12"])
        let november = statistics.months[0]
        #expect((november.meetings, november.seconds, november.attendances, november.points) == (3, 5400, 4, 3))
        #expect(november.savedKilometres == 42.5)
        #expect(statistics.months[1].savedKilometres == nil)
        #expect((statistics.total.meetings, statistics.total.points) == (4, 3))
    }
}
