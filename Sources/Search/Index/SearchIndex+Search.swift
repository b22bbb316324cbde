import Foundation
import GRDB
import Vietnamese

extension SearchIndex {
    /// Meetings with all that is asked for, newest first where that is asked for, else best first: those that have every word with its marks, then by score, then the newest.
    /// Where more match than ``Limits`` let through, those in whose titles, units and people the words stand, in which they
    /// follow each other and which are newest are ranked.
    public func search(
        _ request: SearchRequest, _ visibility: Visibility
    ) async throws(SearchError) -> SearchResults {
        let query = SearchQuery(parsing: request.text, isTyping: request.isTyping)
        let cursor: Cursor? = if let after = request.after { try Cursor(parsing: after) } else { nil }
        return try await read { [limits] db in
            var search = try Search(db, request, visibility, query, limits, after: cursor)
            return try search.results()
        }
    }
}

/// One search, in one reading transaction.
private struct Search {
    let db: Database
    let request: SearchRequest
    let query: SearchQuery
    let limits: SearchIndex.Limits
    let after: Cursor?
    let expansions: [MatchExpression.Expansion]
    let counts: MatchExpression.Counts
    let rarity: [Double]
    let visible: Visible
    /// Rows in the span of time that is asked for; nil where it is empty.
    let rows: ClosedRange<Int64>?
    /// Newest first: without words there is no other order.
    let isByTime: Bool

    private var found: [Int64: Match] = [:]
    /// Where the items are in meetings that were read whole.
    private var places: [Int64: [[Span]]] = [:]
    private var isEverything = true

    /// To find a row by itself costs as much as to read dozens of those that match.
    private static let mostProbes = 64

    /// The visibility in keys.
    struct Visible {
        var levels: Set<SearchLevel>
        var granted: Set<Int64>
        var denied: Set<Int64>
    }

    init(
        _ db: Database, _ request: SearchRequest, _ visibility: Visibility, _ query: SearchQuery,
        _ limits: SearchIndex.Limits, after: Cursor?
    ) throws {
        self.db = db
        self.request = request
        self.query = query
        self.limits = limits
        self.after = after
        let vocabulary = Vocabulary(db: db)
        expansions = try MatchExpression.expansions(of: query, vocabulary)
        let counts = try MatchExpression.counts(of: query, expansions, vocabulary)
        self.counts = counts
        let meetings = try vocabulary.count(Facets.all)
        // A phrase is at most as common as its rarest word; the beginning of a word as common as the word it most often is.
        let rarest = zip(query.wanted, expansions).map { item, expansion in
            let whole = item.words.dropLast().map { counts[$0.folded] ?? 0 }
            let last = expansion.folded.prefix(2).map { counts[$0] ?? 0 }.max() ?? 0
            return (whole + [last]).min() ?? 0
        }
        rarity = Judge.rarity(rarest, of: meetings)
        visible = Visible(
            levels: visibility.levels, granted: try Self.keys(visibility.granted, db),
            denied: try Self.keys(visibility.denied, db))
        let filter = request.filter
        var first = filter.from.map { MeetingKey.first(of: MeetingKey.minute(of: $0)) } ?? 0
        var last = filter.to.map { MeetingKey.first(of: MeetingKey.minute(of: $0)) - 1 } ?? .max
        isByTime = query.wanted.isEmpty || request.order == .newest
        // Pages in the order of time go on for ever.
        if isByTime, let after { last = min(last, after.last.key - 1) }
        first = max(0, first)
        rows = first <= last ? first...last : nil
    }

    private static func keys(_ ids: Set<String>, _ db: Database) throws -> Set<Int64> {
        guard !ids.isEmpty else { return [] }
        let json = String(decoding: try JSONEncoder().encode(ids), as: UTF8.self)
        return try Int64.fetchSet(
            db, sql: "SELECT key FROM meetings WHERE id IN (SELECT value FROM json_each(?))", arguments: [json])
    }

    mutating func results() throws -> SearchResults {
        if let rows { try look(in: rows) }
        var ranked = isByTime ? found.values.sorted { $0.key > $1.key } : found.values.sorted(by: >)
        let total = ranked.count
        if let after, !isByTime { ranked.removeAll { $0 >= after.last } }
        let limit = min(SearchRequest.maximumLimit, max(1, request.limit))
        let page = Array(ranked.prefix(limit))
        let hasMore = ranked.count > limit || (isByTime && !isEverything && !page.isEmpty)
        return SearchResults(
            meetings: try describe(page), count: isEverything ? .exactly(total) : .atLeast(total),
            next: hasMore ? page.last.map { Cursor($0).text } : nil, isCut: query.isCut,
            isComplete: try SearchIndex.isComplete(db))
    }

    /// Mostly there are few enough matches to judge them all. Where there are not, the newest are joined by the newest that fit
    /// better.
    private mutating func look(in rows: ClosedRange<Int64>) throws {
        let loose = MatchExpression.Strictness(isExact: false, isSequence: false)
        if try look(in: .words, loose, rows) == .all { return }
        isEverything = false
        guard !isByTime else { return }
        let isSeveral = query.wanted.count > 1
        if query.isMarked {
            let exact = MatchExpression.Strictness(isExact: true, isSequence: false)
            let ending = try look(in: .words, exact, rows)
            _ = try look(in: .heads, exact, rows)
            if ending == .limit {
                let both = MatchExpression.Strictness(isExact: true, isSequence: true)
                if isSeveral { for table in [Candidates.Table.heads, .words] { _ = try look(in: table, both, rows) } }
                // What is less strict ranks behind.
                return
            }
        }
        _ = try look(in: .heads, loose, rows)
        if isSeveral {
            let sequence = MatchExpression.Strictness(isExact: false, isSequence: true)
            for table in [Candidates.Table.heads, .words] { _ = try look(in: table, sequence, rows) }
        }
    }

    private var isProbing: Bool { visible.levels.isEmpty && visible.granted.count <= Self.mostProbes }

    private func filter(_ terms: Int, known: Set<Int64> = []) -> RowFilter {
        RowFilter(
            levels: visible.levels, granted: visible.granted, denied: visible.denied, narrowed: request.filter.levels,
            terms: terms, mostHits: limits.hits, known: known)
    }

    private func expression(_ strictness: MatchExpression.Strictness, _ columns: [IndexColumn]) -> MatchExpression {
        MatchExpression(query, expansions, counts, strictness, filter: request.filter, columns: columns)
    }

    private mutating func look(
        in table: Candidates.Table, _ strictness: MatchExpression.Strictness, _ rows: ClosedRange<Int64>
    ) throws -> Candidates.Ending {
        let columns = table == .heads ? IndexColumn.heads : IndexColumn.allCases
        let kinds = request.filter.kinds
        // What is left out may stand in what the small table does not have.
        if table == .heads, !query.excluded.isEmpty || !(kinds.isEmpty || kinds.contains(.meeting)) { return .all }
        let expression = expression(strictness, columns)
        // Whoever was judged by all places of all words is judged the same by any expression.
        let known = Set(places.keys)
        let candidates = Candidates(db: db, filter: filter(expression.meanings.count, known: known), rows: rows)
        var judge = Judge(query, expression.meanings, rarity: rarity)
        var matches: [(Match, [[Span]])] = []
        var taken = 0
        func take(_ key: Int64, _ hits: [Hit]) -> Bool {
            if known.contains(key) {
                taken += 1
            } else if let spans = judge.spans(hits) {
                matches.append((judge.match(key, spans), spans))
                taken += 1
            }
            return taken < limits.candidates
        }
        var ending = Candidates.Ending.all
        if isProbing {
            try candidates.probe(table, expression.text, keys: visible.granted.sorted(by: >)) { _ = take($0, $1) }
        } else {
            ending = try candidates.read(table, expression.text, mostRows: limits.rows, take)
        }
        for (match, spans) in matches {
            found[match.key] = max(found[match.key] ?? match, match)
            if table == .words, places[match.key] == nil { places[match.key] = spans }
        }
        return ending
    }

    // MARK: What is shown

    private func describe(_ page: [Match]) throws -> [FoundMeeting] {
        let loose = expression(.init(isExact: false, isSequence: false), IndexColumn.allCases)
        let candidates = Candidates(db: db, filter: filter(loose.meanings.count), rows: 0...Int64.max)
        var judge = Judge(query, loose.meanings, rarity: rarity)
        var spans = places
        if !query.wanted.isEmpty {
            let keys = page.map(\.key).filter { spans[$0] == nil }
            try candidates.probe(.words, loose.text, keys: keys) { key, hits in spans[key] = judge.spans(hits) }
        }
        return try page.compactMap { match in
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT * FROM meetings WHERE key = ?"), arguments: [match.key])
            else { return nil }
            let key = MeetingKey(rawValue: match.key)
            let places = (spans[match.key] ?? []).map { match.isExact ? $0.filter(\.isExact) : $0 }
            let passages = try MeetingPassages(key, places, most: max(0, min(20, request.passagesPerMeeting)), db)
            return FoundMeeting(
                id: row["id"], title: passages.title ?? Excerpt(text: row["title"]), room: row["room"],
                field: row["field"], level: SearchLevel(rawValue: key.level) ?? .topSecret,
                openedAt: IndochinaTime.date(from: row["openedAt"]) ?? .distantPast, isExact: match.isExact,
                passages: passages.best)
        }
    }
}
