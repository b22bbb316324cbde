import Documents
import Foundation
import Hummingbird
import PortalAPI
import Vietnamese

/// Reports of meetings: `/recordings/ID/report` (JSON), `report.html`, `.pdf`, `.odt`, `.csv`, `.json`, the skeleton of the
/// minutes as `minutes.html`, `.pdf`, `.odt`, the list of meetings that have them, `/reports`, and `/statistics`. `lang` is `vi` or `en`.
struct ReportRoutes: Sendable {
    let desk: ReportDesk
    let discretion: Discretion
    let journal: ViewingJournal

    func add(to group: RouterGroup<PortalContext>) {
        for format in ["", ".json", ".csv", ".html", ".pdf", ".odt"] {
            group.get("recordings/:id/report\(format)") { request, context in
                try await report(request, context, format: format)
            }
        }
        for format in ["html", "pdf", "odt"] {
            group.get("recordings/:id/minutes.\(format)") { request, context in
                let document = try await document(request, context)
                return try await answer(document.minutes, "minutes", document, format)
            }
        }
        group.get("reports") { request, context in
            let visitor = try context.require(.listReports)
            let page = try await desk.archive.list(try RecordingRoutes.query(request))
            let visible = try await discretion.visible(page.meetings, to: visitor).map(\.meeting)
            return try Response.json(
                ReportPage(
                    reports: visible.map {
                        .init(
                            id: $0.id, room: $0.room, title: $0.title, openedAt: $0.openedAt, closedAt: $0.closedAt)
                    }, next: page.next))
        }
        group.get("statistics") { request, context in
            let visitor = try context.require(.readStatistics)
            let query = request.uri.queryParameters
            let statistics = try await desk.statistics(
                from: try RecordingRoutes.time(query.get("from"), named: "from"),
                to: try RecordingRoutes.time(query.get("to"), named: "to")
            ) { try await discretion.visible($0, to: visitor) }
            guard query.get("format") == "csv" else { return try Response.json(statistics) }
            return DocumentAnswer.file(statistics.csv, Self.csv, "statistics.csv")
        }
    }

    private static let csv = "text/csv; charset=utf-8"

    private func document(_ request: Request, _ context: PortalContext) async throws -> ReportDocument {
        let visitor = try context.require(.readReport)
        guard let language = Language(rawValue: request.uri.queryParameters.get("lang") ?? "vi") else {
            throw Refusal(.badRequest, "lang is vi or en.", hint: "Leave it out for vi.")
        }
        let meeting = try await discretion.record(try context.pathParameter("id"), for: visitor)
        try await journal.note(.report, of: meeting.id, by: visitor, isOnce: true)
        return ReportDocument(try await desk.report(of: meeting.id), language)
    }

    private func report(_ request: Request, _ context: PortalContext, format: String) async throws -> Response {
        let document = try await document(request, context)
        let name = "report-\(document.report.meeting.id)"
        switch format {
        case "", ".json":
            return Response(
                status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(bytes: try document.report.json())))
        case ".csv": return DocumentAnswer.file(document.report.csv, Self.csv, "\(name).csv")
        default: return try await answer(document.document, "report", document, String(format.dropFirst()))
        }
    }

    private func answer(
        _ page: PrintedDocument, _ kind: String, _ document: ReportDocument, _ format: String
    ) async throws -> Response {
        try await DocumentAnswer(
            document: page, name: "\(kind)-\(document.report.meeting.id)", renderer: desk.renderer
        ).response(format: format)
    }
}
