import SQLDatabase

/// The catalogue's tables, and how an older catalogue becomes the present one.
enum CatalogueSchema {
    static var migrator: SQLMigrator {
        var migrator = SQLMigrator()
        migrator.registerMigration("1-meetings") { db in
            try db.create(table: "meetings", options: [.strict]) { table in
                table.primaryKey("id", .text)
                table.column("room", .text).notNull()
                table.column("title", .text).notNull()
                table.column("convener", .text)
                table.column("document", .text)
                table.column("package", .text).notNull().unique()
                table.column("openedAt", .text).notNull()
                table.column("closedAt", .text)
                table.column("closeReason", .text)
                table.column("state", .text).notNull().indexed()
                table.column("durationMilliseconds", .integer)
                table.column("sealedAt", .text)
                table.column("verifiedAt", .text)
                table.column("damagedFiles", .integer)
                table.column("searchText", .text).notNull()
            }
            try db.create(index: "meetingsByTime", on: "meetings", columns: ["openedAt", "id"])
            try db.create(index: "meetingsByRoom", on: "meetings", columns: ["room", "openedAt", "id"])
            try db.create(table: "participants", options: [.strict, .withoutRowID]) { table in
                table.column("meetingID", .text).notNull().references("meetings", onDelete: .cascade)
                table.column("point", .text).notNull()
                table.column("name", .text).notNull()
                table.column("unit", .text)
                table.column("joinedAt", .text).notNull()
                table.column("leftAt", .text)
                table.column("leaveReason", .text)
                table.column("reconnects", .integer).notNull()
                table.primaryKey(["meetingID", "point"])
            }
            try db.create(table: "files", options: [.strict, .withoutRowID]) { table in
                table.column("meetingID", .text).notNull().references("meetings", onDelete: .cascade)
                table.column("path", .text).notNull()
                table.column("size", .integer).notNull()
                table.column("sha256", .text)
                table.column("mime", .text).notNull()
                table.primaryKey(["meetingID", "path"])
            }
            try db.create(table: "notes", options: [.strict]) { table in
                table.column("meetingID", .text).notNull().indexed().references("meetings", onDelete: .cascade)
                table.column("at", .text).notNull()
                table.column("severity", .text).notNull()
                table.column("text", .text).notNull()
            }
            try db.create(table: "jobs", options: [.strict]) { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("meetingID", .text).notNull().indexed().references("meetings", onDelete: .cascade)
                table.column("kind", .text).notNull()
                table.column("state", .text).notNull()
                table.column("progress", .real).notNull()
                table.column("attempts", .integer).notNull()
                table.column("maximumAttempts", .integer).notNull()
                table.column("error", .text)
                table.column("enqueuedAt", .text).notNull()
                table.column("startedAt", .text)
                table.column("finishedAt", .text)
                table.column("notBefore", .text).notNull()
            }
            try db.create(index: "jobsByState", on: "jobs", columns: ["state", "notBefore", "id"])
            // At most one job of a kind waits or runs for a meeting, whoever asks.
            try db.execute(
                sql: """
                    CREATE UNIQUE INDEX oneActiveJob ON jobs (meetingID, kind) WHERE state IN ('queued', 'running')
                    """)
        }
        migrator.registerMigration("2-registrations") { db in
            try db.create(table: "registrations", options: [.strict, .withoutRowID]) { table in
                table.primaryKey("point", .text)
                table.column("contacts", .text).notNull()
            }
        }
        migrator.registerMigration("3-sittings") { db in
            try db.alter(table: "meetings") { table in
                table.add(column: "sitting", .text)
                table.add(column: "confidentiality", .text)
            }
        }
        migrator.registerMigration("4-bags") { db in
            try db.alter(table: "meetings") { table in
                // What was there before is as the first version laid it out.
                table.add(column: "layout", .text).notNull().defaults(to: PackageLayout.flat.rawValue)
                // Nil where no time stamp is wanted.
                table.add(column: "timeStamp", .text)
            }
            try db.alter(table: "files") { table in
                table.add(column: "sha512", .text)
                table.add(column: "madeBy", .text)
                table.add(column: "madeAt", .text)
            }
            try db.create(table: "ledger", options: [.strict]) { table in
                table.primaryKey("number", .integer)
                table.column("meetingID", .text).notNull().indexed()
                // As it stands in the ledger's file, without the line feed.
                table.column("line", .text).notNull()
            }
        }
        migrator.registerMigration("5-retention", migrate: addRetention)
        migrator.registerMigration("6-copies") { db in
            // Where a second copy of a package is, or of a destroyed one may still be.
            try db.create(table: "copies", options: [.strict, .withoutRowID]) { table in
                table.column("meetingID", .text).notNull().references("meetings", onDelete: .restrict)
                table.column("location", .text).notNull()
                table.column("checkedAt", .text).notNull()
                table.primaryKey(["meetingID", "location"])
            }
        }
        migrator.registerMigration("7-access", migrate: addAccess)
        migrator.registerMigration("8-supply") { db in
            try db.alter(table: "jobs") { table in
                table.add(column: "grantID", .integer).references("accessGrants", onDelete: .restrict)
            }
            // Each grant has a copy of its own.
            try db.execute(
                sql: """
                    DROP INDEX oneActiveJob;
                    CREATE UNIQUE INDEX oneActiveJob ON jobs (meetingID, kind, coalesce(grantID, 0))
                        WHERE state IN ('queued', 'running');
                    CREATE INDEX jobsByGrant ON jobs (grantID, id) WHERE grantID IS NOT NULL
                    """)
        }
        migrator.registerMigration("9-harvest", migrate: HarvestRecord.addTables)
        migrator.registerMigration("10-kept-work") { db in
            try db.alter(table: "jobs") { table in
                table.add(column: "kept", .real).notNull().defaults(to: 0)
                table.add(column: "keptBefore", .real).notNull().defaults(to: 0)
            }
        }
        migrator.registerMigration("11-destroyed-papers") { db in
            try db.alter(table: "proposalMeetings") { table in
                // JSON, `[KeptPaper]`: what the certificate names, from before the first of them is gone.
                table.add(column: "papers", .text)
            }
        }
        migrator.registerMigration("12-fixity-runs", migrate: FixityRun.addTables)
        migrator.registerMigration("13-meeting-keys", migrate: MeetingKeys.addTable)
        migrator.registerMigration("14-removed-keys", migrate: MeetingKeys.addRemovals)
        migrator.registerMigration("15-bridges") { db in
            try db.alter(table: "meetings") { table in
                // Which has it, of several that share the archive; nil where there is one.
                table.add(column: "bridge", .text)
            }
            try db.alter(table: "jobs") { table in
                // Which runs it.
                table.add(column: "bridge", .text)
            }
        }
        migrator.registerMigration("16-rounds", migrate: Archive.addRounds)
        return migrator
    }

    private static func addRetention(_ db: SQLConnection) throws {
        try db.alter(table: "meetings") { table in
            table.add(column: "retentionClass", .text)
            table.add(column: "destroyedAt", .text)
        }
        try db.create(table: "holds", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("meetingID", .text).notNull().indexed().references("meetings", onDelete: .restrict)
            table.column("reason", .text).notNull()
            table.column("document", .text)
            table.column("placedBy", .text).notNull()
            table.column("placedAt", .text).notNull()
            table.column("releasedBy", .text)
            table.column("releasedAt", .text)
            table.column("releaseReason", .text)
        }
        try db.create(table: "submissions", options: [.strict, .withoutRowID]) { table in
            table.column("meetingID", .text).notNull().references("meetings", onDelete: .restrict)
            table.column("archive", .text).notNull()
            table.column("document", .text).notNull()
            table.column("by", .text).notNull()
            table.column("at", .text).notNull()
            table.primaryKey(["meetingID", "archive"])
        }
        try db.create(table: "proposals", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("state", .text).notNull().indexed()
            table.column("reason", .text).notNull()
            table.column("proposerID", .text).notNull()
            table.column("proposerName", .text).notNull()
            table.column("proposedAt", .text).notNull()
            table.column("reviewerID", .text)
            table.column("reviewerName", .text)
            table.column("reviewedAt", .text)
            table.column("verdict", .text)
            table.column("carriedOutAt", .text)
        }
        try db.create(table: "proposalMeetings", options: [.strict, .withoutRowID]) { table in
            table.column("proposalID", .integer).notNull().references("proposals", onDelete: .restrict)
            table.column("meetingID", .text).notNull().indexed().references("meetings", onDelete: .restrict)
            // As it was when it was approved: the table may change after it.
            table.column("classCode", .text)
            table.column("classNames", .text)
            table.column("keptUntil", .text)
            // When the payload was gone.
            table.column("removedAt", .text)
            table.primaryKey(["proposalID", "meetingID"])
        }
    }

    /// What agencies ask for, get, and use.
    private static func addAccess(_ db: SQLConnection) throws {
        try db.create(table: "accessRequests", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            // As it was asked for: it needs not exist.
            table.column("meetingID", .text)
            table.column("description", .text).notNull()
            table.column("purpose", .text).notNull()
            table.column("reason", .text).notNull()
            table.column("spanFrom", .integer)
            table.column("spanTo", .integer)
            table.column("wantsDownload", .integer).notNull()
            table.column("requesterID", .text).notNull().indexed()
            table.column("requesterName", .text).notNull()
            table.column("agency", .text).notNull()
            table.column("requestedAt", .text).notNull()
            table.column("state", .text).notNull().indexed()
            table.column("decidedBy", .text)
            table.column("decidedAt", .text)
            table.column("remark", .text)
        }
        try db.create(table: "accessGrants", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("requestID", .integer).notNull().unique().references("accessRequests", onDelete: .restrict)
            table.column("meetingID", .text).notNull().indexed().references("meetings", onDelete: .restrict)
            table.column("holderID", .text).notNull().indexed()
            table.column("holderName", .text).notNull()
            table.column("agency", .text).notNull()
            table.column("level", .text).notNull()
            table.column("spanFrom", .integer)
            table.column("spanTo", .integer)
            table.column("validFrom", .text).notNull()
            table.column("validUntil", .text).notNull()
            table.column("grantedBy", .text).notNull()
            table.column("grantedAt", .text).notNull()
            table.column("revokedBy", .text)
            table.column("revokedAt", .text)
            table.column("revokeReason", .text)
        }
        try db.create(table: "accessUses", options: [.strict]) { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("grantID", .integer).notNull().indexed().references("accessGrants", onDelete: .restrict)
            table.column("at", .text).notNull()
            table.column("what", .text).notNull()
            table.column("detail", .text).notNull()
        }
    }
}
