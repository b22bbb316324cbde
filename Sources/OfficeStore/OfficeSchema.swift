import GRDB

/// The store's tables, and how an older store becomes the present one.
enum OfficeSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
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
        return migrator
    }
}
