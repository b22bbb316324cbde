import Conference
import Foundation
import Testing
import Vietnamese

@testable import Office

enum Samples {
    static func date(_ text: String) -> Date { IndochinaTime.date(from: text + ":00+07:00") ?? .distantPast }

    static func register() throws -> OfficeRegister {
        try OfficeRegister().applying(
            ["a", "b", "c", "d"].enumerated().map {
                .add(.point(PointEntry(id: $1, name: "Điểm \($1)", order: 10 - $0)))
            }
                + [
                    .add(.room(RoomEntry(id: "giaoban", title: "Giao ban"))),
                    .add(.room(RoomEntry(id: "coyeu", title: "Cơ yếu", cipherLine: "08/QĐ-BCY"))),
                    .add(.room(RoomEntry(id: "dong", title: "Đóng", isOpen: false))),
                    .add(.person(PersonEntry(id: "lan", name: "Lan", roles: [.convener]))),
                ])
    }

    static func meeting(
        _ id: String = "m", room: String = "giaoban", at start: String = "2026-12-01T08:00", minutes: Int = 90,
        points: [String] = ["a", "b"]
    ) -> ScheduledMeeting {
        ScheduledMeeting(
            id: id, title: "Giao ban tháng 12", room: room, convener: "Chủ tịch UBND tỉnh",
            document: .init(number: "120/GM-UBND", date: "2026-11-20"), field: "y tế",
            chair: .init(name: "Nguyễn Văn A", point: points.first), starts: date(start), minutes: minutes,
            invited: points.map { .init(point: $0) })
    }
}

@Suite("Recurrence")
struct RecurrenceTests {
    private func starts(_ rule: Recurrence, _ start: String) -> [String] {
        rule.starts(from: Samples.date(start)).map { String(IndochinaTime.text($0).prefix(16)) }
    }

    @Test("repeats daily, weekly on several days, and monthly, passing over months without the day")
    func examples() {
        #expect(
            starts(.init(.daily, interval: 2, end: .count(3)), "2026-12-30T08:00")
                == ["2026-12-30T08:00", "2027-01-01T08:00", "2027-01-03T08:00"])
        // 2026-12-02 is a Wednesday.
        #expect(
            starts(.init(.weekly, interval: 2, weekdays: [.monday, .wednesday], end: .count(4)), "2026-12-02T08:00")
                == ["2026-12-02T08:00", "2026-12-14T08:00", "2026-12-16T08:00", "2026-12-28T08:00"])
        #expect(
            starts(.init(.monthly, end: .until(Samples.date("2027-05-31T08:00"))), "2027-01-31T08:00")
                == ["2027-01-31T08:00", "2027-03-31T08:00", "2027-05-31T08:00"])
        #expect(starts(.init(.monthly, end: .count(1)), "2028-02-29T08:00") == ["2028-02-29T08:00"])
    }

    @Test("keeps the time of day on either side of midnight in Greenwich")
    func timeOfDay() {
        for clock in ["00:00", "06:59", "07:00", "23:59"] {
            #expect(
                starts(.init(.daily, end: .count(2)), "2026-12-01T\(clock)")
                    == ["2026-12-01T\(clock)", "2026-12-02T\(clock)"])
        }
    }

    @Test("always ends, begins with the start, is in order, and keeps its count, whatever the rule")
    func property() {
        var random = SplitMix(state: 5545)
        for _ in 0..<2000 {
            let start = Date(timeIntervalSince1970: Double(Int.random(in: 0..<4_000_000_000, using: &random)))
            let count = Int.random(in: -5...500, using: &random)
            let rule = Recurrence(
                Recurrence.Frequency.allCases.randomElement(using: &random) ?? .daily,
                interval: Int.random(in: -3...40, using: &random),
                weekdays: Set(Recurrence.Weekday.allCases.filter { _ in Bool.random(using: &random) }),
                end: Bool.random(using: &random)
                    ? .count(count) : .until(start.addingTimeInterval(Double(count) * 86_400)))
            let starts = rule.starts(from: start)
            #expect(starts.count <= Recurrence.mostSittings)
            #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 })
            switch rule.end {
            case .count(let count): #expect(starts.count <= max(0, count) && (count < 1 || starts.first == start))
            case .until(let last): #expect(starts.allSatisfy { $0 <= last })
            }
            let clocks = Set(starts.map { Int($0.timeIntervalSince1970) % 86_400 })
            #expect(clocks.count <= 1)
            if rule.frequency == .monthly { #expect(Set(starts.map { CivilDay($0).civil.day }).count <= 1) }
        }
    }

    @Test("knows the days of four hundred years")
    func days() {
        var day = CivilDay(number: -200_000)
        for _ in 0..<10_000 {
            let (year, month, number) = day.civil
            #expect(CivilDay(year: year, month: month, day: number) == day)
            day.number += 37
        }
        #expect(CivilDay(year: 2027, month: 2, day: 29) == nil)
        #expect(CivilDay(Samples.date("2026-12-01T00:00")).weekday == 1)
    }
}

@Suite("The schedule")
struct ScheduleTests {
    private let now = Samples.date("2026-11-26T08:00")

    @Test("takes a meeting with its document, field, chair and points, and puts these in the order of protocol")
    func good() throws {
        let register = try Samples.register()
        let meeting = Samples.meeting().normalised(register)
        try meeting.check(register, now: now)
        #expect(meeting.invited.map(\.point) == ["b", "a"])
        #expect(meeting.sittings.map(\.id) == ["m.20261201-0800"])
    }

    @Test("refuses a meeting without purpose, or that cannot be held")
    func faults() throws {
        let register = try Samples.register()
        func fault(_ change: (inout ScheduledMeeting) -> Void) -> ScheduleFault? {
            var meeting = Samples.meeting()
            change(&meeting)
            do throws(ScheduleFault) { try meeting.check(register, now: now) } catch { return error }
            return nil
        }
        #expect(fault { $0.document.number = "" } != nil)
        #expect(fault { $0.field = "" } != nil)
        #expect(fault { $0.convener = "" } != nil)
        #expect(fault { $0.document.date = "20/11/2026" } == .invalidDocumentDate)
        #expect(fault { $0.document.date = "2026-12-02" } == .documentAfterStart)
        #expect(fault { $0.invited = [] } == .nobodyInvited)
        #expect(fault { $0.invited = [.init(point: "a"), .init(point: "a")] } == .invitedTwice("a"))
        #expect(fault { $0.invited.append(.init(point: "ma")) } == .unknownPoint("ma"))
        #expect(fault { $0.room = "ma" } == .unknownRoom("ma"))
        #expect(fault { $0.room = "dong" } == .roomClosed("dong"))
        #expect(fault { $0.minutes = 4 } == .durationOutOfBounds)
        #expect(fault { $0.rehearsalMinutes = 241 } == .rehearsalOutOfBounds)
        #expect(fault { $0.starts = Samples.date("2026-11-25T08:00") } == .inThePast)
        #expect(fault { $0.chair = nil } != nil)
        #expect(fault { $0.chair?.point = "d" } == .chairNotInvited("d"))
        #expect(fault { $0.chair?.person = "ma" } == .unknownPerson("ma"))
        #expect(fault { $0.recurrence = .init(.daily, end: .count(401)) } == .recurrenceOutOfBounds)
        #expect(fault { $0.exceptions = [$0.starts] } == .noSitting)
    }

    @Test("lets a state secret only into a room with a cipher line, and records none at the higher levels")
    func secrecy() throws {
        let register = try Samples.register()
        for level in Convening.Confidentiality.allCases where level.isStateSecret {
            var meeting = Samples.meeting()
            meeting.confidentiality = level
            #expect(throws: ScheduleFault.noCipherLine(room: "giaoban")) { try meeting.check(register, now: now) }
            meeting.room = "coyeu"
            try meeting.check(register, now: now)
            meeting.recordingOrder = .init(orderedBy: "Chủ tọa", document: "1/QĐ")
            if level == .secret {
                try meeting.check(register, now: now)
            } else {
                #expect(throws: ScheduleFault.recordingForbidden) { try meeting.check(register, now: now) }
            }
        }
    }

    @Test("refuses an overlap in a room, shows one of points and rehearsals, and none where one ends as another begins")
    func clashes() throws {
        let register = try Samples.register()
        let first = Samples.meeting("m1", minutes: 60, points: ["a"])
        #expect(throws: ScheduleFault.self) {
            _ = try Samples.meeting("m2", at: "2026-12-01T08:59", points: ["c"]).placed(
                among: [first], register, now: now)
        }
        let after = Samples.meeting("m2", at: "2026-12-01T09:00", points: ["c"])
        #expect(try after.placed(among: [first], register, now: now).map(\.kind) == [.rehearsal])
        let elsewhere = Samples.meeting("m3", room: "coyeu", at: "2026-12-01T08:30", points: ["a", "c"])
        #expect(try elsewhere.placed(among: [first, after], register, now: now).map(\.subject) == ["a", "c"])
        var cancelled = first
        cancelled.isCancelled = true
        #expect(try Samples.meeting("m4").placed(among: [cancelled], register, now: now) == [])
    }

    @Test("finds of two meetings the same clashes from either side, and those that a plain search finds")
    func symmetry() {
        var random = SplitMix(state: 42)
        func random_(_ id: String) -> ScheduledMeeting {
            var meeting = Samples.meeting(
                id, room: Bool.random(using: &random) ? "giaoban" : "coyeu",
                minutes: Int.random(in: 5...600, using: &random),
                points: ["a", "b", "c"].filter { _ in Bool.random(using: &random) })
            meeting.starts += Double(Int.random(in: -2000...2000, using: &random)) * 60
            meeting.rehearsalMinutes = Int.random(in: 0...240, using: &random)
            if Bool.random(using: &random) {
                meeting.recurrence = .init(
                    Bool.random(using: &random) ? .daily : .weekly, interval: Int.random(in: 1...3, using: &random),
                    end: .count(Int.random(in: 1...9, using: &random)))
            }
            return meeting
        }
        var seen: Set<Clash.Kind> = []
        for _ in 0..<1500 {
            let (one, other) = (random_("m1"), random_("m2"))
            let there = one.clashes(with: [other])
            let back = other.clashes(with: [one])
            let key: (Clash) -> String = { "\($0.kind) \($0.subject) \([$0.sitting.id, $0.other.id].sorted())" }
            #expect(Set(there.map(key)) == Set(back.map(key)))
            let plain = one.sittings.flatMap { a in
                other.sittings.filter { b in one.room == other.room && a.starts < b.ends && b.starts < a.ends }
            }
            #expect(there.count { $0.kind == .room } == plain.count)
            seen.formUnion(there.map(\.kind))
        }
        #expect(seen == [.room, .rehearsal, .point])
    }

    @Test("hands a sitting to the conference with its points, chair and order")
    func convening() throws {
        var meeting = Samples.meeting()
        meeting.invited[1].necessity = .optional
        meeting.recordingOrder = .init(orderedBy: "Chủ tọa", document: "1/QĐ")
        meeting.agenda = [
            .init(title: "Báo cáo", speaker: "Giám đốc Điểm b", minutes: 15), .init(title: "Giải lao", minutes: 10),
            .init(title: "Ý kiến", speaker: "bà Lan – ĐIEM A", minutes: 0), .init(title: "Khác", speaker: "Điểm c"),
            .init(title: "Tiếp", speaker: "Điểm a 2", minutes: 5),
        ]
        let convening = try #require(meeting.sittings.first).convening(meeting, try Samples.register())
        #expect(convening.agenda.map(\.point) == ["b", nil, "a", nil, nil], "of those invited, by their whole names")
        #expect(convening.agenda.map(\.time) == [.seconds(900), .seconds(600), nil, nil, .seconds(300)])
        #expect(convening.invited == ["a", "b"] && convening.required == ["a"])
        #expect(convening.chair?.point == "a" && convening.recordingOrder?.document == "1/QĐ")
        #expect(convening.rehearsalFrom.iso8601() == "2026-12-01T07:30:00.000+07:00")
        #expect(convening.endsAt.iso8601() == "2026-12-01T09:30:00.000+07:00")
    }
}

@Suite("The rehearsal gate")
struct RehearsalGateTests {
    private func result(_ isPassed: Bool) -> PointRehearsal.Result {
        .init(isPassed: isPassed, note: "", by: "kt", at: Date(timeIntervalSince1970: 0))
    }
    private let waiver = PointRehearsal.Waiver(officer: "A", reason: "b", at: Date(timeIntervalSince1970: 0))

    @Test("is red until every required point passed every check or was waived; optional points do not hold it up")
    func gate() {
        let invited: [ScheduledMeeting.Invitee] = [
            .init(point: "a"), .init(point: "b"), .init(point: "c", necessity: .optional),
        ]
        var rehearsals: [String: PointRehearsal] = [:]
        func isGreen() -> Bool { RehearsalGate(invited: invited, rehearsals: rehearsals).isGreen }
        #expect(!isGreen())
        for check in RehearsalCheck.allCases {
            #expect(!isGreen())
            rehearsals["a", default: .init()][check] = result(true)
        }
        rehearsals["b"] = PointRehearsal(waiver: waiver)
        #expect(isGreen())
        rehearsals["b"]?[.sound] = result(false)
        #expect(isGreen(), "waived as it is")
        rehearsals["b"]?.waiver = nil
        #expect(!isGreen())
        rehearsals["c", default: .init()][.picture] = result(false)
        rehearsals["b"] = rehearsals["a"]
        #expect(isGreen())
    }

    @Test("is green exactly if no required point is open or failed; one more pass or waiver never turns it red")
    func property() {
        var random = SplitMix(state: 30)
        var greens = 0
        for _ in 0..<3000 {
            let invited = ["a", "b"].map {
                ScheduledMeeting.Invitee(point: $0, necessity: Bool.random(using: &random) ? .required : .optional)
            }
            var rehearsals: [String: PointRehearsal] = [:]
            for point in ["a", "b"] {
                for check in RehearsalCheck.allCases where Int.random(in: 0..<8, using: &random) > 0 {
                    rehearsals[point, default: .init()][check] = result(Int.random(in: 0..<8, using: &random) > 0)
                }
                if Int.random(in: 0..<4, using: &random) == 0 { rehearsals[point, default: .init()].waiver = waiver }
            }
            let gate = RehearsalGate(invited: invited, rehearsals: rehearsals)
            let held = gate.points.contains { $0.necessity == .required && ($0.state == .open || $0.state == .failed) }
            #expect(gate.isGreen == !held)
            guard gate.isGreen else { continue }
            greens += 1
            var more = rehearsals
            more["a", default: .init()][.line] = result(true)
            more["b", default: .init()].waiver = waiver
            #expect(RehearsalGate(invited: invited, rehearsals: more).isGreen)
        }
        #expect(greens > 100)
    }
}

@Suite("Invitation and calendar")
struct CalendarTests {
    private func file(_ change: (inout ScheduledMeeting) -> Void = { _ in }) throws -> String {
        let register = try Samples.register()
        var meeting = Samples.meeting()
        change(&meeting)
        let text = InvitationText(meeting, register, domain: "causeway.local", publicURL: "https://hop.example.vn")
        return CalendarFile(meeting, register, domain: "causeway.local", invitation: text)
            .text(to: "a", stamp: Samples.date("2026-11-26T08:00"))
    }

    private func unfolded(_ text: String) -> [String] {
        text.replacing("\r\n ", with: "").split(separator: "\r\n").map(String.init)
    }

    @Test("writes lines of at most 75 octets, cut nowhere within a character, that unfold to what was written")
    func folding() throws {
        let title = String(repeating: "Họp khẩn về ứng phó bão số 12, ", count: 12)
        let text = try file { $0.title = title }
        for line in text.components(separatedBy: "\r\n") { #expect(line.utf8.count <= 75) }
        #expect(unfolded(text).contains("SUMMARY;LANGUAGE=vi:" + title.replacing(",", with: "\\,")))
    }

    @Test("has the zone of Vietnam, the rule, what is left out, and the end of a cancelled meeting")
    func content() throws {
        let lines = unfolded(
            try file {
                $0.recurrence = .init(
                    .weekly, weekdays: [.tuesday, .thursday], end: .until(Samples.date("2026-12-31T08:00")))
                $0.exceptions = [Samples.date("2026-12-08T08:00")]
            })
        #expect(lines.contains("DTSTART;TZID=Asia/Ho_Chi_Minh:20261201T080000"))
        #expect(lines.contains("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261231T010000Z"))
        #expect(lines.contains("EXDATE;TZID=Asia/Ho_Chi_Minh:20261208T080000"))
        #expect(
            lines.contains("DURATION:PT90M") && lines.contains("TZOFFSETTO:+0700") && lines.contains("METHOD:PUBLISH"))
        let cancelled = unfolded(try file { $0.isCancelled = true })
        #expect(cancelled.contains("METHOD:CANCEL") && cancelled.contains("STATUS:CANCELLED"))
    }

    @Test("names its first sitting's day, which a rule may leave out")
    func firstDay() throws {
        let lines = unfolded(try file { $0.recurrence = .init(.weekly, weekdays: [.monday], end: .count(4)) })
        #expect(lines.contains("RRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4"))
    }

    @Test("says nothing of a secret but when it is")
    func secret() throws {
        let text = try file {
            $0.confidentiality = .secret
            $0.title = "Kế hoạch X"
        }
        #expect(!text.contains("Kế hoạch") && text.contains("CLASS:CONFIDENTIAL"))
        #expect(text.contains("DTSTART") && !text.contains("LOCATION") && !text.contains("ORGANIZER"))
    }

    @Test("has each point's own guides in its letter and in its calendar, and in none that goes to all")
    func guides() throws {
        let meeting = Samples.meeting()
        let url = "https://hop.example.vn/guides/a/browser?key=1796256000.0123456789abcdef"
        let letter = InvitationText(
            meeting, try Samples.register(), domain: "causeway.local", publicURL: "https://hop.example.vn",
            guides: [.init(device: Words("Trình duyệt", "Browser"), url: url)])
        #expect(letter.text(to: "a").contains("Trình duyệt: \(url)\n"))
        #expect(!letter.text(to: nil).contains("/guides/"))
        let stamp = Samples.date("2026-11-26T08:00")
        let calendar = CalendarFile(meeting, try Samples.register(), domain: "causeway.local", invitation: letter)
        let description = unfolded(calendar.text(to: "a", stamp: stamp)).first { $0.hasPrefix("DESCRIPTION") }
        #expect(try #require(description).contains("Trình duyệt: \(url)\\n"))
        #expect(!unfolded(calendar.text(to: nil, stamp: stamp)).joined().contains("/guides/"))
    }

    @Test("invites a point in Vietnamese, with time, document, agenda and the ways in")
    func invitation() throws {
        var meeting = Samples.meeting()
        meeting.agenda = [.init(title: "Báo cáo", speaker: "Sở Y tế", minutes: 15)]
        let text = InvitationText(
            meeting, try Samples.register(), domain: "causeway.local", publicURL: "https://hop.example.vn",
            papers: ["bao-cao.pdf"]
        ).text(to: "a")
        for part in [
            "Kính gửi: điểm cầu Điểm a", "08 giờ 00, thứ Ba ngày 01/12/2026", "số 120/GM-UBND ngày 20/11/2026",
            "từ 07 giờ 30", "1. Báo cáo (Sở Y tế, 15 phút)", "- bao-cao.pdf", "sip:giaoban@causeway.local",
            "https://hop.example.vn/join/giaoban", "bắt buộc dự",
        ] { #expect(text.contains(part), "\(part)") }
    }
}
