import Foundation
import SQLDatabase
import Office
import Vietnamese

/// PINs of the rooms that the Office manages. They are kept as they are: of so few digits a digest keeps nothing.
extension OfficeStore {
    /// By the rooms' ids.
    public func roomPINs() throws(OfficeStoreError) -> [String: String] {
        do {
            return try database.read { db in
                let rows = try SQLRow.fetchAll(db, sql: "SELECT room, pin FROM roomSecrets")
                return Dictionary(rows.map { ($0["room"], $0["pin"]) }, uniquingKeysWith: { first, _ in first })
            }
        } catch {
            throw OfficeStoreError(error, path: path)
        }
    }

    /// Gives a room a PIN in the place of its old one; nil takes it away.
    public func setPIN(_ pin: String?, of room: String, by: String) async throws(OfficeStoreError) {
        try await write { [self] db in
            guard register.room(room) != nil else { throw RegisterFault.unknown(.room, room) }
            if register.isFixed(.room, room) { throw RegisterFault.managedInFile(.room, room) }
            if let pin {
                try RoomPIN.check(pin)
                try db.execute(
                    sql: """
                        INSERT INTO roomSecrets (room, pin, changedAt) VALUES (?, ?, ?)
                        ON CONFLICT (room) DO UPDATE SET pin = excluded.pin, changedAt = excluded.changedAt
                        """, arguments: [room, pin, IndochinaTime.text(now())])
            } else {
                try db.execute(sql: "DELETE FROM roomSecrets WHERE room = ?", arguments: [room])
            }
            try Self.note(pin == nil ? "remove PIN of room" : "set PIN of room", room, by: by, db, at: now())
        }
    }
}
