import Foundation
import InteropSupport
import PortalAPI
import Testing

/// The report of the held meeting in all its forms, compared with what was done.
struct ReportOfMeeting {
    private let daemon: RunningDaemon
    private let meeting: String
    private let recording: RecordingDetail
    private let folder: String

    init(_ sitting: LedSitting, _ recording: RecordingDetail, in folder: String) {
        daemon = sitting.daemon
        meeting = sitting.meeting
        self.recording = recording
        self.folder = folder
    }

    /// `2026-11-26T22:36:07.123+07:00`
    static func date(_ text: String) -> Date? {
        let parser = ISO8601DateFormatter()
        parser.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return parser.date(from: text) ?? ISO8601DateFormatter().date(from: text)
    }

    func check() async throws {
        let events = try daemon.events(of: meeting)
        let report = try await read()
        checkMeeting(report)
        checkAttendance(report)
        checkSpeeches(report, events)
        checkRecorded(report, events)
        checkTheRest(report)
        try await checkTable()
        try await checkPaper()
        try await checkFilms()
    }

    // MARK: JSON

    /// What is read of `report.json`, by its names.
    private struct Report: Decodable {
        struct Meeting: Decodable {
            var title: String
            var room: String
            var convener: String?
            var document: String?
            var chair: String?
            var beganAt: String?
            var closeReason: String?
        }
        struct Point: Decodable {
            var point: String
            var name: String
            var presence: String
            var isExpected: Bool
            var presentSeconds: Int
            var reconnections: Int
            var reason: String?
        }
        struct Agency: Decodable {
            var unit: String
            var points: [Point]
        }
        struct Speech: Decodable {
            var kind: String
            var point: String
            var startedAt: String
            var seconds: Int
            var limitSeconds: Int?
        }
        struct Vote: Decodable {
            struct Ballot: Decodable {
                var point: String
                var ballot: String
            }
            var question: String
            var votesFor: Int
            var votesAgainst: Int
            var abstentions: Int
            var notVoted: Int
            var ballots: [Ballot]
        }
        struct Message: Decodable {
            var from: String?
            var text: String
        }
        struct Step: Decodable {
            var step: String
            var by: String?
            var document: String?
            var reason: String?
            var at: String
        }
        struct Recorded: Decodable {
            struct Notice: Decodable {
                var at: String
                var by: String
            }
            struct Stream: Decodable {
                var kind: String
                var lostMilliseconds: Int
                var withoutRoomMilliseconds: Int
            }
            var point: String
            var notice: Notice?
            var streams: [Stream]
        }
        struct Incident: Decodable {
            var kind: String
            var point: String?
            var text: String?
        }
        struct Quality: Decodable {
            var point: String
            var lossPercent: Double?
            var opinionScore: Double?
        }
        struct Conclusion: Decodable { var workingDays: Int }
        var meeting: Meeting
        var agencies: [Agency]
        var speeches: [Speech]
        var votes: [Vote]
        var messages: [Message]
        var recording: [Step]
        var recorded: [Recorded]
        var incidents: [Incident]
        var quality: [Quality]
        var conclusion: Conclusion?
        var skippedLines: Int
    }

    private func file(_ name: String, _ arguments: String...) async throws -> String {
        let path = "\(folder)/\(name)"
        let answer = try await daemon.causeway(["report", meeting, "--output", path] + arguments)
        guard answer.status == 0 else { throw ToolFailure("\(name): \(answer.output)") }
        return path
    }

    private func read() async throws -> Report {
        let data = try Data(contentsOf: URL(fileURLWithPath: try await file("report.json", "--format", "json")))
        // As it was sealed.
        let package = try #require(recording.directory)
        #expect(try Data(contentsOf: URL(fileURLWithPath: package + "/data/reports/report.json")) == data)
        return try JSONDecoder().decode(Report.self, from: data)
    }

    private func checkMeeting(_ report: Report) {
        let meeting = report.meeting
        #expect(meeting.title == ConvenedSite.title && meeting.room == "hop")
        #expect(meeting.convener == "Chủ tịch UBND tỉnh" && meeting.document == "120/GM-UBND ngày 20/01/2026")
        #expect(meeting.chair == "Lê Thị Hương" && meeting.closeReason == "ended" && meeting.beganAt != nil)
        #expect(report.conclusion?.workingDays == 5 && report.skippedLines == 0)
    }

    private func checkAttendance(_ report: Report) {
        let points = report.agencies.flatMap(\.points)
        #expect(points.map(\.point) == ConvenedSite.places.map(\.id), "in the order of protocol, nobody else")
        #expect(report.agencies.map(\.unit) == ConvenedSite.places.map(\.name))
        #expect(points.map(\.presence) == Array(repeating: "present", count: 8) + ["absent"])
        #expect(points.last?.reason == HeldMeeting.absence && points.last?.presentSeconds == 0)
        #expect(points.map(\.reconnections) == ConvenedSite.places.map { $0.id == "namdong" ? 1 : 0 })
        #expect(points.allSatisfy(\.isExpected) && points.dropLast().allSatisfy { $0.presentSeconds > 20 })
    }

    private func checkSpeeches(_ report: Report, _ events: [[String: String]]) {
        let given = report.speeches.filter { $0.kind == "given" }
        #expect(given.map(\.point) == ["aluoi", "soyte", "soyte", "huongthuy"])
        #expect(given.map(\.limitSeconds) == [nil, 60, 2, nil])
        // Each begins when the word was given, and lasts until the next was, or it was ended.
        let given_ = events.filter { $0["event"] == "word-given" }.compactMap { $0["at"].flatMap(Self.date) }
        let ended = events.filter { $0["event"] == "word-ended" }.compactMap { $0["at"].flatMap(Self.date) }
        #expect(given_.count == 4 && ended.count == 3)
        for (speech, time) in zip(given, given_) {
            let off = Self.date(speech.startedAt).map { abs($0.timeIntervalSince(time)) } ?? .infinity
            #expect(off < 0.01, "\(speech) began at \(time)")
        }
        guard given.count == 4, given_.count == 4, ended.count == 3 else { return }
        let ends = [ended[0], given_[2], ended[1], ended[2]]
        for (speech, (from, to)) in zip(given, zip(given_, ends)) {
            #expect(abs(to.timeIntervalSince(from) - Double(speech.seconds)) < 1, "\(speech) from \(from) to \(to)")
        }
        #expect(report.speeches.contains { $0.kind == "heard" && $0.point == "vanphong" })
        #expect(events.count { $0["event"] == "speaking-time-over" } == 1)
    }

    /// Who is recorded was told at once, and nothing that it sent is missing, but of the point that was killed.
    private func checkRecorded(_ report: Report, _ events: [[String: String]]) {
        let present = ConvenedSite.places.dropLast()
        #expect(report.recorded.map(\.point) == present.map(\.id))
        // What a muted point says is not recorded.
        let spoke: Set = ["vanphong", "soyte", "aluoi", "namdong", "huongthuy"]
        let ordered = report.recording.first.flatMap { Self.date($0.at) }
        for (point, place) in zip(report.recorded, present) {
            #expect(point.notice?.by == "voice", "\(point)")
            let told = point.notice.flatMap { Self.date($0.at) }
            if let told, let ordered {
                #expect((-0.01...5).contains(told.timeIntervalSince(ordered)), "\(point), ordered at \(ordered)")
            }
            let kinds = (spoke.contains(place.id) ? ["audio"] : []) + (place.colour == .none ? [] : ["video"])
            #expect(point.streams.map(\.kind).sorted() == kinds, "\(point)")
            // The recorder had room for all that came. Six endpoints and two browsers on one machine lose some on the way.
            #expect(point.streams.allSatisfy { $0.withoutRoomMilliseconds == 0 }, "\(point)")
            if place.id != "namdong" { #expect(point.streams.allSatisfy { $0.lostMilliseconds < 8_000 }, "\(point)") }
        }
        // At the order, when it went on after the pause, and whenever a point comes back: from the side room, or called.
        let returns = ["namdong": 2, "huongthuy": 1]
        for place in present {
            let told = events.count { $0["event"] == "told-of-recording" && $0["point"] == place.id }
            #expect(told == 2 + (returns[place.id] ?? 0), "\(place.id) was told of the recording \(told) times")
        }
        let streams = events.filter { $0["event"] == "stream-recorded" }
        #expect(Set(streams.compactMap { $0["point"] }) == Set(present.map(\.id)))
    }

    private func checkTheRest(_ report: Report) {
        let vote = report.votes.first
        #expect(report.votes.count == 1 && vote?.question == HeldMeeting.question)
        #expect(vote.map { [$0.votesFor, $0.votesAgainst, $0.abstentions, $0.notVoted] } == [3, 1, 1, 3])
        let ballots = Dictionary(vote?.ballots.map { ($0.point, $0.ballot) } ?? []) { first, _ in first }
        #expect(
            ballots == [
                "soyte": "for", "sotaichinh": "for", "quangdien": "for", "phuloc": "against", "huongthuy": "abstain",
            ])
        #expect(report.messages.map(\.text) == [HeldMeeting.message] && report.messages.first?.from == nil)
        #expect(
            report.recording.map(\.step) == [
                "recording-ordered", "recording-started", "recording-paused", "recording-resumed",
                "recording-stopped",
            ])
        #expect(report.recording.map(\.reason) == ["ghi biên bản", nil, "giải lao", "họp tiếp", nil])
        #expect(report.recording[1].document == "12/QĐ-VP")
        let incidents = report.incidents
        #expect(incidents.filter { $0.kind == "dropped" }.map(\.point) == ["namdong"])
        #expect(incidents.contains { $0.kind == "not-reached" && $0.point == "phongdien" })
        #expect(incidents.filter { $0.kind == "refused" }.map(\.point) == [ConvenedSite.guest.id])
        #expect(Set(report.quality.map(\.point)) == Set(ConvenedSite.places.dropLast().map(\.id)))
        for line in report.quality {
            #expect((1...4.5).contains(line.opinionScore ?? 0), "\(line)")
            #expect((0...100).contains(line.lossPercent ?? -1), "\(line)")
        }
    }

    // MARK: For people

    private func checkTable() async throws {
        let text = try String(contentsOfFile: try await file("report.csv", "--format", "csv"), encoding: .utf8)
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        func count(_ kind: String) -> Int { lines.count { $0.hasPrefix(kind + ",") } }
        #expect((count("attendance"), count("vote"), count("message"), count("quality")) == (9, 1, 1, 8))
        #expect(lines.contains { $0.hasPrefix("attendance,") && $0.hasSuffix("absent,\(HeldMeeting.absence)") })
        #expect(lines.contains { $0.hasPrefix("vote,1,") && $0.hasSuffix("3/1/1/3,\(HeldMeeting.question)") })
        #expect(lines.count { $0.hasPrefix("speech,") && $0.contains(",given,") } == 4)
    }

    private func checkPaper() async throws {
        guard Tool.areInstalled("weasyprint", "pandoc", "pdftotext", "unzip") else { return }
        let pdf = try await file("report.pdf", "--format", "pdf")
        let text = Self.words(try await Tool.run("pdftotext", [pdf, "-"]))
        for words in [
            ConvenedSite.title, "120/GM-UBND ngày 20/01/2026", "Lê Thị Hương", "8 có mặt, 1 vắng",
            "vắng: \(HeldMeeting.absence)", HeldMeeting.question, "lệnh ghi", "giải lao", "mất kết nối",
            "Chất lượng đường truyền",
        ] + ConvenedSite.places.map(\.name) {
            #expect(text.contains(Self.words(words)), "the report lacks “\(words)”")
        }
        let minutes = try await file("minutes.odt", "--format", "odt", "--minutes")
        let content = try await Tool.run("unzip", ["-p", minutes, "content.xml"])
        let plain = Self.words(content.replacing(/<[^>]*>/, with: " "))
        for words in ["BIÊN BẢN HỌP", ConvenedSite.title, "Lê Thị Hương", HeldMeeting.absence, HeldMeeting.question]
            + ["Xã A Lưới", "Phường Hương Thủy"]
        {
            #expect(plain.contains(Self.words(words)), "the minutes lack “\(words)”")
        }
    }

    /// In NFC, with one space between words, however they are laid out.
    private static func words(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    // MARK: Films

    /// The master marks whom all saw, and the access copy has those turns as chapters.
    private func checkFilms() async throws {
        let package = try #require(recording.directory)
        for (name, wanted) in [
            ("master.mkv", ["Xã A Lưới", "Sở Y tế", "Phường Hương Thủy", "Sở Tài chính", "Xã Nam Đông"]),
            ("access.webm", ["Sở Y tế", "Phường Hương Thủy"]),
        ] {
            let chapters = try await Tool.run(
                "ffprobe",
                ["-v", "error", "-show_entries", "chapter_tags=title", "-of", "csv=p=0", package + "/data/" + name])
            let titles = chapters.split(separator: "\n").map(String.init)
            if name == "master.mkv" {
                #expect(titles == wanted, "chapters of \(name)")
            } else {
                #expect(Set(titles).isSuperset(of: wanted), "\(titles)")
            }
        }
    }
}
