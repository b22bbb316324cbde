import Evidence
import SQLDatabase

/// What everybody who writes into the store says to the others: one row, which a transaction that writes looks at first, and which a
/// bridge looks at each second to learn what other bridges did.
struct SharedState: Hashable, Sendable {
    /// What is counted, so that who looks sees that it changed, however often and whatever was missed meanwhile.
    enum Change: String, CaseIterable {
        /// The register in force.
        case register = "registerChanges"
        /// The register, the accounts or the schedule.
        case office = "officeChanges"
        case papers = "paperChanges"
    }

    /// Where the journal ends.
    var tip: JournalTip
    private var counts: [Change: Int64]

    subscript(change: Change) -> Int64 { counts[change] ?? 0 }

    init(_ db: SQLConnection) throws {
        guard let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM officeState") else {
            throw OfficeStoreError.unusable(
                path: "officeState", reason: "the row is missing that says where the journal ends")
        }
        tip = JournalTip(number: row["journalNumber"], hash: row["journalHash"])
        counts = Dictionary(uniqueKeysWithValues: Change.allCases.map { ($0, row[$0.rawValue]) })
    }

    /// Counts a change.
    static func count(_ change: Change, _ db: SQLConnection) throws {
        // No name comes from outside.
        try db.execute(sql: "UPDATE officeState SET \(change.rawValue) = \(change.rawValue) + 1")
    }
}
