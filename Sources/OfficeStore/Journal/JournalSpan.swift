public import Foundation
import SQLDatabase
import Vietnamese

extension OfficeStore {
    /// The lines of a span, the oldest first, and how many more there are of it.
    public func journal(
        from begin: Date, until end: Date, limit: Int
    ) async throws(OfficeStoreError) -> (lines: [JournalLine], leftOut: Int) {
        try await read { db in
            let span: SQLArguments = [IndochinaTime.text(begin), IndochinaTime.text(end)]
            let lines = try SQLRow.fetchAll(
                db, sql: "SELECT * FROM journal WHERE at >= ? AND at < ? ORDER BY number LIMIT ?",
                arguments: span + [limit]
            ).map(JournalLine.init)
            let all = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM journal WHERE at >= ? AND at < ?", arguments: span)
            return (lines, max(0, (all ?? 0) - lines.count))
        }
    }
}
