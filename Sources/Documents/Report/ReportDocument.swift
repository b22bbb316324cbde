import Foundation
import Vietnamese

/// A report as pages for people: the report proper, or the skeleton of the minutes.
public struct ReportDocument: Sendable {
    public let report: MeetingReport
    public let language: Language

    public init(_ report: MeetingReport, _ language: Language = .vietnamese) {
        self.report = report
        self.language = language
    }

    /// Lines of the longest lists that are printed; JSON and CSV have all.
    static let mostRows = 400
    /// Whoever was heard for less, without the word, is not on paper.
    static let shortestSpeech = 3

    var shownSpeeches: [MeetingReport.Speech] {
        report.speeches.filter { $0.kind == .given || $0.seconds >= Self.shortestSpeech }
    }

    public var document: PrintedDocument {
        let title = say("Báo cáo cuộc họp", "Report of the meeting")
        let body: Markup = """
            <h1>\(title)</h1>
            <p class="lead"><strong>\(report.meeting.title)</strong></p>
            \(summary)
            \(section("Điểm danh", "Attendance", attendance))
            \(section("Thứ tự phát biểu", "Order of speaking", speeches))
            \(report.votes.isEmpty ? "" : section("Biểu quyết", "Votes", votes))
            \(report.messages.isEmpty ? "" : section("Tin nhắn", "Messages", messages))
            \(section("Ghi hình", "Recording", recording))
            \(report.recorded.isEmpty ? "" : section("Bản ghi có của từng điểm cầu", "The recording, point by point", recorded))
            \(section("Sự cố", "Incidents", incidents))
            \(report.quality.isEmpty ? "" : section("Chất lượng đường truyền", "Quality of lines", quality))
            """
        return PrintedDocument(
            title: "\(title): \(report.meeting.title)", language: language, body: body, footer: report.meeting.id)
    }

    func say(_ vietnamese: String, _ english: String) -> String { language.say(vietnamese, english) }
    func section(_ vietnamese: String, _ english: String, _ content: Markup) -> Markup {
        "<h2>\(say(vietnamese, english))</h2>\n\(content)"
    }

    private var summary: Markup {
        let meeting = report.meeting
        var rows: [(name: String, value: Markup)] = []
        func add(_ vietnamese: String, _ english: String, _ value: String?) {
            if let value, !value.isEmpty { rows.append((say(vietnamese, english), Markup(text: value))) }
        }
        add("Mã cuộc họp", "Meeting", meeting.id)
        add("Phòng họp", "Room", meeting.room)
        add("Cơ quan triệu tập", "Convener", meeting.convener)
        add("Văn bản triệu tập", "Convening document", meeting.document)
        add("Chủ trì", "Chair", meeting.chair)
        add("Bắt đầu", "Began", full(meeting.beganAt ?? meeting.openedAt))
        add("Kết thúc", "Ended", meeting.closedAt.map(full))
        add("Thời lượng", "Lasted", length(meeting.durationSeconds))
        let absent = report.absentCount
        add(
            "Điểm cầu", "Points",
            say("\(report.presentCount) có mặt, \(absent) vắng", "\(report.presentCount) present, \(absent) absent"))
        add("Quãng đường không phải đi lại", "Travel saved", report.savedKilometres.map(kilometres))
        if let conclusion = report.conclusion {
            add("Hạn thông báo kết luận", "Notice of conclusions due", due(conclusion))
        }
        if report.skippedLines > 0 {
            add("Dòng nhật ký không đọc được", "Lines of the record not understood", String(report.skippedLines))
        }
        return .fields(rows)
    }

    func due(_ conclusion: MeetingReport.Conclusion) -> String {
        let day = day(conclusion.dueDay)
        let clock = say(
            "\(day) (\(conclusion.workingDays) ngày làm việc)", "\(day) (\(conclusion.workingDays) working days)")
        return conclusion.lacksHolidays
            ? clock + say("; chưa có lịch nghỉ lễ của năm này", "; the year's public holidays are not known yet")
            : clock
    }

    // MARK: Tables

    var attendance: Markup {
        let rows = report.agencies.flatMap { agency in
            agency.points.enumerated().map { index, point -> [Markup] in
                [
                    Markup(text: index == 0 ? agency.unit : ""), Markup(text: point.name),
                    Markup(text: presence(point)), Markup(text: point.firstJoined.map(clock) ?? ""),
                    Markup(text: point.lastLeft.map(clock) ?? ""),
                    Markup(text: point.presentSeconds > 0 ? length(point.presentSeconds) : ""),
                    Markup(text: point.reconnections > 0 ? String(point.reconnections) : ""),
                ]
            }
        }
        return rows.isEmpty
            ? none
            : .table(
                [
                    say("Cơ quan", "Agency"), say("Điểm cầu", "Point"), say("Có mặt", "Presence"), say("Vào", "Came"),
                    say("Ra", "Left"), say("Thời gian", "Time"), say("Nối lại", "Came back"),
                ], rows)
    }

    private func presence(_ point: MeetingReport.Attendance) -> String {
        switch point.presence {
        case .present: point.isLate ? say("có mặt, đến muộn", "present, late") : say("có mặt", "present")
        case .silent:
            say("kết nối nhưng không có tiếng, hình", "connected, without sound or picture")
                + (point.reason.map { ": \($0)" } ?? "") + noting(point)
        case .absent:
            point.reason.map { say("vắng: \($0)", "absent: \($0)") + noting(point) }
                ?? (point.isExpected
                    ? say("vắng, không rõ lý do", "absent, no reason given") : say("không dự", "not there"))
        }
    }

    private func noting(_ point: MeetingReport.Attendance) -> String {
        point.notedAfterwards.map { noting in
            let day = full(noting.at)
            return say(" (\(noting.by) ghi sau cuộc họp, \(day))", " (noted after the meeting by \(noting.by), \(day))")
        } ?? ""
    }

    var speeches: Markup {
        let rows = shownSpeeches.prefix(Self.mostRows).enumerated().map { index, speech -> [Markup] in
            let limit = speech.limitSeconds.map { say(" (cho phép \(length($0)))", " (of \(length($0)))") } ?? ""
            return [
                "\(index + 1)", Markup(text: speech.name), Markup(text: speech.unit ?? ""),
                Markup(text: clock(speech.startedAt)), Markup(text: length(speech.seconds) + limit),
                Markup(text: speech.kind == .given ? say("chủ tọa mời", "invited") : ""),
            ]
        }
        guard !rows.isEmpty else { return none }
        return """
            \(Markup.table(
                [
                    say("Số", "No."), say("Điểm cầu", "Point"), say("Cơ quan", "Agency"), say("Lúc", "At"),
                    say("Thời gian", "Time"), "",
                ], Array(rows)))
            \(more(shownSpeeches.count))
            """
    }

    var votes: Markup {
        .table(
            [
                say("Số", "No."), say("Nội dung", "Question"), say("Tán thành", "For"),
                say("Không tán thành", "Against"), say("Không có ý kiến", "Abstained"),
                say("Không biểu quyết", "Not voted"),
            ],
            report.votes.prefix(Self.mostRows).map { vote -> [Markup] in
                let secret = vote.isSecret ? say(" (kín)", " (secret)") : ""
                return [
                    "\(vote.number)", Markup(text: vote.question + secret), "\(vote.votesFor)",
                    "\(vote.votesAgainst)", "\(vote.abstentions)", "\(vote.notVoted)",
                ]
            })
    }

    private var messages: Markup {
        .table(
            [say("Lúc", "At"), say("Từ", "From"), say("Nội dung", "Text")],
            report.messages.prefix(Self.mostRows).map { message -> [Markup] in
                [
                    Markup(text: clock(message.at)),
                    Markup(text: message.from ?? say("hiện trên hình", "shown on pictures")),
                    Markup(text: message.text),
                ]
            })
    }

    private var recording: Markup {
        guard !report.recording.isEmpty else {
            return "<p>\(say("Không ghi hình: không có lệnh.", "Not recorded: there was no order."))</p>"
        }
        return .table(
            [
                say("Lúc", "At"), say("Việc", "Step"), say("Theo lệnh của", "Ordered by"),
                say("Căn cứ, lý do", "Document, reason"),
            ],
            report.recording.prefix(Self.mostRows).map { step -> [Markup] in
                [
                    Markup(text: clock(step.at)), Markup(text: words(step.step)), Markup(text: step.by ?? ""),
                    Markup(text: [step.document, step.reason].compactMap { $0 }.joined(separator: "; ")),
                ]
            })
    }

    private var recorded: Markup {
        func seconds(_ milliseconds: Int) -> String {
            milliseconds == 0 ? "0" : decimal(String(format: "%.1f", Double(milliseconds) / 1000))
        }
        func missing(_ milliseconds: Int?) -> Markup {
            Markup(text: milliseconds.map(seconds) ?? say("không đếm được", "not counted"))
        }
        func lost(_ stream: MeetingReport.RecordedStream) -> Markup {
            guard stream.lostMilliseconds == nil, let unexplained = stream.unexplainedMilliseconds else {
                return missing(stream.lostMilliseconds)
            }
            let length = seconds(unexplained)
            return Markup(
                text: say(
                    "không đếm được; trống không rõ lý do: \(length)", "not counted; empty, reason unknown: \(length)"))
        }
        let rows = report.recorded.prefix(Self.mostRows).flatMap { point -> [[Markup]] in
            let notice = point.notice.map { "\(clock($0.at)), \(words($0.by))" }
            let head = [Markup(text: point.name), Markup(text: notice ?? say("chưa được báo", "not told"))]
            guard !point.streams.isEmpty else { return [head + [Markup(text: ""), "", "", "", ""]] }
            return point.streams.enumerated().map { index, stream in
                (index == 0 ? head : ["", ""]) + [
                    Markup(text: words(stream.kind)), lost(stream),
                    missing(stream.withoutRoomMilliseconds),
                    stream.kind == .audio ? "" : missing(stream.damagedMilliseconds),
                    Markup(text: stream.decoding.map(refusal) ?? say("chưa thử", "not tried")),
                ]
            }
        }
        return .table(
            [
                say("Điểm cầu", "Point"), say("Được báo có ghi", "Told of it"), say("Luồng", "Stream"),
                say("Mất trên đường, giây", "Lost on the way, s"),
                say("Máy ghi bỏ sót, giây", "Missed by the recorder, s"),
                say("Hình có thể hỏng, giây", "Picture perhaps damaged, s"),
                say("Không giải mã được, khối", "Not decodable, blocks"),
            ], rows)
    }

    private func refusal(_ decoding: MeetingReport.Decoding) -> String {
        guard decoding.refused > 0 else { return "0" }
        let share = say("\(decoding.refused) / \(decoding.blocks)", "\(decoding.refused) of \(decoding.blocks)")
        guard let first = decoding.firstRefusedMilliseconds else { return share }
        let place = length(first / 1000)
        return share + say(", từ \(place)", ", from \(place)")
    }

    private func words(_ way: MeetingReport.Notice.Way) -> String {
        switch way {
        case .voice: say("bằng lời", "by voice")
        case .picture: say("trên hình", "on its picture")
        case .page: say("trên trang họp", "on its page")
        }
    }

    private func words(_ kind: MeetingReport.RecordedStream.Kind) -> String {
        switch kind {
        case .audio: say("tiếng", "sound")
        case .video: say("hình", "picture")
        case .slides: say("trình chiếu", "slides")
        }
    }

    private var incidents: Markup {
        guard !report.incidents.isEmpty else { return none }
        return """
            \(Markup.table(
                [say("Lúc", "At"), say("Điểm cầu", "Point"), say("Việc", "What"), say("Chi tiết", "Detail")],
                report.incidents.prefix(Self.mostRows).map { incident -> [Markup] in
                    [
                        Markup(text: clock(incident.at)), Markup(text: incident.name ?? ""),
                        Markup(text: words(incident.kind)), Markup(text: incident.text ?? ""),
                    ]
                }))
            \(more(report.incidents.count))
            """
    }

    private var quality: Markup {
        func figure(_ value: Double?, _ format: String) -> Markup {
            Markup(text: value.map { decimal(String(format: format, $0)) } ?? "")
        }
        return .table(
            [
                say("Điểm cầu", "Point"), "MOS", say("Mất gói, %", "Loss, %"), say("Biến thiên trễ, ms", "Jitter, ms"),
                say("Trễ khứ hồi, ms", "Round trip, ms"),
            ],
            report.quality.prefix(Self.mostRows).map { line -> [Markup] in
                [
                    Markup(text: line.name), figure(line.opinionScore, "%.1f"), figure(line.lossPercent, "%.1f"),
                    figure(line.jitterMilliseconds, "%.0f"), figure(line.roundTripMilliseconds, "%.0f"),
                ]
            })
    }

    private var none: Markup { "<p>\(say("Không có.", "None."))</p>" }

    private func more(_ count: Int) -> Markup? {
        guard count > Self.mostRows else { return nil }
        return
            "<p class=\"blank\">\(say("… và \(count - Self.mostRows) dòng nữa", "… and \(count - Self.mostRows) more"))</p>"
    }

    // MARK: Words

    private func words(_ event: String) -> String {
        switch event {
        case "recording-ordered": say("lệnh ghi", "ordered")
        case "recording-started": say("bắt đầu ghi", "started")
        case "recording-paused": say("tạm dừng", "paused")
        case "recording-resumed": say("ghi tiếp", "resumed")
        case "recording-ended-by-order": say("lệnh thôi ghi", "ended by order")
        case "recording-stopped": say("thôi ghi", "stopped")
        case "recording-failed": say("ghi hỏng", "recording failed")
        case "dropped": say("mất kết nối", "dropped")
        case "not-reached": say("gọi không được", "not reached")
        case "refused": say("không được vào", "refused")
        case "pin-refused": say("sai mã PIN", "wrong PIN")
        case "removed": say("bị mời ra", "removed")
        case "note": say("ghi chú của hệ thống", "note of the system")
        default: event
        }
    }

    func clock(_ date: Date) -> String { String(IndochinaTime.text(date).dropFirst(11).prefix(8)) }
    func full(_ date: Date) -> String {
        let text = IndochinaTime.text(date)
        let clock = text.dropFirst(11).prefix(5)
        return say("\(clock) ngày \(day(text))", "\(clock) on \(day(text))")
    }
    /// `24/11/2026`
    func day(_ text: String) -> String { text.prefix(10).split(separator: "-").reversed().joined(separator: "/") }
    /// `1:02:03`, `2:03`
    func length(_ seconds: Int) -> String {
        let rest = String(seconds % 60 + 100).dropFirst()
        guard seconds >= 3600 else { return "\(seconds / 60):\(rest)" }
        return "\(seconds / 3600):\(String(seconds / 60 % 60 + 100).dropFirst()):\(rest)"
    }
    func kilometres(_ value: Double) -> String {
        say(
            "khoảng \(Int(value.rounded())) km (đường chim bay)", "about \(Int(value.rounded())) km (as the crow flies)"
        )
    }
    private func decimal(_ text: String) -> String {
        language == .vietnamese ? text.replacingOccurrences(of: ".", with: ",") : text
    }
}
