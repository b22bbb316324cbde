import SQLDatabase

extension Archive {
    /// How each point can be reached, in the words of whoever wrote it.
    public func registrations() async throws(ArchiveError) -> [String: String] {
        try await read { db in
            let rows = try SQLRow.fetchAll(db, sql: "SELECT point, contacts FROM registrations")
            return Dictionary(rows.map { ($0["point"], $0["contacts"]) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Replaces what is kept of these points, in one transaction; nil removes one.
    public func writeRegistrations(_ contacts: [String: String?]) async throws(ArchiveError) {
        try await write { db in
            for (point, contacts) in contacts {
                if let contacts {
                    try db.execute(
                        sql: """
                            INSERT INTO registrations (point, contacts) VALUES (?, ?)
                            ON CONFLICT (point) DO UPDATE SET contacts = excluded.contacts
                            """, arguments: [point, contacts], isKept: true)
                } else {
                    try db.execute(
                        sql: "DELETE FROM registrations WHERE point = ?", arguments: [point], isKept: true)
                }
            }
        }
    }
}
