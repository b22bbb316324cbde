import Documents
import Foundation
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// `/security-incident`: what is sent of an incident, made of the journal of a span.
struct IncidentRoutes: Sendable {
    static let longestSpan = 92.0 * 86_400
    static let mostLines = 2_000
    static let formats = ["html", "pdf", "odt", "csv", "json"]

    let office: OfficeStore
    let discretion: Discretion
    let renderer: DocumentRenderer
    let organization: String
    let version: @Sendable () async -> String

    func add(to group: RouterGroup<PortalContext>) {
        group.get("security-incident") { request, context in
            let visitor = try context.require(.readJournal)
            let query = request.uri.queryParameters
            guard let language = Language(rawValue: query.get("lang") ?? "vi"),
                let form = IncidentReport.Form(rawValue: query.get("form") ?? "notice")
            else { throw Refusal(.badRequest, "lang is vi or en, form is notice or report.", hint: "Leave them out.") }
            let format = query.get("format") ?? "html"
            guard Self.formats.contains(format) else {
                throw Refusal(
                    .badRequest, "format is \(Self.formats.joined(separator: ", ")).", hint: "Leave it out for html.")
            }
            let report = try await report(form, request, for: visitor)
            switch format {
            case "json": return try Response.json(report)
            case "csv": return DocumentAnswer.file(report.csv, "text/csv; charset=utf-8", "su-co.csv")
            default:
                return try await DocumentAnswer(document: report.document(language), name: "su-co", renderer: renderer)
                    .response(format: format)
            }
        }
    }

    private func report(
        _ form: IncidentReport.Form, _ request: Request, for visitor: Visitor
    ) async throws -> IncidentReport {
        let query = request.uri.queryParameters
        let now = Date()
        let noticed = try Self.moment("noticed", query.get("noticed")) ?? now
        let from = try Self.moment("from", query.get("from")) ?? noticed.addingTimeInterval(-86_400)
        let until = try Self.moment("until", query.get("until")) ?? now
        guard from < until, until.timeIntervalSince(from) <= Self.longestSpan else {
            throw Refusal(.badRequest, "The span is empty, or longer than 92 days.", hint: "Send from and until.")
        }
        let (lines, leftOut) = try await office.journal(from: from, until: until, limit: Self.mostLines)
        let figures = SecurityFigure.allCases.map { figure in
            IncidentReport.Figure(
                vietnamese: figure.title.vietnamese, english: figure.title.english,
                count: lines.count { figure.actions.contains($0.action) })
        }
        return IncidentReport(
            form: form, organization: organization, noticedAt: noticed, from: from, until: until,
            version: await version(), figures: figures.filter { $0.count > 0 },
            lines: try await JournalSight(discretion: discretion).shown(lines, to: visitor).map {
                .init(at: $0.at, by: $0.by, action: $0.action, subject: $0.subject)
            }, linesLeftOut: leftOut)
    }

    /// RFC 3339, of this century.
    private static func moment(_ name: String, _ text: String?) throws(Refusal) -> Date? {
        guard let text else { return nil }
        let formatter = ISO8601DateFormatter()
        guard let date = formatter.date(from: text), (946_684_800...4_102_444_800).contains(date.timeIntervalSince1970)
        else {
            throw Refusal(.badRequest, "\(name) is no moment.", hint: "Write it as 2026-11-27T08:30:00+07:00.")
        }
        return date
    }
}
