import CipherFiles
import Foundation
import SQLDatabase

/// The keys of meetings, wrapped, as the catalogue has them.
enum MeetingKeys {
    static func addTable(_ db: SQLConnection) throws {
        try db.create(table: "meetingKeys", options: [.strict, .withoutRowID]) { table in
            table.primaryKey("meetingID", .text).references("meetings", onDelete: .restrict)
            // Which key of keys wrapped it.
            table.column("kek", .text).notNull()
            table.column("wrapped", .blob).notNull()
            // When the last clear file was gone from the package.
            table.column("clearedAt", .text)
        }
    }

    /// Removed keys that copies of the catalogue in the second location may still have.
    static func addRemovals(_ db: SQLConnection) throws {
        try db.create(table: "removedKeys", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("meetingID", .text).notNull()
        }
    }

    /// The last of them; nil where no copy has one.
    static func lastRemoval(_ db: SQLConnection) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT max(id) FROM removedKeys")
    }

    /// No copy has those any more.
    static func forgetRemovals(upTo last: Int64, _ db: SQLConnection) throws {
        try db.execute(sql: "DELETE FROM removedKeys WHERE id <= ?", arguments: [last])
    }

    static func put(_ key: ContentKey, of id: String, by kek: KeyEncryptionKey, _ db: SQLConnection) throws {
        try db.execute(
            sql: """
                INSERT INTO meetingKeys (meetingID, kek, wrapped) VALUES (?, ?, ?)
                ON CONFLICT (meetingID) DO UPDATE SET kek = excluded.kek, wrapped = excluded.wrapped, clearedAt = NULL
                """,
            arguments: [id, kek.id, try kek.wrap(key, of: id)])
    }

    static func take(_ id: String, _ settings: EncryptionSettings, _ db: SQLConnection) throws -> ContentKey {
        guard
            let row = try SQLRow.fetchOne(
                db, sql: "SELECT kek, wrapped FROM meetingKeys WHERE meetingID = ?", arguments: [id])
        else { throw ArchiveError.encrypted(meeting: id, .keyGone) }
        let name: String = row["kek"]
        guard let kek = settings.key(named: name) else {
            throw ArchiveError.encrypted(meeting: id, settings.key == nil ? .noKey(name) : .otherKey(name))
        }
        do { return try kek.unwrap(row["wrapped"], of: id) } catch {
            throw ArchiveError.encrypted(meeting: id, .keyDamaged)
        }
    }

    /// Removes a key so that neither the catalogue nor its log has its octets any more.
    static func remove(_ id: String, _ catalogue: SQLDatabase) async throws {
        let isGone = try await catalogue.write { db in
            try db.execute(sql: "DELETE FROM meetingKeys WHERE meetingID = ?", arguments: [id])
            guard db.changesCount > 0 else { return false }
            try db.execute(sql: "INSERT INTO removedKeys (meetingID) VALUES (?)", arguments: [id])
            return true
        }
        // SQLite's log still has the page as it was; where somebody reads meanwhile the next checkpoint takes it. PostgreSQL's table is
        // written anew, and the file that was it goes; what its own log has goes in its time.
        guard isGone else { return }
        if catalogue.dialect == .postgres {
            try await catalogue.write { db in try db.execute(sql: "CLUSTER meetingKeys USING meetingKeys_pkey") }
        } else {
            try? catalogue.checkpoint(isTruncating: true)
        }
    }

    /// Wraps anew what the former key of keys wrapped, all or nothing, and tells how the keys stand.
    static func bringUp(_ settings: EncryptionSettings, _ db: SQLConnection) throws -> EncryptionStanding {
        var standing = EncryptionStanding(rule: settings.rule, key: settings.key?.id)
        if let key = settings.key, let former = settings.former, key.id != former.id {
            let rows = try SQLRow.fetchAll(
                db, sql: "SELECT meetingID, wrapped FROM meetingKeys WHERE kek = ?", arguments: [former.id])
            for row in rows {
                let id: String = row["meetingID"]
                // One that is damaged stays as it is.
                guard let content = try? former.unwrap(row["wrapped"], of: id) else { continue }
                try db.execute(
                    sql: "UPDATE meetingKeys SET kek = ?, wrapped = ? WHERE meetingID = ?",
                    arguments: [key.id, try key.wrap(content, of: id), id])
                standing.rewrapped += 1
            }
        }
        let counts = try SQLRow.fetchAll(db, sql: "SELECT kek, COUNT(*) AS count FROM meetingKeys GROUP BY kek")
        for row in counts {
            let (name, count): (String, Int) = (row["kek"], row["count"])
            if settings.key(named: name) != nil {
                standing.readable += count
            } else {
                standing.unreadable[name] = count
            }
        }
        return standing
    }
}
