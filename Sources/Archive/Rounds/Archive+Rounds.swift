public import Foundation
import SQLDatabase
import Vietnamese

/// What is to be done again and again, by the daemon's clock or when a timer asks.
public enum ArchiveRound: String, Sendable, CaseIterable {
    case fixity, retention
}

extension Archive {
    /// Notes that a round was asked for, or begun for nobody asked. A disk that is full keeps none from being made.
    public func noteRound(_ round: ArchiveRound) async throws(ArchiveError) {
        let moment = IndochinaTime.text(now().roundedToMillisecond)
        do throws(ArchiveError) {
            try await write { db in
                try db.execute(
                    sql: """
                        INSERT INTO rounds (name, askedAt) VALUES (?, ?)
                        ON CONFLICT (name) DO UPDATE SET askedAt = excluded.askedAt
                        """, arguments: [round.rawValue, moment])
            }
        } catch .readOnly, .diskFull {}
    }

    /// When it was last; nil where it never was.
    public func lastRound(_ round: ArchiveRound) async throws(ArchiveError) -> Date? {
        try await read { db in
            try String.fetchOne(db, sql: "SELECT askedAt FROM rounds WHERE name = ?", arguments: [round.rawValue])
        }.flatMap { IndochinaTime.date(from: $0) }
    }

    /// Ends the rounds that go on, for the daemon stops: the next one goes on with them.
    public func stopRounds() {
        fixityRound.cancel()
        carryingOut.cancel()
    }

    static func addRounds(_ db: SQLConnection) throws {
        try db.create(table: "rounds", options: [.strict, .withoutRowID]) { table in
            table.primaryKey("name", .text)
            table.column("askedAt", .text).notNull()
        }
    }
}
