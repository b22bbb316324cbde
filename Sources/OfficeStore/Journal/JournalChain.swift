import Evidence
import Foundation
import GRDB
import Office
import Vietnamese

/// The journal is a chain: each line has the hash of the one before (`Evidence.AuditEntry`). The newest line's hash is in memory as
/// well, in a temporary table of the store's own connection, and what is written goes on from that: whoever takes lines away beneath a
/// running daemon, or changes them, leaves a gap that the next line shows.
enum JournalChain {
    /// Has a connection remember the newest line.
    static func prepare(_ db: Database) throws {
        try db.execute(
            sql: """
                PRAGMA temp_store = MEMORY;
                CREATE TEMP TABLE IF NOT EXISTS journalTip (number INTEGER NOT NULL, hash TEXT NOT NULL);
                """)
    }

    /// Takes the newest line as it is in the file, once, when the store is opened.
    static func begin(_ db: Database) throws {
        let last = try Row.fetchOne(db, sql: "SELECT * FROM journal ORDER BY number DESC LIMIT 1").map(entry)
        try db.execute(sql: "DELETE FROM temp.journalTip")
        try db.execute(
            sql: "INSERT INTO temp.journalTip (number, hash) VALUES (?, ?)",
            arguments: [last?.number ?? 0, last?.hash ?? Ledger.genesis])
    }

    /// The newest line that this daemon wrote, or found when it began.
    static func tip(_ db: Database) throws -> (number: Int64, hash: String) {
        guard let row = try Row.fetchOne(db, sql: "SELECT number, hash FROM temp.journalTip") else {
            throw OfficeStoreError.unusable(path: "journal", reason: "nothing is known of its end")
        }
        return (row["number"], row["hash"])
    }

    static func append(_ action: String, _ subject: String, by: String, _ db: Database, at moment: Date) throws {
        let tip = try tip(db)
        let highest = try Int64.fetchOne(db, sql: "SELECT max(number) FROM journal") ?? 0
        let nonce = AuditEntry.nonce()
        let entry = AuditEntry(
            number: max(tip.number, highest) + 1, at: IndochinaTime.text(moment), by: by, action: action,
            subject: AuditEntry.digest(of: subject, nonce: nonce), previous: tip.hash)
        try db.cachedStatement(
            sql: """
                INSERT INTO journal (number, at, "by", action, subject, nonce, previous) VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [entry.number, entry.at, by, action, subject, nonce, tip.hash])
        try db.cachedStatement(sql: "UPDATE temp.journalTip SET number = ?, hash = ?")
            .execute(arguments: [entry.number, entry.hash])
    }

    static func entry(_ row: Row) -> AuditEntry {
        AuditEntry(
            number: row["number"], at: row["at"], by: row["by"], action: row["action"],
            subject: AuditEntry.digest(of: row["subject"], nonce: row["nonce"]), previous: row["previous"])
    }

    // MARK: Heads

    static func heads(_ db: Database) throws -> [SignedAuditHead] {
        try Row.fetchAll(db, sql: "SELECT document, signature FROM journalHeads ORDER BY ordinal").map {
            SignedAuditHead(document: $0["document"], signature: $0["signature"])
        }
    }

    /// Follows the chain from what was signed last.
    /// - Parameter limit: the last line that is looked at.
    /// - Returns: the newest line; nil where there is none since.
    static func follow(
        _ db: Database, after last: AuditHead?, to limit: Int64 = .max, each: (Row, AuditEntry) -> Void = { _, _ in }
    ) throws -> AuditEntry? {
        var expected = last?.entry ?? Ledger.genesis
        if let last, last.kind == .head {
            let row = try Row.fetchOne(db, sql: "SELECT * FROM journal WHERE number = ?", arguments: [last.number])
            guard row.map({ entry($0).hash }) == expected else { throw JournalFault.broken(last.number) }
        }
        var newest: AuditEntry?
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM journal WHERE number > ? AND number <= ? ORDER BY number",
            arguments: [last?.number ?? 0, limit])
        while let row = try rows.next() {
            let entry = entry(row)
            guard entry.previous == expected else { throw JournalFault.broken(entry.number) }
            each(row, entry)
            expected = entry.hash
            newest = entry
        }
        return newest
    }

    /// Signs a head behind the others. One that is not the day's last is replaced by the next of its day.
    static func sign(
        _ kind: AuditHead.Kind, _ entry: AuditEntry, _ db: Database, by key: SealKey, at moment: Date
    ) throws -> SignedAuditHead {
        var before = try heads(db)
        let day = IndochinaTime.day(moment)
        if kind == .head, let last = before.last?.head, last.kind == .head, last.at.hasPrefix(day) {
            before.removeLast()
            try db.execute(sql: "DELETE FROM journalHeads WHERE ordinal = (SELECT max(ordinal) FROM journalHeads)")
        }
        let head = AuditHead(
            kind, number: entry.number, entry: entry.hash, at: IndochinaTime.text(moment),
            previous: before.last?.hash ?? Ledger.genesis)
        let signed = SignedAuditHead(document: head.document, signature: try key.sign(Data(head.document.utf8)))
        try db.execute(
            sql: "INSERT INTO journalHeads (document, signature) VALUES (?, ?)",
            arguments: [signed.document, signed.signature])
        return signed
    }
}

/// Why the journal is neither signed nor cut.
public enum JournalFault: OfficeFault, Hashable {
    /// A line does not follow from the one before, or is not what was signed.
    case broken(Int64)

    public var words: Words {
        switch self {
        case .broken(let number):
            Words(
                "Chuỗi nhật ký bị đứt ở dòng \(number): hãy chạy causeway audit verify.",
                "The journal's chain is broken at line \(number): run causeway audit verify.")
        }
    }
}
