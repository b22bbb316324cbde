import Evidence
import SQLDatabase

/// The store's tables, and how an older store becomes the present one.
enum OfficeSchema {
    static var migrator: SQLMigrator {
        var migrator = unchained
        migrator.registerMigration("9-chained-journal", migrate: chainJournal)
        migrator.registerMigration("10-shared-state", migrate: shareState)
        return migrator
    }

    /// Of versions before the journal was a chain.
    static var unchained: SQLMigrator {
        var migrator = SQLMigrator()
        migrator.registerMigration("1-register") { db in
            // A version of an entry holds from `validFrom` until `validTo`; the one that has no end is in force.
            try db.create(table: "register", options: [.strict]) { table in
                table.column("kind", .text).notNull()
                table.column("id", .text).notNull()
                table.column("validFrom", .text).notNull()
                table.column("validTo", .text)
                table.column("isFixed", .integer).notNull()
                table.column("content", .text).notNull()
                table.column("changedBy", .text).notNull()
            }
            try db.create(index: "registerByID", on: "register", columns: ["kind", "id", "validFrom"])
            try db.execute(
                sql: "CREATE UNIQUE INDEX registerInForce ON register (kind, id) WHERE validTo IS NULL")
            try db.create(table: "pointSecrets", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("point", .text)
                table.column("sha256", .text).notNull()
                table.column("md5", .text).notNull()
                table.column("changedAt", .text).notNull()
            }
            try db.create(table: "personSecrets", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("person", .text)
                table.column("password", .text)
                table.column("failures", .integer).notNull()
                table.column("lockedUntil", .text)
                table.column("signedInAt", .text)
                table.column("changedAt", .text).notNull()
            }
            try db.create(table: "links", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("sha256", .text)
                table.column("person", .text).notNull()
                table.column("expiresAt", .text).notNull()
            }
            // Who did what: only ever appended to.
            try db.create(table: "journal", options: [.strict]) { table in
                table.autoIncrementedPrimaryKey("number")
                table.column("at", .text).notNull()
                table.column("by", .text).notNull()
                table.column("action", .text).notNull()
                table.column("subject", .text).notNull()
            }
        }
        migrator.registerMigration("2-schedule") { db in
            try db.create(table: "meetings", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("id", .text)
                table.column("content", .text).notNull()
                table.column("changedAt", .text).notNull()
                // Of its last sitting, so that the past needs not be read for what is to come.
                table.column("endsAt", .text).notNull().indexed()
            }
            try db.create(table: "rehearsals", options: [.strict, .withoutRowID]) { table in
                table.column("sitting", .text).notNull()
                table.column("point", .text).notNull()
                table.column("content", .text).notNull()
                table.primaryKey(["sitting", "point"])
            }
            try db.create(table: "papers", options: [.strict]) { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("meeting", .text).notNull().indexed().references("meetings")
                table.column("name", .text).notNull()
                table.column("size", .integer).notNull()
                table.column("sha256", .text).notNull()
                table.column("by", .text).notNull()
                table.column("at", .text).notNull()
            }
        }
        migrator.registerMigration("3-room-secrets") { db in
            try db.create(table: "roomSecrets", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("room", .text)
                table.column("pin", .text).notNull()
                table.column("changedAt", .text).notNull()
            }
        }
        migrator.registerMigration("4-second-factors") { db in
            try db.create(table: "secondFactors", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("person", .text)
                table.column("secret", .blob).notNull()
                // The step of the last password that was used: none is used twice.
                table.column("lastStep", .integer).notNull()
                table.column("confirmedAt", .text).notNull()
            }
            try db.create(table: "recoveryCodes", options: [.strict, .withoutRowID]) { table in
                table.column("person", .text).notNull()
                table.column("sha256", .text).notNull()
                table.primaryKey(["person", "sha256"])
            }
        }
        migrator.registerMigration("5-tokens") { db in
            try db.create(table: "tokens", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("id", .text)
                table.column("sha256", .text).notNull().unique()
                table.column("content", .text).notNull()
            }
        }
        migrator.registerMigration("6-absences") { db in
            // Noted when the meeting was over; `record` is the archive's id of it.
            try db.create(table: "absences", options: [.strict, .withoutRowID]) { table in
                table.column("record", .text).notNull()
                table.column("point", .text).notNull()
                table.column("reason", .text).notNull()
                table.column("by", .text).notNull()
                table.column("at", .text).notNull()
                table.primaryKey(["record", "point"])
            }
        }
        migrator.registerMigration("6-code-in-papers") { db in
            try db.alter(table: "papers") { table in
                table.add(column: "hasCode", .integer).notNull().defaults(to: 0)
            }
        }
        migrator.registerMigration("8-access-reviews") { db in
            // Only ever appended to.
            try db.create(table: "accessReviews", options: [.strict]) { table in
                table.autoIncrementedPrimaryKey("number")
                table.column("at", .text).notNull()
                table.column("by", .text).notNull()
                table.column("remark", .text).notNull()
                table.column("content", .text).notNull()
            }
            // How often each action was done by the lines that were cut from the journal, by the year of security.
            try db.create(table: "journalFigures", options: [.strict, .withoutRowID]) { table in
                table.column("year", .integer).notNull()
                table.column("action", .text).notNull()
                table.column("count", .integer).notNull()
                table.primaryKey(["year", "action"])
            }
        }
        return migrator
    }

    /// Lines that were written before the journal was a chain become one as they are.
    private static func chainJournal(_ db: SQLConnection) throws {
        try db.alter(table: "journal") { table in
            table.add(column: "nonce", .text).notNull().defaults(to: "")
            table.add(column: "previous", .text).notNull().defaults(to: "")
        }
        // Signed ends of the journal: `document` is what is signed.
        try db.create(table: "journalHeads", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("ordinal")
            table.column("document", .text).notNull()
            table.column("signature", .blob).notNull()
        }
        var previous = Ledger.genesis
        for number in try Int64.fetchAll(db, sql: "SELECT number FROM journal ORDER BY number") {
            try db.execute(
                sql: "UPDATE journal SET nonce = ?, previous = ? WHERE number = ?",
                arguments: [AuditEntry.nonce(), previous, number])
            if let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM journal WHERE number = ?", arguments: [number]) {
                previous = JournalChain.entry(row).hash
            }
        }
    }

    private static func shareState(_ db: SQLConnection) throws {
        // What bridges that share the store say to each other: always one row.
        try db.create(table: "officeState", options: [.strict]) { table in
            table.column("journalNumber", .integer).notNull()
            table.column("journalHash", .text).notNull()
            table.column("registerChanges", .integer).notNull()
            table.column("officeChanges", .integer).notNull()
            table.column("paperChanges", .integer).notNull()
        }
        let last = try SQLRow.fetchOne(db, sql: "SELECT * FROM journal ORDER BY number DESC LIMIT 1")
            .map(JournalChain.entry)
        let tip = last.map { JournalTip(number: $0.number, hash: $0.hash) } ?? .none
        try db.execute(
            sql: """
                INSERT INTO officeState (journalNumber, journalHash, registerChanges, officeChanges, paperChanges)
                VALUES (?, ?, 0, 0, 0)
                """, arguments: [tip.number, tip.hash])
    }
}
