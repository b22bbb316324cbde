public import Evidence
import Foundation
import SQLDatabase
import Office
import Vietnamese

/// The journal is kept for its term and then cut. What is cut leaves a signed head, a line of its own with how much it was and the hash
/// of its last line, and stays counted.
extension OfficeStore {
    static let cutter = "causewayd"

    /// Takes away the lines that are older, and signs that they were cut, so that what is left still proves itself. Lines go from the
    /// beginning on: one that a clock which was set back made older than those before it stays as long as they do.
    /// - Returns: how many.
    @discardableResult
    public func cutJournal(keepingMonths months: Int, by key: SealKey) async throws(OfficeStoreError) -> Int {
        let moment = now()
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = IndochinaTime.zone
        guard months > 0, let date = calendar.date(byAdding: .month, value: -months, to: moment) else { return 0 }
        let limit = IndochinaTime.text(date)
        return try await write(telling: nil) { db in
            let kept = try Int64.fetchOne(db, sql: "SELECT min(number) FROM journal WHERE at >= ?", arguments: [limit])
            let last = kept.map { $0 - 1 } ?? .max
            let cut = try JournalChain.heads(db).compactMap(\.head).last { $0.kind == .cut }
            var (count, first) = (0, "")
            var years: [Int: [String: Int]] = [:]
            // What does not hold together is not cut: it would be cut off from what shows that.
            let newest = try JournalChain.follow(db, after: cut, to: last) { row, entry in
                if count == 0 { first = entry.at }
                count += 1
                let year = SecurityYear(of: IndochinaTime.date(from: entry.at) ?? date).number
                years[year, default: [:]][entry.action, default: 0] += Self.weight(entry.action, row["subject"])
            }
            guard let newest else { return 0 }
            for (year, actions) in years {
                for (action, number) in actions {
                    try db.execute(
                        sql: """
                            INSERT INTO journalFigures (year, action, count) VALUES (?, ?, ?)
                            ON CONFLICT (year, action) DO UPDATE SET count = journalFigures.count + excluded.count
                            """, arguments: [year, action, number])
                }
            }
            _ = try JournalChain.sign(.cut, newest, db, by: key, at: moment)
            try db.execute(sql: "DELETE FROM journal WHERE number <= ?", arguments: [newest.number])
            try Self.note(
                "cut journal",
                "\(count) lines, \(first.prefix(10)) to before \(limit.prefix(10)), SHA-256 \(newest.hash)",
                by: Self.cutter, db, at: moment)
            return count
        }
    }

    /// How often each action was done in a year, also by what was cut.
    public func journalCounts(in year: SecurityYear) async throws(OfficeStoreError) -> [String: Int] {
        try await read { db in
            var counts: [String: Int] = [:]
            let cut = try SQLRow.fetchAll(
                db, sql: "SELECT action, count FROM journalFigures WHERE year = ?", arguments: [year.number])
            for row in cut { counts[row["action"], default: 0] += row["count"] as Int }
            let span: SQLArguments = [IndochinaTime.text(year.begins), IndochinaTime.text(year.ends)]
            let kept = try SQLRow.fetchAll(
                db,
                sql: """
                    SELECT action, count(*) AS count FROM journal WHERE at >= ? AND at < ? AND action <> 'refuse'
                    GROUP BY action
                    """, arguments: span)
            for row in kept { counts[row["action"], default: 0] += row["count"] as Int }
            // A line of many refusals is one of few: what is the same is read once.
            let refusals = try SQLRow.fetchAll(
                db,
                sql: """
                    SELECT subject, count(*) AS count FROM journal WHERE at >= ? AND at < ? AND action = 'refuse'
                    GROUP BY subject
                    """, arguments: span)
            for row in refusals {
                counts["refuse", default: 0] += Self.weight("refuse", row["subject"]) * (row["count"] as Int)
            }
            return counts
        }
    }

    /// A line of refusals may stand for more: `(+58)`.
    static func weight(_ action: String, _ subject: String) -> Int {
        guard action == "refuse" else { return 1 }
        return subject.matches(of: /\(\+(\d{1,9})\)/).reduce(1) { $0 + (Int($1.1) ?? 0) }
    }
}
