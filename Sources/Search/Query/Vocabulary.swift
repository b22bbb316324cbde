import Foundation
import GRDB

/// The words of the index, each with how many meetings have it. FTS5 reads every place of every word that begins with a
/// letter before it gives a row; a choice of the commonest such words, joined by OR, gives the newest rows at once.
struct Vocabulary {
    static let mostFolded = 48
    static let mostExact = 16
    private static let mostRead = 20_000

    let db: Database

    func count(_ folded: [UInt8]) throws -> Int {
        try db.cachedStatement(sql: "SELECT meetings FROM terms WHERE term = ?").fetchInt(Self.data(folded)) ?? 0
    }

    /// Words that begin so, the word itself first, then the commonest.
    func folded(beginningWith prefix: [UInt8]) throws -> [[UInt8]] {
        var found = try read(prefix, limit: Self.mostFolded)
        found.removeAll { $0 == prefix }
        return [prefix] + found.prefix(Self.mostFolded - 1)
    }

    /// Exact words whose letters begin so; with its tone where the prefix has one.
    func exact(beginningWith word: WordScanner.Word) throws -> [[UInt8]] {
        guard let whole = Term.exact(word) else { return [] }
        let tone = word.exact.last.flatMap(Letter.Tone.init(rawValue:))
        let letters = tone == nil ? whole : Array(whole.dropLast())
        let found = try read(letters, limit: 200).filter { term in
            term != whole && (tone == nil || term.last == tone?.rawValue)
        }
        return [whole] + found.prefix(Self.mostExact - 1)
    }

    private func read(_ prefix: [UInt8], limit: Int) throws -> [[UInt8]] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT term FROM (SELECT term, meetings FROM terms WHERE term >= ? AND term < ? LIMIT ?)
                ORDER BY meetings DESC, term LIMIT ?
                """, arguments: [Self.data(prefix), Self.data(prefix + [0xFF]), Self.mostRead, limit]
        ).map { row in Array(row["term"] as Data) }
    }

    static func data(_ term: [UInt8]) -> Data { Data(term) }
}

extension Statement {
    fileprivate func fetchInt(_ argument: Data) throws -> Int? {
        try Int.fetchOne(self, arguments: [argument])
    }
}
