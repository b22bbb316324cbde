public import Evidence
import Foundation
import SQLDatabase
import Vietnamese

extension OfficeStore {
    private static let page = 2_000

    /// Signs the journal's end, where lines were written since it was signed last. What is signed is looked at before.
    /// - Returns: whether anything was to sign.
    @discardableResult
    public func signJournal(by key: SealKey) async throws(OfficeStoreError) -> Bool {
        try await write(telling: nil) { [self] db in
            let last = try JournalChain.heads(db).last?.head
            let tip = try SharedState(db).tip
            guard let newest = try JournalChain.follow(db, after: last) else {
                if tip.number > last?.number ?? 0 { throw JournalFault.broken(tip.number) }
                return false
            }
            // Lines that this bridge knows, or all know, are not there any more, or others are.
            guard newest.hash == tip.hash else { throw JournalFault.broken(tip.number) }
            _ = try JournalChain.sign(.head, newest, db, by: key, at: now())
            return true
        }
    }

    /// All that were ever signed, the oldest first. The last may be replaced while its day lasts.
    public func journalHeads() async throws(OfficeStoreError) -> [SignedAuditHead] {
        try await read { db in try JournalChain.heads(db) }
    }

    /// Looks through the whole journal.
    /// - Parameters:
    ///   - trusted: public keys in PEM, of those who may have signed it.
    ///   - kept: heads that are kept elsewhere.
    public func inspectJournal(
        trusting trusted: String, kept: [SignedAuditHead] = []
    ) async throws(OfficeStoreError) -> AuditReport {
        var inspection = AuditInspection(trusting: trusted)
        var witness = AuditInspection.Witness(heads: kept)
        try await walkJournal { page, end in
            for line in page { inspection.add(line.entry, subject: line.subject, nonce: line.nonce) }
            if let end {
                for head in end.heads { inspection.add(head) }
                witness.tip = end.tip.map { ($0.number, $0.hash) }
            }
        } again: {
            inspection = AuditInspection(trusting: trusted)
        }
        return inspection.report(witness, endsSigned: false)
    }

    /// A line of the journal with what proves it.
    public struct ChainedLine: Sendable {
        public var line: JournalLine
        public var entry: AuditEntry
        public var subject: String { line.subject }
        public var nonce: String
    }

    struct JournalEnd: Sendable {
        var heads: [SignedAuditHead]
        var tip: JournalTip?
    }

    /// A page of lines behind one, the oldest first, and, behind the last of them, the heads as of the same moment.
    public func chainedLines(
        after number: Int64
    ) async throws(OfficeStoreError) -> (lines: [ChainedLine], heads: [SignedAuditHead]?) {
        let (lines, end) = try await journalPage(after: number)
        return (lines, end?.heads)
    }

    private func journalPage(
        after number: Int64
    ) async throws(OfficeStoreError) -> (lines: [ChainedLine], end: JournalEnd?) {
        // What it knows of the end, known before it looks.
        let known = known.withLock { $0.tip }
        return try await read { [isShared] db in
            let lines = try SQLRow.fetchAll(
                db, sql: "SELECT * FROM journal WHERE number > ? ORDER BY number LIMIT ?",
                arguments: [number, Self.page]
            ).map { ChainedLine(line: JournalLine($0), entry: JournalChain.entry($0), nonce: $0["nonce"]) }
            guard lines.count < Self.page else { return (lines, nil) }
            let said = try SharedState(db).tip
            let tip = try JournalChain.holds(known, at: said, isShared: isShared, db) ? said : known
            return (lines, JournalEnd(heads: try JournalChain.heads(db), tip: tip == .none ? nil : tip))
        }
    }

    /// Page by page, so that others are let in between. Where the journal was cut meanwhile, it begins again.
    private func walkJournal(
        _ take: (_ page: [ChainedLine], _ end: JournalEnd?) -> Void, again: () -> Void
    ) async throws(OfficeStoreError) {
        while true {
            let cuts = try await journalHeads().filter { $0.head?.kind == .cut }.count
            var last: Int64 = .min
            while true {
                let (lines, end) = try await journalPage(after: last)
                if let end, end.heads.filter({ $0.head?.kind == .cut }).count != cuts { break }
                take(lines, end)
                if end != nil { return }
                last = lines.last?.entry.number ?? last
            }
            again()
        }
    }
}
