import Archive
import Foundation
import Hummingbird
import PortalAPI

/// What came of looking after sealed packages: `/fixity`.
struct FixityRoutes: Sendable {
    let archive: Archive
    let discretion: Discretion

    func add(to group: RouterGroup<PortalContext>) {
        group.get("fixity") { request, context in
            try context.require(.readFixity)
            let values = request.uri.queryParameters
            guard let limit = Int(values.get("limit") ?? "30"), (1...500).contains(limit) else {
                throw Refusal(.badRequest, "limit is not a number from 1 to 500.", hint: "Leave it out for 30.")
            }
            let before = values.get("before").map { Int64($0) }
            if let before, before == nil {
                throw Refusal(.badRequest, "before is no number.", hint: "Take `next` of the page before.")
            }
            let runs = try await archive.fixityRuns(limit: limit + 1, before: before ?? nil)
            return try Response.json(
                FixityReportPage(
                    reports: runs.prefix(limit).map(FixityReport.init),
                    next: runs.count > limit ? runs[limit - 1].id : nil))
        }
        group.get("fixity/:number") { _, context in
            let visitor = try context.require(.readFixity)
            guard let number = Int64(try context.pathParameter("number")),
                let (run, findings) = try await archive.fixityRun(number)
            else {
                throw Refusal(.notFound, "There is no such report.", hint: "The list has those that there are.")
            }
            var meetings: [String: MeetingRecord] = [:]
            for id in Set(findings.map(\.meetingID)) { meetings[id] = try await archive.find(id) }
            let visible = Set(try await discretion.visible(Array(meetings.values), to: visitor).map(\.id))
            let told = findings.filter { visible.contains($0.meetingID) }
            return try Response.json(
                FixityReportDetail(
                    report: FixityReport(run),
                    findings: told.map { .init($0, title: meetings[$0.meetingID]?.title ?? "") },
                    hidden: findings.count - told.count))
        }
    }
}

extension FixityReport {
    init(_ run: FixityRun) {
        self.init(
            number: run.id, startedAt: run.startedAt, endedAt: run.endedAt, rateLimit: run.octetsPerSecond,
            packages: run.packages, bytes: run.octets, seconds: Double(run.milliseconds) / 1000, damaged: run.damaged,
            restored: run.restored, unread: run.unread)
    }
}

extension FixityReportDetail.Finding {
    init(_ finding: FixityFinding, title: String) {
        self.init(
            recording: finding.meetingID, title: title, at: finding.at,
            damaged: finding.damaged.map { .init(path: $0.path, verdict: $0.verdict.rawValue, reason: $0.reason) },
            details: finding.details, restored: finding.restored, source: finding.source,
            hindrances: finding.hindrances,
            failure: finding.failure, isWhole: finding.isWhole)
    }
}
