/// Decides by a row's key alone whether it may be seen. FTS5's function `hits` asks it before it reads a position.
final class RowFilter {
    private let levels: UInt16
    private let granted: Set<Int64>
    private let denied: Set<Int64>
    private let narrowed: UInt16
    /// Terms of the expression from this one on only narrow the search: their places are not asked for.
    let terms: Int
    /// Places of each term.
    let mostHits: Int
    /// Rows whose places are known already.
    let known: Set<Int64>

    /// - Parameters:
    ///   - levels: of meetings that are seen besides those granted.
    ///   - narrowed: levels that are looked for; all where empty.
    ///   - mostHits: of each term.
    init(
        levels: Set<SearchLevel>, granted: Set<Int64>, denied: Set<Int64>, narrowed: Set<SearchLevel>, terms: Int,
        mostHits: Int, known: Set<Int64>
    ) {
        func mask(_ levels: Set<SearchLevel>) -> UInt16 { levels.reduce(0) { $0 | 1 << UInt16($1.rawValue) } }
        self.levels = mask(levels)
        self.granted = granted
        self.denied = denied
        self.narrowed = narrowed.isEmpty ? .max : mask(narrowed)
        self.terms = terms
        self.mostHits = mostHits
        self.known = known
    }

    func admits(_ key: Int64) -> Bool {
        let level = UInt16(1) << UInt16(key & 15)
        guard narrowed & level != 0 else { return false }
        guard levels & level != 0 || (!granted.isEmpty && granted.contains(key)) else { return false }
        return denied.isEmpty || !denied.contains(key)
    }
}
