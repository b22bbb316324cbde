import Foundation
import Testing
import Vietnamese

@testable import Documents

@Suite struct MeetingReportTests {
    static let begin = IndochinaTime.date(from: "2026-11-24T08:00:00+07:00") ?? .distantPast

    static func event(_ second: Int, _ name: String, _ fields: [String: String] = [:]) -> MeetingLog.Event {
        .init(at: begin.addingTimeInterval(TimeInterval(second)), name: name, fields: fields)
    }

    static let facts = MeetingFacts(
        id: "20261124-080000-giaoban-k3f9", title: "Giao ban tuần <47>", room: "giaoban",
        convener: "Văn phòng Ủy ban nhân dân tỉnh", document: "112/GM-UBND ngày 20/11/2026",
        chair: "Nguyễn Văn Phương", openedAt: begin,
        points: [
            .init(
                id: "vanphong", name: "Văn phòng UBND tỉnh", unit: "Văn phòng UBND tỉnh", isExpected: true, place: hue),
            .init(id: "soyte", name: "Sở Y tế", unit: "Sở Y tế", isExpected: true, place: hue),
            .init(
                id: "aluoi", name: "Xã A Lưới 1", unit: "Ủy ban nhân dân xã A Lưới 1", isExpected: true, place: aLuoi),
            .init(id: "phuloc", name: "Xã Phú Lộc", unit: "Ủy ban nhân dân xã Phú Lộc", isExpected: true, place: aLuoi),
        ],
        place: hue)
    static let hue = Coordinates(latitude: 16.4637, longitude: 107.5909)
    static let aLuoi = Coordinates(latitude: 16.2300, longitude: 107.2300)

    static let log = MeetingLog(events: [
        event(0, "opened", ["room": "giaoban"]),
        event(1, "joined", ["participant": "1", "point": "vanphong", "name": "x"]),
        event(2, "media-established", ["participant": "1", "point": "vanphong"]),
        event(3, "joined", ["participant": "2", "point": "soyte", "name": "x"]),
        event(4, "media-established", ["participant": "2", "point": "soyte"]),
        event(10, "opened-by-chair", ["by": "vanphong"]),
        event(10, "missing", ["points": "aluoi phuloc"]),
        event(12, "recording-ordered", ["reason": "Kết luận của Chủ tịch", "by": "vanphong"]),
        event(12, "recording-started", ["orderedBy": "Chủ tịch", "document": "12/QĐ-VP"]),
        event(20, "excused", ["point": "phuloc", "reason": "mưa lũ chia cắt", "by": "vanphong"]),
        event(30, "word-given", ["point": "soyte", "limitSeconds": "60"]),
        event(31, "speaker", ["participant": "2", "point": "soyte"]),
        event(40, "speaker", ["participant": "1", "point": "vanphong"]),
        event(42, "speaker", ["participant": "2", "point": "soyte"]),
        event(60, "joined", ["participant": "3", "point": "aluoi", "name": "x"]),
        event(61, "media-established", ["participant": "3", "point": "aluoi"]),
        event(61, "late", ["point": "aluoi"]),
        event(90, "word-ended", ["point": "soyte", "lastedSeconds": "60"]),
        event(91, "speaker"),
        event(100, "speaker", ["point": "vanphong"]),
        event(130, "speaker"),
        event(140, "dropped", ["point": "aluoi"]),
        // Its new call is there before the old one is given up.
        event(141, "joined", ["participant": "4", "point": "aluoi", "name": "x", "reconnection": "true"]),
        event(
            150, "line-quality",
            [
                "participant": "3", "point": "aluoi", "seconds": "90", "lossPercent": "1.50",
                "jitterMilliseconds": "20.00", "opinionScore": "3.80",
            ]),
        event(150, "left", ["participant": "3", "point": "aluoi", "reason": "dropped"]),
        event(160, "vote-opened", ["vote": "1", "question": "Thông qua chương trình?", "secret": "false"]),
        event(161, "ballot", ["point": "soyte", "ballot": "for"]),
        event(162, "ballot", ["point": "aluoi", "ballot": "against"]),
        event(163, "ballot", ["point": "aluoi", "ballot": "for"]),
        event(
            170, "vote-closed",
            [
                "vote": "1", "question": "Thông qua chương trình?", "secret": "false", "for": "1", "against": "1",
                "abstain": "0", "notVoted": "1",
            ]),
        event(180, "message", ["point": "aluoi", "text": "Xin gửi báo cáo <sau>"]),
        event(190, "recording-paused", ["reason": "nghỉ giải lao", "by": "vanphong"]),
        event(200, "left", ["participant": "2", "point": "soyte", "reason": "hung-up"]),
        event(
            210, "line-quality",
            [
                "participant": "4", "point": "aluoi", "seconds": "30", "lossPercent": "0.50",
                "jitterMilliseconds": "12.00", "opinionScore": "4.20",
            ]),
        event(210, "line-quality", ["participant": "1", "point": "vanphong", "seconds": "many", "lossPercent": "1"]),
        event(210, "line-quality", ["participant": "1", "point": "vanphong", "seconds": "5", "lossPercent": "nan"]),
        event(171, "told-of-recording", ["participant": "2", "point": "soyte", "by": "voice"]),
        event(175, "told-of-recording", ["participant": "2", "point": "soyte", "by": "page"]),
        event(210, "closed", ["cause": "ended", "by": "vanphong"]),
        event(
            211, "stream-recorded",
            [
                "point": "soyte", "kind": "audio", "packets": "900", "lostMilliseconds": "240",
                "awayMilliseconds": "9000",
            ]),
        event(
            211, "stream-recorded",
            ["point": "soyte", "kind": "audio", "packets": "9", "lostMilliseconds": "60", "recorderMilliseconds": "20"]),
        event(
            211, "stream-recorded",
            [
                "point": "soyte", "kind": "video", "packets": "9", "damagedMilliseconds": "1500",
                "lostMilliseconds": "-5",
            ]),
        event(211, "stream-recorded", ["point": "aluoi", "kind": "smell", "packets": "9"]),
        event(220, "master-decoded", Self.decoded("video", "8", "8")),
        event(221, "master-decoded", Self.decoded("video", "9", "2")),
        event(221, "master-decoded", Self.decoded("audio", "many", "2")),
    ])

    private static func decoded(_ kind: String, _ blocks: String, _ refused: String) -> [String: String] {
        [
            "point": "soyte", "kind": kind, "blocks": blocks, "refused": refused, "concealed": "1",
            "firstRefusedMilliseconds": "61250",
        ]
    }

    static let calendar = WorkingCalendar(parsing: "2026-11-26,holiday,thử\n2026-01-01,holiday,Tết\n")
    static var report: MeetingReport { MeetingReport(facts, log, calendar: calendar) }

    @Test func whatTheRecordingLacksAndWhoWasToldOfItIsSaidPointByPoint() throws {
        let recorded = try #require(Self.report.recorded.first { $0.point == "soyte" })
        #expect(recorded.notice?.by == .voice && recorded.notice?.at == Self.begin.addingTimeInterval(171))
        #expect(
            recorded.streams == [
                .init(kind: .audio, lostMilliseconds: 300, withoutRoomMilliseconds: 20, damagedMilliseconds: 0),
                .init(
                    kind: .video, lostMilliseconds: 0, withoutRoomMilliseconds: 0, damagedMilliseconds: 1_500,
                    decoding: .init(
                        blocks: 9, refused: 2, firstRefusedMilliseconds: 61_250, concealed: 1)),
            ])
        #expect(Self.report.recorded.allSatisfy { $0.streams.allSatisfy { ($0.lostMilliseconds ?? 0) >= 0 } })
        let csv = String(decoding: Self.report.csv, as: UTF8.self)
        #expect(csv.contains("audio: lost 300 ms, without room 20 ms"))
        #expect(csv.contains("perhaps damaged 1500 ms, not decodable 2 of 9 blocks, the first at 61250 ms"))
    }

    /// A recorder that died counted nothing: that is no loss of 0, and its holes are not the line's.
    @Test func whatNobodyCountedIsSaidToBeNotCounted() throws {
        let log = MeetingLog(events: [
            Self.event(1, "joined", ["participant": "1", "point": "soyte"]),
            Self.event(
                9, "stream-recorded", ["point": "soyte", "kind": "audio", "unexplainedMilliseconds": "2400"]),
            Self.event(9, "master-decoded", Self.decoded("audio", "900", "0")),
            Self.event(9, "master-decoded", Self.decoded("video", "90", "0")),
        ])
        let report = MeetingReport(Self.facts, log, calendar: Self.calendar)
        let streams = try #require(report.recorded.first { $0.point == "soyte" }).streams
        #expect(streams.allSatisfy { $0.lostMilliseconds == nil && $0.withoutRoomMilliseconds == nil })
        #expect(streams.map(\.unexplainedMilliseconds) == [2_400, nil])
        #expect(try MeetingReport(json: report.json()) == report)
        let csv = String(decoding: report.csv, as: UTF8.self)
        #expect(csv.contains("audio: lost not counted, without room not counted"))
        for (language, words, seconds) in [
            (Language.vietnamese, "không đếm được", "trống không rõ lý do: 2,4"),
            (.english, "not counted", "empty, reason unknown: 2.4"),
        ] {
            let page = ReportDocument(report, language).document.html
            #expect(page.contains(words) && page.contains(seconds))
        }
    }

    @Test func attendanceIsByAgencyInTheOrderOfProtocolWithReasons() throws {
        let report = Self.report
        #expect(report.agencies.map(\.unit) == Self.facts.points.map { $0.unit ?? "" })
        let points = Dictionary(uniqueKeysWithValues: report.attendance.map { ($0.point, $0) })
        #expect(points["phuloc"]?.presence == .absent)
        #expect(points["phuloc"]?.reason == "mưa lũ chia cắt")
        #expect(points["aluoi"]?.isLate == true)
        #expect(points["aluoi"]?.reconnections == 1)
        // From 60 to the end, though its two calls overlap.
        #expect(points["aluoi"]?.presentSeconds == 150)
        // Since the chair opened it.
        #expect(points["soyte"]?.presentSeconds == 190)
        #expect(points["vanphong"]?.name == "Văn phòng UBND tỉnh")
        #expect((report.presentCount, report.expectedCount, report.absentCount) == (3, 4, 1))
    }

    @Test func aLineIsTheMeanOfItsCallsEachByItsTime() {
        #expect(
            Self.report.quality == [
                .init(
                    point: "aluoi", name: "Xã A Lưới 1", lossPercent: 1.25, jitterMilliseconds: 18, opinionScore: 3.9)
            ], "what cannot be read counts for nothing")
    }

    @Test func whoWasNeitherExpectedNorCameIsNoPartOfIt() {
        var facts = Self.facts
        facts.points.append(.init(id: "xa", name: "Xã khác"))
        let report = MeetingReport(facts, Self.log, calendar: Self.calendar)
        #expect(!report.attendance.contains { $0.point == "xa" })
    }

    @Test func whoseMediaNeverCameWasNotPresent() {
        let log = MeetingLog(events: [
            Self.event(1, "joined", ["participant": "1", "point": "soyte"]),
            Self.event(9, "left", ["participant": "1", "point": "soyte"]),
        ])
        let report = MeetingReport(Self.facts, log, calendar: Self.calendar)
        #expect(report.attendance.first { $0.point == "soyte" }?.presence == .silent)
        #expect((report.presentCount, report.absentCount) == (0, 4))
    }

    @Test func whoHasTheWordSpeaksWhoeverInterjects() {
        let speeches = Self.report.speeches
        #expect(speeches.map(\.point) == ["soyte", "soyte", "vanphong"])
        // It was heard for a second after its time was up.
        #expect(speeches.map(\.seconds) == [60, 1, 30])
        #expect(speeches.map(\.kind) == [.given, .heard, .heard])
        #expect(speeches.first?.limitSeconds == 60)
    }

    @Test func aVoteHasItsResultAndEachBallotOnce() {
        let vote = Self.report.votes.first
        #expect(vote?.question == "Thông qua chương trình?")
        #expect(vote?.ballots.map(\.ballot) == ["for", "against"])
        #expect(vote?.notVoted == 1)
    }

    @Test func ordersAndIncidentsAreThere() {
        let report = Self.report
        #expect(report.recording.map(\.step) == ["recording-ordered", "recording-started", "recording-paused"])
        #expect(report.recording.last?.reason == "nghỉ giải lao")
        #expect(report.incidents.map(\.kind) == ["dropped"])
        #expect(report.meeting.durationSeconds == 200)
    }

    @Test func theNoticeIsDueInFiveWorkingDaysThatAreNoHolidays() {
        // Tuesday; Wednesday, Friday, Monday, Tuesday, Wednesday.
        #expect(Self.report.conclusion == .init(dueDay: "2026-12-02", workingDays: 5, lacksHolidays: false))
        let unknown = MeetingReport(Self.facts, Self.log, calendar: WorkingCalendar()).conclusion
        #expect(unknown == .init(dueDay: "2026-12-01", workingDays: 5, lacksHolidays: true))
    }

    @Test func noClockRunsForANoticeThatNobodyOrdered() {
        var facts = Self.facts
        facts.ordersConclusionNotice = false
        #expect(MeetingReport(facts, Self.log, calendar: Self.calendar).conclusion == nil)
    }

    @Test func travelIsThereAndBackOfWhoWasPresent() throws {
        let (hue, aLuoi) = (try #require(Self.hue), try #require(Self.aLuoi))
        let way = hue.kilometres(to: aLuoi)
        #expect(abs(way - 46.4) < 0.5)
        // A Lưới alone: Phú Lộc was not there, and the others are in the room's town.
        #expect(abs((Self.report.savedKilometres ?? 0) - 2 * way) < 0.01)
        // Without a place of the room it is that of the first who was present: here the room's town, too.
        var facts = Self.facts
        facts.place = nil
        #expect(abs((MeetingReport(facts, Self.log, calendar: Self.calendar).savedKilometres ?? 0) - 2 * way) < 0.01)
        let quarter = try #require(Coordinates(latitude: 0, longitude: 90))
        let origin = try #require(Coordinates(latitude: 0, longitude: 0))
        #expect(abs(origin.kilometres(to: quarter) - 10_007.56) < 0.1)
        #expect(Coordinates(latitude: 91, longitude: 0) == nil)
        #expect(Coordinates(latitude: .nan, longitude: 0) == nil)
    }

    @Test func jsonIsReadBackAsItWas() throws {
        #expect(try MeetingReport(json: Self.report.json()) == Self.report)
    }

    @Test func csvHasOneLineForEachThingAndNoFormulas() throws {
        var log = Self.log
        log.events.append(Self.event(205, "message", ["point": "aluoi", "text": "=HYPERLINK(\"http://x\"),\"a\""]))
        let text = String(decoding: MeetingReport(Self.facts, log, calendar: Self.calendar).csv, as: UTF8.self)
        let lines = text.components(separatedBy: "\r\n")
        let kinds = lines.dropFirst().map { $0.prefix { $0 != "," } }
        #expect(kinds.count { $0 == "attendance" } == 4)
        #expect(kinds.count { $0 == "speech" } == 3)
        #expect(text.contains("\"'=HYPERLINK(\"\"http://x\"\"),\"\"a\"\"\""))
        #expect(text.hasPrefix("\u{FEFF}kind,"))
    }

    // MARK: Properties

    @Test func whateverHappensSpeechAddsUpAndNobodyIsCountedTwice() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let events = Self.randomEvents(&random)
            let report = MeetingReport(
                MeetingFacts(id: "x", title: "x", room: "x", openedAt: Self.begin), MeetingLog(events: events),
                calendar: Self.calendar)
            let points = report.attendance.map(\.point)
            #expect(points.count == Set(points).count)
            let whole = Int(events.map(\.at).max()?.timeIntervalSince(Self.begin) ?? 0)
            #expect(report.attendance.allSatisfy { $0.presentSeconds <= whole })
            var spoken: [String: Int] = [:]
            for speech in report.speeches { spoken[speech.point, default: 0] += speech.seconds }
            #expect(spoken == Self.secondBySecond(events, to: whole))
            #expect(report.speeches.map(\.number) == Array(1..<(report.speeches.count + 1)))
        }
    }

    private static func randomEvents(_ random: inout some RandomNumberGenerator) -> [MeetingLog.Event] {
        var second = 0
        return (0..<60).map { _ in
            second += Int.random(in: 0...15, using: &random)
            let point = ["a", "b", "c"].randomElement(using: &random) ?? "a"
            let call = String(Int.random(in: 0...4, using: &random))
            let name =
                ["joined", "left", "media-established", "speaker", "speaker", "word-given", "word-ended", "late"]
                .randomElement(using: &random) ?? ""
            let isSilence = name == "speaker" && Bool.random(using: &random)
            return event(second, name, isSilence ? [:] : ["point": point, "participant": call])
        }
    }

    /// Who speaks in each second, the slow way.
    private static func secondBySecond(_ events: [MeetingLog.Event], to end: Int) -> [String: Int] {
        var spoken: [String: Int] = [:]
        var (loudest, word): (String?, String?) = (nil, nil)
        var calls: [String: Set<String>] = [:]
        var next = 0
        for second in 0..<end {
            while next < events.count, Int(events[next].at.timeIntervalSince(begin)) <= second {
                let (event, point) = (events[next], events[next].point ?? "")
                let call = event.fields["participant"] ?? ""
                switch event.name {
                case "joined": calls[point, default: []].insert(call)
                case "left":
                    calls[point, default: []].remove(call)
                    if calls[point]?.isEmpty != false {
                        if loudest == point { loudest = nil }
                        if word == point { word = nil }
                    }
                case "speaker": loudest = event.point
                case "word-given": word = point
                case "word-ended" where word == point: word = nil
                default: break
                }
                next += 1
            }
            if let speaking = word ?? loudest { spoken[speaking, default: 0] += 1 }
        }
        return spoken
    }

    @Test func junkIsSkippedAndCounted() throws {
        var random = SystemRandomNumberGenerator()
        let good = Self.log.events.map { event in
            let fields = event.fields.map { ",\"\($0.key)\":\"\($0.value)\"" }.joined()
            return Data(
                "{\"at\":\"\(IndochinaTime.text(event.at))\",\"event\":\"\(event.name)\",\"master\":12\(fields)}".utf8)
        }
        for _ in 0..<50 {
            var (lines, junk) = (good, 0)
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let octets = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    UInt8.random(in: 11...255, using: &random)
                }
                let kinds = [
                    Data(octets), Data("{\"at\":\"hôm qua\",\"event\":\"x\"}".utf8), Data("{\"at\":3}".utf8),
                    Data("[]".utf8), good[0].dropLast(3),
                ]
                lines.insert(
                    kinds.randomElement(using: &random) ?? Data(octets),
                    at: Int.random(in: 0...lines.count, using: &random))
                junk += 1
            }
            let log = MeetingLog(parsing: Data(lines.joined(separator: Data("\n".utf8))))
            #expect(log.events == Self.log.events)
            #expect(log.skipped == junk)
        }
    }

    @Test func valuesOfAnyKindAreRead() {
        let line =
            #"{"at":"2026-11-24T08:00:00.000+07:00","event":"x","a":1,"b":true,"c":1.5,"d":null,"e":[1],"f":"g"}"#
        let log = MeetingLog(parsing: Data(line.utf8))
        #expect(log.skipped == 0)
        #expect(log.events.first?.fields == ["a": "1", "b": "true", "c": "1.5", "f": "g"])
    }

    // MARK: Paper

    @Test(.enabled(if: Programs.have("weasyprint", "pdftotext"))) func theReportIsPrintedWithAllMarks() async throws {
        let pdf = try await DocumentRenderer().pdf(ReportDocument(Self.report).document)
        Self.keep(pdf, "report.pdf")
        let text = try Programs.text(ofPDF: pdf)
        for words in [
            "Giao ban tuần <47>", "vắng: mưa lũ chia", "Thông qua chương trình?", "nghỉ giải lao", "3,9",
            "02/12/2026", "Xin gửi báo cáo <sau>",
        ] {
            #expect(text.contains(words), "\(words)")
        }
    }

    @Test(.enabled(if: Programs.have("weasyprint", "pandoc", "pdftotext", "unzip")), arguments: Language.allCases)
    func theMinutesAreASkeletonToWriteOn(language: Language) async throws {
        let minutes = ReportDocument(Self.report, language).minutes
        let pdf = try await DocumentRenderer().pdf(minutes)
        Self.keep(pdf, "minutes-\(language.rawValue).pdf")
        #expect(try Programs.text(ofPDF: pdf).contains("Nguyễn Văn Phương"))
        let odt = try await DocumentRenderer().odt(minutes)
        Self.keep(odt, "minutes-\(language.rawValue).odt")
        let content = try Programs.content(ofODT: odt)
        #expect(content.contains("Ủy ban nhân dân xã A Lưới 1"))
        #expect(content.contains("mưa lũ chia cắt"))
        #expect(try XMLProbe(content).elements.contains { $0.name == "table:table" })
    }

    private static func keep(_ data: Data, _ name: String) {
        guard let folder = ProcessInfo.processInfo.environment["CAUSEWAY_KEEP_DOCUMENTS"] else { return }
        try? data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
}
