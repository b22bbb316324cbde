import Evidence
import Foundation
import SQLDatabase
import Office
import Vietnamese

/// The journal is a chain: each line has the hash of the one before (`Evidence.AuditEntry`). The newest line's number and hash stand in a
/// row of their own, from which whoever appends goes on: one transaction after the other, also of several bridges. And each bridge
/// has in memory where it knew the end to be: whoever takes lines away beneath a running bridge, or changes them, leaves a gap that the
/// next line shows, whatever the row says.
enum JournalChain {
    /// Whether the journal may end in `tip` where a bridge knew it to end in `known`: it is the same, or goes on from there.
    /// - Parameter isShared: whether others append too.
    static func holds(
        _ known: JournalTip, at tip: JournalTip, isShared: Bool, _ db: SQLConnection
    ) throws -> Bool {
        if known == tip { return true }
        guard isShared, tip.number > known.number else { return false }
        if known == .none { return true }
        if let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM journal WHERE number = ?", arguments: [known.number]) {
            return entry(row).hash == known.hash
        }
        // Another bridge may have cut it, with all that were older.
        return try heads(db).compactMap(\.head).contains { $0.kind == .cut && $0.number >= known.number }
    }

    /// Has the journal go on from what this bridge knows where it does not end in that, nor behind it.
    static func assure(_ known: JournalTip, at tip: JournalTip, isShared: Bool, _ db: SQLConnection) throws {
        if try !holds(known, at: tip, isShared: isShared, db) { try move(to: known, db) }
    }

    /// Writes down where the journal ends.
    private static func move(to tip: JournalTip, _ db: SQLConnection) throws {
        try db.execute(
            sql: "UPDATE officeState SET journalNumber = ?, journalHash = ?", arguments: [tip.number, tip.hash])
    }

    static func append(
        _ action: String, _ subject: String, by: String, nonce: String = AuditEntry.nonce(), _ db: SQLConnection,
        at moment: Date
    ) throws {
        // PostgreSQL has no text with this character in it, and whoever sends one is written down all the same.
        let (action, subject, by) = (visible(action), visible(subject), visible(by))
        let tip = try SharedState(db).tip
        let highest = try Int64.fetchOne(db, sql: "SELECT max(number) FROM journal") ?? 0
        let last = max(tip.number, highest)
        guard (0..<mostLines).contains(last) else { throw JournalFault.broken(last) }
        let entry = AuditEntry(
            number: last + 1, at: IndochinaTime.text(moment), by: by, action: action,
            subject: AuditEntry.digest(of: subject, nonce: nonce), previous: tip.hash)
        try db.execute(
            sql: """
                INSERT INTO journal (number, at, "by", action, subject, nonce, previous) VALUES (?, ?, ?, ?, ?, ?, ?)
                """, arguments: [entry.number, entry.at, by, action, subject, nonce, tip.hash])
        try move(to: JournalTip(number: entry.number, hash: entry.hash), db)
    }

    /// Whether a line is among the latest.
    static func hasLately(_ nonce: String, _ db: SQLConnection) throws -> Bool {
        let count = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM (SELECT nonce FROM journal ORDER BY number DESC LIMIT 20000) AS latest
                WHERE nonce = ?
                """, arguments: [nonce])
        return count != 0
    }

    /// Numbers that all readers of JSON know exactly.
    private static let mostLines: Int64 = 1 << 53

    private static func visible(_ text: String) -> String { text.replacing("\u{0}", with: "\u{2400}") }

    static func entry(_ row: SQLRow) -> AuditEntry {
        AuditEntry(
            number: row["number"], at: row["at"], by: row["by"], action: row["action"],
            subject: AuditEntry.digest(of: row["subject"], nonce: row["nonce"]), previous: row["previous"])
    }

    // MARK: Heads

    /// Lines that are read at once.
    private static let page = 2_000

    static func heads(_ db: SQLConnection) throws -> [SignedAuditHead] {
        try SQLRow.fetchAll(db, sql: "SELECT document, signature FROM journalHeads ORDER BY ordinal").map {
            SignedAuditHead(document: $0["document"], signature: $0["signature"])
        }
    }

    /// Follows the chain from what was signed last.
    /// - Parameter limit: the last line that is looked at.
    /// - Returns: the newest line; nil where there is none since.
    static func follow(
        _ db: SQLConnection, after last: AuditHead?, to limit: Int64 = .max,
        each: (SQLRow, AuditEntry) -> Void = { _, _ in }
    ) throws -> AuditEntry? {
        var expected = last?.entry ?? Ledger.genesis
        if let last, last.kind == .head {
            let row = try SQLRow.fetchOne(db, sql: "SELECT * FROM journal WHERE number = ?", arguments: [last.number])
            guard row.map({ entry($0).hash }) == expected else { throw JournalFault.broken(last.number) }
        }
        var newest: AuditEntry?
        var behind = last?.number ?? 0
        // Page by page: after years it is long.
        while true {
            let rows = try SQLRow.fetchAll(
                db, sql: "SELECT * FROM journal WHERE number > ? AND number <= ? ORDER BY number LIMIT ?",
                arguments: [behind, limit, page])
            for row in rows {
                let entry = entry(row)
                guard entry.previous == expected else { throw JournalFault.broken(entry.number) }
                each(row, entry)
                expected = entry.hash
                newest = entry
                behind = entry.number
            }
            if rows.count < page { return newest }
        }
    }

    /// Signs a head behind the others. One that is not the day's last is replaced by the next of its day.
    static func sign(
        _ kind: AuditHead.Kind, _ entry: AuditEntry, _ db: SQLConnection, by key: SealKey, at moment: Date
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
