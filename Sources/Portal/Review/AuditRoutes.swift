import Archive
import Evidence
import Foundation
import Hummingbird
import NIOCore
import OfficeStore
import PortalAPI

/// The journal as what it proves: `/audit/report`, `/audit/export`.
struct AuditRoutes: Sendable {
    let desk: AuditDesk

    func add(to group: RouterGroup<PortalContext>) {
        group.get("audit/report") { _, context in
            try context.require(.readJournal)
            return try Response.json(try await desk.report())
        }
        group.get("audit/export") { _, context in
            let visitor = try context.require(.readJournal)
            let export = try await desk.beginExport(for: visitor)
            var response = Response(
                status: .ok, headers: [.contentType: "application/x-ndjson"],
                body: ResponseBody { writer in
                    try await export.write { try await writer.write(ByteBuffer(bytes: $0)) }
                    try await writer.finish(nil)
                })
            response.headers[.contentDisposition] = "attachment; filename=\"audit.jsonl\""
            return response
        }
    }
}

/// Looks through the audit log for all who ask at once, and gives it out.
actor AuditDesk {
    private let archive: Archive
    private let office: OfficeStore
    private let sight: JournalSight
    private var running: Task<AuditReport, any Error>?

    init(archive: Archive, office: OfficeStore, discretion: Discretion) {
        self.archive = archive
        self.office = office
        sight = JournalSight(discretion: discretion)
    }

    func report() async throws -> AuditReport {
        if let running { return try await running.value }
        let task = Task { [archive, office] in
            let kept = try? await archive.foreignAuditHeads(try await office.journalHeads())
            var report = try await office.inspectJournal(trusting: archive.trustedSigners, kept: kept ?? [])
            report.isCompared = kept != nil
            return report
        }
        running = task
        defer { running = nil }
        return try await task.value
    }

    /// Signs what there is, so that the end of what is given out can be proved, and writes down that it is given out.
    func beginExport(for visitor: Visitor) async throws -> AuditExport {
        try await office.note("export journal", of: "-", by: visitor.signature)
        // A chain that is broken is not signed, and is given out as it is.
        _ = try? await office.signJournal(by: archive.auditKey)
        return AuditExport(office: office, sight: sight, visitor: visitor, heads: try await office.journalHeads())
    }
}

/// The audit log line by line, up to what was signed when it began.
struct AuditExport: Sendable {
    let office: OfficeStore
    let sight: JournalSight
    let visitor: Visitor
    let heads: [SignedAuditHead]

    func write(_ write: (Data) async throws -> Void) async throws {
        let end = heads.last?.head?.number ?? .max
        var last: Int64 = .min
        while true {
            let (page, now) = try await office.chainedLines(after: last)
            let lines = page.filter { $0.entry.number <= end }
            let hidden = Set(try await sight.hidden(lines.map(\.line), from: visitor))
            var data = Data()
            for (index, line) in lines.enumerated() {
                let isShown = !hidden.contains(index)
                data +=
                    AuditLine(
                        line.entry, subject: isShown ? line.subject : nil, nonce: isShown ? line.nonce : nil
                    ).data
            }
            try await write(data)
            guard now == nil, lines.count == page.count, let next = page.last?.entry.number else { break }
            last = next
        }
        try await write(heads.reduce(into: Data()) { $0 += AuditLine($1).data })
    }
}
