import Foundation
import Vietnamese

extension ReportDocument {
    /// The skeleton of the minutes, with what is known filled in and dotted lines for the rest; laid out as Decree
    /// 30/2020/NĐ-CP has minutes (annex III, form 1.10).
    public var minutes: PrintedDocument {
        let meeting = report.meeting
        let title = say("BIÊN BẢN HỌP", "MINUTES OF THE MEETING")
        let body: Markup = """
            <p style="text-align:center"><strong>\(say("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM"))</strong><br>
            <strong>\(say("Độc lập - Tự do - Hạnh phúc", "Independence – Freedom – Happiness"))</strong></p>
            <h1 style="text-align:center">\(title)</h1>
            <p style="text-align:center"><strong>\(meeting.title)</strong></p>
            <p>\(say("Thời gian bắt đầu", "Began")): \(full(meeting.beganAt ?? meeting.openedAt)).</p>
            <p>\(say("Địa điểm", "Place")): \(say("họp trực tuyến, phòng", "video meeting, room")) \(meeting.room).</p>
            <p>\(say("Căn cứ", "Convened by")): \(meeting.document ?? Self.dots)\(meeting.convener.map { " – \($0)" } ?? "").</p>
            \(section("1. Thành phần", "1. Attendance", """
                <p>\(say("Chủ trì", "Chair")): \(meeting.chair ?? Self.dots)</p>
                <p>\(say("Thư ký", "Secretary")): \(Self.dots)</p>
                \(attendance)
                """))
            \(section("2. Nội dung, diễn biến", "2. Proceedings", proceedings))
            \(report.votes.isEmpty ? "" : section("3. Biểu quyết", "3. Votes", votes))
            \(section(report.votes.isEmpty ? "3. Kết luận" : "4. Kết luận", report.votes.isEmpty ? "3. Conclusions" : "4. Conclusions", conclusions))
            <p>\(say("Cuộc họp kết thúc vào", "The meeting ended at")) \(meeting.closedAt.map(full) ?? Self.dots).</p>
            <table><tbody><tr>
            <td style="border:none;text-align:center"><strong>\(say("THƯ KÝ", "SECRETARY"))</strong><br><br><br>\(Self.dots)</td>
            <td style="border:none;text-align:center"><strong>\(say("CHỦ TỌA", "CHAIR"))</strong><br><br><br>\(meeting.chair ?? Self.dots)</td>
            </tr></tbody></table>
            """
        return PrintedDocument(
            title: "\(title): \(meeting.title)", language: language, body: body, footer: meeting.id)
    }

    private static let dots = "………………………………"

    /// One paragraph for each speech, its substance to be written.
    private var proceedings: Markup {
        let spoken = shownSpeeches.prefix(Self.mostRows).map { speech -> Markup in
            let unit = speech.unit.flatMap { $0 == speech.name ? nil : " (\($0))" } ?? ""
            return """
                <li>\(clock(speech.startedAt)), <strong>\(speech.name)</strong>\(unit), \(length(speech.seconds)): \
                \(Self.dots)</li>
                """
        }
        return spoken.isEmpty ? "<p>\(Self.dots)</p>" : "<ol>\(Array(spoken))</ol>"
    }

    private var conclusions: Markup {
        let due = report.conclusion.map { conclusion in
            "<p>\(say("Hạn ban hành thông báo kết luận", "The notice of conclusions is due")): \(self.due(conclusion)).</p>"
                as Markup
        }
        return "<p>\(Self.dots)</p>\n<p>\(Self.dots)</p>\n\(due)"
    }
}
