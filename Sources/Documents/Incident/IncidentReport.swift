public import Foundation
import Vietnamese

/// What is sent of a security incident: the first notice within 24 hours, and the report within 72, with what the journal has of the
/// span; what only people know is left to be written in.
public struct IncidentReport: Codable, Hashable, Sendable {
    public enum Form: String, Codable, Hashable, Sendable, CaseIterable {
        case notice, report

        /// After it was noticed.
        public var hours: Int { self == .notice ? 24 : 72 }
    }

    /// A line of the journal.
    public struct Line: Codable, Hashable, Sendable {
        public var at: Date
        public var by: String
        public var action: String
        public var subject: String
        public init(at: Date, by: String, action: String, subject: String) {
            self.at = at
            self.by = by
            self.action = action
            self.subject = subject
        }
    }

    public struct Figure: Codable, Hashable, Sendable {
        public var vietnamese: String
        public var english: String
        public var count: Int
        public init(vietnamese: String, english: String, count: Int) {
            self.vietnamese = vietnamese
            self.english = english
            self.count = count
        }
    }

    public var form: Form
    /// Of whose site it is.
    public var organization: String
    public var noticedAt: Date
    public var dueAt: Date
    public var from: Date
    public var until: Date
    public var version: String
    /// Of the span, those that are not 0.
    public var figures: [Figure]
    /// The oldest first.
    public var lines: [Line]
    /// So many more are in the journal.
    public var linesLeftOut: Int

    public init(
        form: Form, organization: String, noticedAt: Date, from: Date, until: Date, version: String, figures: [Figure],
        lines: [Line], linesLeftOut: Int
    ) {
        self.form = form
        self.organization = organization
        self.noticedAt = noticedAt
        dueAt = noticedAt.addingTimeInterval(TimeInterval(form.hours * 3_600))
        self.from = from
        self.until = until
        self.version = version
        self.figures = figures
        self.lines = lines
        self.linesLeftOut = linesLeftOut
    }

    public var csv: Data {
        var table = CSVTable(["at", "by", "action", "subject"])
        for line in lines { table.add([IndochinaTime.text(line.at), line.by, line.action, line.subject]) }
        return table.data
    }

    public func document(_ language: Language) -> PrintedDocument {
        func say(_ vietnamese: String, _ english: String) -> String { language.say(vietnamese, english) }
        let title =
            form == .notice
            ? say("THÔNG BÁO SỰ CỐ AN TOÀN THÔNG TIN", "NOTICE OF A SECURITY INCIDENT")
            : say("BÁO CÁO SỰ CỐ AN TOÀN THÔNG TIN", "REPORT OF A SECURITY INCIDENT")
        let term = say("trong \(form.hours) giờ kể từ khi phát hiện", "within \(form.hours) hours of its being noticed")
        func blank(_ vietnamese: String, _ english: String) -> Markup {
            "<h2>\(say(vietnamese, english))</h2><p class=\"blank\">\(Self.dots)</p><p class=\"blank\">\(Self.dots)</p>"
        }
        let counts = figures.map {
            [Markup(text: language == .vietnamese ? $0.vietnamese : $0.english), Markup(text: String($0.count))]
        }
        let rows = lines.map { [IndochinaTime.text($0.at), $0.by, $0.action, $0.subject].map { Markup(text: $0) } }
        let more =
            linesLeftOut == 0
            ? nil
            : "<p>\(say("Còn \(linesLeftOut) dòng trong nhật ký.", "\(linesLeftOut) more lines are in the journal."))</p>"
                as Markup
        let parts: [Markup] =
            form == .notice
            ? [
                blank("Hiện tượng, phạm vi ban đầu", "What was seen, and how far it goes as far as is known"),
                blank("Biện pháp đã làm ngay", "What was done at once"),
            ]
            : [
                blank("Diễn biến, nguyên nhân", "What happened, and why"),
                blank("Cuộc họp, bản ghi, người bị ảnh hưởng", "Meetings, recordings and people it concerns"),
                blank("Biện pháp khắc phục, phòng ngừa", "What was mended, and what keeps it from coming again"),
            ]
        let body: Markup = """
            <p><strong>\(organization.isEmpty ? Self.dots : organization)</strong></p>
            <h1>\(title)</h1>
            <p class="lead">\(say("Gửi", "To be sent")) \(term): \(say("trước", "before")) \(IndochinaTime.text(dueAt)).</p>
            <p>\(say("Phát hiện lúc", "Noticed at")): \(IndochinaTime.text(noticedAt)).</p>
            <p>\(say("Khoảng thời gian", "Span")): \(IndochinaTime.text(from)) – \(IndochinaTime.text(until)).</p>
            <p>\(say("Hệ thống", "System")): Causeway \(version).</p>
            <p>\(say("Người báo cáo, điện thoại", "Who reports, telephone")): \(Self.dots)</p>
            \(parts)
            <h2>\(say("Số liệu trong khoảng thời gian", "Figures of the span"))</h2>
            \(counts.isEmpty ? "<p>–</p>" : .table([say("Chỉ tiêu", "Figure"), say("Số lượng", "Count")], counts))
            <h2>\(say("Nhật ký", "Journal"))</h2>
            \(rows.isEmpty
                ? "<p>–</p>"
                : .table([say("Lúc", "At"), say("Ai", "Who"), say("Việc", "What"), say("Đối tượng", "Of what")], rows))
            \(more)
            """
        return PrintedDocument(title: title, language: language, body: body, footer: IndochinaTime.text(noticedAt))
    }

    private static let dots = "………………………………"
}
