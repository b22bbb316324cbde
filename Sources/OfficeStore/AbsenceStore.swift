import Foundation
import SQLDatabase
import Office
import Vietnamese

/// Reasons of absences that are noted when a meeting is over, by the record of the meeting: its package is sealed, and stays as it is.
extension OfficeStore {
    public func absences(of record: String) async throws(OfficeStoreError) -> [NotedAbsence] {
        try await read { db in
            try SQLRow.fetchAll(db, sql: "SELECT * FROM absences WHERE record = ? ORDER BY point", arguments: [record])
                .map { row in
                    NotedAbsence(
                        point: row["point"], reason: row["reason"], by: row["by"],
                        at: IndochinaTime.date(from: row["at"]) ?? .distantPast)
                }
        }
    }

    /// Notes why a point was absent, instead of what was noted before.
    /// - Parameter reason: empty takes back what was noted.
    public func noteAbsence(
        of point: String, from record: String, reason: String, by: String
    ) async throws(OfficeStoreError) {
        let reason = VietnameseText.stored(reason)
        guard reason.count <= NotedAbsence.longest else { throw .refused(AbsenceFault.tooLong) }
        try await write(telling: nil) { [self] db in
            guard !reason.isEmpty else {
                try db.execute(
                    sql: "DELETE FROM absences WHERE record = ? AND point = ?", arguments: [record, point])
                if db.changesCount > 0 {
                    try Self.note("take back absence", "\(record) \(point)", by: by, db, at: now())
                }
                return
            }
            try db.execute(
                sql: """
                    INSERT INTO absences (record, point, reason, "by", at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (record, point) DO UPDATE
                    SET reason = excluded.reason, "by" = excluded."by", at = excluded.at
                    """, arguments: [record, point, reason, by, IndochinaTime.text(now())])
            try Self.note("note absence", "\(record) \(point)", by: by, db, at: now())
        }
    }

    /// Forgets what was noted of a meeting whose record is destroyed.
    public func forgetAbsences(of record: String) async throws(OfficeStoreError) {
        try await write(telling: nil) { db in
            _ = try db.execute(sql: "DELETE FROM absences WHERE record = ?", arguments: [record])
        }
    }
}
