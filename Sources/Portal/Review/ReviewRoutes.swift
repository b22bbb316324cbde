import Archive
import Foundation
import Hummingbird
import Office
import OfficeStore
import PortalAPI

/// The half-yearly review of access and the yearly figures of security: `/access-review`, `/access-reviews`, `/security-figures`.
struct ReviewRoutes: Sendable {
    let office: OfficeStore
    let ledger: RightsLedger
    let discretion: Discretion
    let journalMonths: Int

    func add(to group: RouterGroup<PortalContext>) {
        group.get("access-review") { _, context in
            let visitor = try context.require(.readReviews)
            let now = Date()
            let lines = try await ledger.lines(at: now)
            let last = try await office.accessReviews(limit: 1).first
            let due = last.map { $0.at.addingTimeInterval(OfficeStore.reviewInterval) }
            let rights = ReviewedRight.compare(lines, with: last?.lines ?? [])
            let hidden = try await hidden(rights.map(\.line), from: visitor)
            return try Response.json(
                AccessReviewSheet(
                    digest: try OfficeStore.digest(of: lines), last: last.map(AccessReviewSummary.init), dueAt: due,
                    isDue: due.map { $0 <= now } ?? true,
                    rights: rights.map {
                        ReviewedRight(line: Self.shown($0.line, hidden), change: last == nil ? .same : $0.change)
                    }))
        }
        group.get("access-reviews") { _, context in
            try context.require(.readReviews)
            return try Response.json(try await office.accessReviews().map(AccessReviewSummary.init))
        }
        group.get("access-reviews/:number") { _, context in
            let visitor = try context.require(.readReviews)
            let review = try await office.accessReview(try AccessRoutes.number(context))
            let hidden = try await hidden(review.lines, from: visitor)
            return try Response.json(
                AccessReviewRecord(
                    summary: AccessReviewSummary(review), rights: review.lines.map { Self.shown($0, hidden) }))
        }
        group.post("access-reviews") { request, context in
            let visitor = try context.require(.reviewAccess)
            guard !visitor.isLocal else { throw Refusal(ReviewFault.anonymous) }
            let order = try await request.json(AccessReviewOrder.self)
            let lines = try await ledger.lines()
            guard try OfficeStore.digest(of: lines) == order.digest else { throw Refusal(ReviewFault.changed) }
            let review = try await office.noteReview(of: lines, remark: order.remark ?? "", by: visitor.signature)
            return try Response.json(AccessReviewSummary(review), status: .created)
        }
        group.get("security-figures") { request, context in
            try context.require(.readReviews)
            return try await figures(request)
        }
    }

    private func figures(_ request: Request) async throws -> Response {
        let now = Date()
        var year = SecurityYear(of: now)
        if let text = request.uri.queryParameters.get("year") {
            guard let named = Int(text).flatMap({ SecurityYear($0) }) else {
                throw Refusal(.badRequest, "year is no year.", hint: "Write it as 2026; it ends on 14 December.")
            }
            year = named
        }
        let counts = try await office.journalCounts(in: year)
        let figures = SecurityFigures(
            year: year.number, from: year.begins, until: year.ends, isRunning: now < year.ends,
            figures: SecurityFigure.allCases.map { figure in
                .init(figure, figure.actions.reduce(0) { $0 + (counts[$1] ?? 0) })
            }, journalMonths: journalMonths)
        guard request.uri.queryParameters.get("format") == "csv" else { return try Response.json(figures) }
        let lines = figures.figures.map { "\"\($0.vietnamese)\",\"\($0.english)\",\($0.count)\r\n" }
        return DocumentAnswer.file(
            Data(("\u{FEFF}\"Chỉ tiêu\",\"Figure\",\"\(year.number)\"\r\n" + lines.joined()).utf8),
            "text/csv; charset=utf-8",
            "so-lieu-an-toan-\(year.number).csv")
    }

    /// Recordings of which the visitor may not know.
    private func hidden(_ lines: [RightLine], from visitor: Visitor) async throws -> Set<String> {
        try await discretion.hiddenRecordings(Set(lines.compactMap(\.recording)), from: visitor)
    }

    private static func shown(_ line: RightLine, _ hidden: Set<String>) -> RightLine {
        var line = line
        if let recording = line.recording, hidden.contains(recording) { line.recording = "—" }
        return line
    }
}

extension AccessReviewSummary {
    init(_ review: AccessReview) {
        self.init(
            number: review.number, at: review.at, by: review.by, remark: review.remark, count: review.lines.count)
    }
}
