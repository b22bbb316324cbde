import GRDB
import GRDBSQLite

/// Writes ``Term``s into FTS5. In a query a term is taken as it stands: ``MatchExpression`` made it.
final class IndexTokenizer: FTS5CustomTokenizer {
    static let name = "causeway"

    init(db: Database, arguments: [String]) throws {}

    func tokenize(
        context: UnsafeMutableRawPointer?, tokenization: FTS5Tokenization, pText: UnsafePointer<CChar>?, nText: CInt,
        tokenCallback: @escaping FTS5TokenCallback
    ) -> CInt {
        guard let pText, nText > 0 else { return SQLITE_OK }
        if tokenization.contains(.query) { return tokenCallback(context, 0, pText, nText, 0, nText) }
        return pText.withMemoryRebound(to: UInt8.self, capacity: Int(nText)) { text in
            let bytes = UnsafeBufferPointer(start: text, count: Int(nText))
            var writer = TermWriter { term, isSamePlace in
                term.withUnsafeBytes { raw in
                    tokenCallback(
                        context, isSamePlace ? FTS5_TOKEN_COLOCATED : 0,
                        raw.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(raw.count), 0, 0)
                }
            }
            var scanner = WordScanner()
            while writer.status == SQLITE_OK, let token = scanner.next(in: bytes) {
                switch token {
                case .word: writer.take(scanner.word)
                case .boundary: writer.end(boundary: true)
                case .facet(let range): writer.take(facet: bytes[range])
                }
            }
            writer.end(boundary: false)
            return writer.status
        }
    }
}

/// Holds each word back until it is known which one follows.
private struct TermWriter {
    typealias Emit = (_ term: [UInt8], _ isSamePlace: Bool) -> CInt
    private let emit: Emit
    private var waiting: [UInt8] = []
    private var exact: [UInt8] = [UInt8(ascii: "=")]
    private var pair: [UInt8] = [UInt8(ascii: "+")]
    var status = SQLITE_OK

    init(_ emit: @escaping Emit) { self.emit = emit }

    mutating func take(_ word: WordScanner.Word) {
        write(follower: word.folded)
        waiting.append(contentsOf: word.folded)
        exact.append(contentsOf: word.exact)
    }

    mutating func take(facet: Slice<UnsafeBufferPointer<UInt8>>) {
        write(follower: nil)
        say([UInt8(ascii: "@")] + facet, false)
    }

    mutating func end(boundary: Bool) {
        write(follower: nil)
        if boundary { say(Term.boundary, false) }
    }

    private mutating func write(follower: [UInt8]?) {
        guard !waiting.isEmpty else { return }
        say(waiting, false)
        if exact.count > 1 { say(exact, true) }
        if let follower {
            pair.append(contentsOf: waiting)
            pair.append(UInt8(ascii: " "))
            pair.append(contentsOf: follower)
            say(pair, true)
            pair.removeSubrange(1...)
        }
        waiting.removeAll(keepingCapacity: true)
        exact.removeSubrange(1...)
    }

    private mutating func say(_ term: [UInt8], _ isSamePlace: Bool) {
        if status == SQLITE_OK { status = emit(term, isSamePlace) }
    }
}
