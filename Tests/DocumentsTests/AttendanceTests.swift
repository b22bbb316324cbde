import Foundation
import Testing

@testable import Documents

/// Who was present, and since when: told of events in each order in which they come.
@Suite struct AttendanceTests {
    private typealias Event = MeetingLog.Event
    private static let begin = MeetingReportTests.begin

    private static func event(_ second: Int, _ name: String, _ fields: [String: String] = [:]) -> Event {
        MeetingReportTests.event(second, name, fields)
    }

    /// A call that came in and has sound.
    private static func call(_ number: Int, _ point: String, at second: Int, waits: Bool = true) -> [Event] {
        let who = ["participant": "\(number)", "point": point]
        return [event(second, "joined", who)] + (waits ? [event(second, "waits", who)] : [])
            + [event(second + 1, "media-established", who)]
    }

    private static func of(_ number: Int, _ point: String, _ more: [String: String] = [:]) -> [String: String] {
        ["participant": "\(number)", "point": point].merging(more) { $1 }
    }

    private static func attendance(_ events: [Event]) -> [String: MeetingReport.Attendance] {
        let report = MeetingReport(MeetingReportTests.facts, MeetingLog(events: events), calendar: WorkingCalendar())
        return Dictionary(report.attendance.map { ($0.point, $0) }) { first, _ in first }
    }

    /// A rehearsal of ten minutes and a meeting of twenty: one point is there all along, one only rehearses, one is kept out
    /// by the lock, one gives a wrong PIN.
    private static func meeting(saysWhoEntered: Bool) -> [Event] {
        var events = call(1, "vanphong", at: 0) + call(2, "soyte", at: 5)
        events += [event(500, "left", of(2, "soyte")), event(600, "opened-by-chair")]
        events += [event(600, "entered", of(1, "vanphong")), event(600, "missing", ["points": "soyte aluoi phuloc"])]
        events += [event(610, "locked")] + call(3, "aluoi", at: 700) + call(4, "phuloc", at: 800)
        events += [
            event(810, "pin-refused", of(4, "phuloc")), event(860, "left", of(4, "phuloc", ["reason": "wrong-pin"])),
            event(1700, "left", of(3, "aluoi", ["reason": "hung-up"])), event(1800, "closed"),
        ]
        return events.filter { saysWhoEntered || $0.name != "entered" }
    }

    @Test(arguments: [true, false]) func whoRehearsedOrWasKeptOutIsAbsent(saysWhoEntered: Bool) throws {
        let points = Self.attendance(Self.meeting(saysWhoEntered: saysWhoEntered))
        for point in ["soyte", "aluoi", "phuloc"] {
            let absentee = try #require(points[point])
            #expect(absentee.presence == .absent && absentee.presentSeconds == 0, "\(point)")
            #expect(absentee.firstJoined == nil && absentee.reconnections == 0, "\(point)")
        }
        let present = try #require(points["vanphong"])
        #expect(present.presence == .present && present.presentSeconds == 1200, "the rehearsal does not count")
        #expect(present.firstJoined == Self.begin.addingTimeInterval(600))
    }

    @Test func whatWasTriedInTheRehearsalIsNotInTheMinutes() {
        let trial = [
            Self.event(100, "vote-opened", ["vote": "1", "question": "Thử?", "secret": "false"]),
            Self.event(110, "vote-closed", ["vote": "1", "question": "Thử?", "secret": "false", "for": "1"]),
            Self.event(120, "message-shown", ["text": "Một hai ba"]),
        ]
        let events = Self.meeting(saysWhoEntered: true)
        let report = MeetingReport(
            MeetingReportTests.facts,
            MeetingLog(events: (events + trial).sorted { $0.at < $1.at }), calendar: WorkingCalendar())
        #expect(report.votes.isEmpty && report.messages.isEmpty)
    }

    @Test func theAbsenceOfWhoRehearsedHasItsReason() {
        let excuse = Self.event(900, "excused", ["point": "soyte", "reason": "mưa lũ"])
        #expect(Self.attendance(Self.meeting(saysWhoEntered: true) + [excuse])["soyte"]?.reason == "mưa lũ")
    }

    @Test(arguments: [true, false]) func aLateComerIsThereSinceItWasLetIn(saysWhoEntered: Bool) {
        var events = Self.meeting(saysWhoEntered: saysWhoEntered).filter { $0.at < Self.begin.addingTimeInterval(1700) }
        if saysWhoEntered { events.append(Self.event(900, "entered", Self.of(3, "aluoi"))) }
        events += [
            Self.event(900, "late", ["point": "aluoi"]), Self.event(900, "admitted", ["point": "aluoi"]),
            Self.event(1800, "closed"),
        ]
        let late = Self.attendance(events)["aluoi"]
        #expect(late?.presence == .present && late?.isLate == true && late?.presentSeconds == 900)
        #expect(late?.firstJoined == Self.begin.addingTimeInterval(900))
    }

    @Test func whoIsMovedAsideAndComesBackAfterADropIsPresent() {
        var events = Self.meeting(saysWhoEntered: true).dropLast()
        events += [
            Self.event(1000, "moved-aside", ["point": "vanphong", "sideRoom": "1"]),
            Self.event(1200, "left", Self.of(1, "vanphong", ["reason": "connection-lost"])),
        ]
        events += Self.call(9, "vanphong", at: 1300, waits: false)
        events += [Self.event(1300, "entered", Self.of(9, "vanphong")), Self.event(1800, "closed")]
        let point = Self.attendance(Array(events))["vanphong"]
        #expect(point?.presence == .present && point?.presentSeconds == 1100 && point?.reconnections == 1)
    }

    @Test func mediaOfARehearsalOnAnotherCallIsNoPresence() {
        var events = Self.meeting(saysWhoEntered: true)
        events += [Self.event(650, "joined", Self.of(8, "soyte")), Self.event(650, "entered", Self.of(8, "soyte"))]
        #expect(Self.attendance(events.sorted { $0.at < $1.at })["soyte"]?.presence == .silent)
    }

    @Test func inAMeetingThatNobodyConvenedPresenceIsFromTheJoining() {
        let entered = Self.event(0, "entered", Self.of(1, "vanphong"))
        for more in [[], [entered]] {
            let events = Self.call(1, "vanphong", at: 0, waits: false) + more + [Self.event(60, "closed")]
            #expect(Self.attendance(events.sorted { $0.at < $1.at })["vanphong"]?.presentSeconds == 60)
        }
    }

    @Test func whatWasSaidInTheRehearsalIsNoSpeech() {
        let speech = [Self.event(100, "speaker", Self.of(1, "vanphong")), Self.event(160, "speaker")]
        let events = (Self.meeting(saysWhoEntered: true) + speech).sorted { $0.at < $1.at }
        let report = MeetingReport(MeetingReportTests.facts, MeetingLog(events: events), calendar: WorkingCalendar())
        #expect(report.speeches.isEmpty)
    }
}
