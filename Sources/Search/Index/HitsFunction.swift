import GRDB
import GRDBSQLite

/// Where a term of the expression is in a meeting.
struct Hit: Sendable, Equatable {
    /// Counted in the expression.
    var term: Int
    var column: Int
    /// Counted in words from the column's beginning.
    var place: Int

    init(term: Int, column: Int, place: Int) {
        self.term = term
        self.column = column
        self.place = place
    }

    init(packed: UInt64) {
        term = Int(packed >> 40)
        column = Int(packed >> 32 & 0xFF)
        place = Int(packed & 0xFFFF_FFFF)
    }
}

/// The auxiliary function `hits(table, filter)` of FTS5: the places of a row's terms as 64-bit integers, term by term; NULL where the
/// filter does not admit the row, none where the row is known.
enum HitsFunction {
    static let pointerType: StaticString = "causeway-row-filter"

    static func add(to db: Database) throws {
        let api = FTS5.api(db)
        guard let create = api.pointee.xCreateFunction else { throw DatabaseError(resultCode: .SQLITE_ERROR) }
        let code = create(UnsafeMutablePointer(mutating: api), "hits", nil, hits, nil)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    private static let hits: fts5_extension_function = { api, context, result, count, values in
        guard let api = api?.pointee, let context, count == 1, let value = values?[0],
            let pointer = pointerType.withUTF8Buffer({ type in
                type.withMemoryRebound(to: CChar.self) { sqlite3_value_pointer(value, $0.baseAddress) }
            })
        else {
            sqlite3_result_error_code(result, SQLITE_MISUSE)
            return
        }
        let filter = Unmanaged<RowFilter>.fromOpaque(pointer).takeUnretainedValue()
        guard filter.admits(api.xRowid?(context) ?? 0) else {
            sqlite3_result_null(result)
            return
        }
        // The places of each term by itself: FTS5's own list of all of them costs the number of places times that of terms.
        var packed: [UInt64] = []
        if !filter.known.contains(api.xRowid?(context) ?? 0) {
            for term in 0..<filter.terms {
                var iterator = Fts5PhraseIter()
                var column: CInt = 0
                var place: CInt = 0
                let code = api.xPhraseFirst?(context, CInt(term), &iterator, &column, &place) ?? SQLITE_MISUSE
                guard code == SQLITE_OK else {
                    sqlite3_result_error_code(result, code)
                    return
                }
                var rest = filter.mostHits
                while column >= 0, rest > 0 {
                    packed.append(
                        UInt64(term) << 40 | UInt64(UInt32(bitPattern: column) & 0xFF) << 32
                            | UInt64(UInt32(bitPattern: place)))
                    rest -= 1
                    api.xPhraseNext?(context, &iterator, &column, &place)
                }
            }
        }
        packed.withUnsafeBytes { bytes in
            sqlite3_result_blob(result, bytes.baseAddress, CInt(bytes.count), SQLITE_TRANSIENT)
        }
    }

    private static var SQLITE_TRANSIENT: sqlite3_destructor_type {
        unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
    }
}
