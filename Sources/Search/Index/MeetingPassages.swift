import GRDB

/// The passages of one meeting in which something was found.
struct MeetingPassages {
    private(set) var title: Excerpt?
    /// The best first.
    private(set) var best: [FoundPassage] = []

    /// - Parameters:
    ///   - spans: of each of the query's items.
    ///   - most: of ``best``.
    init(_ key: MeetingKey, _ spans: [[Span]], most: Int, _ db: Database) throws {
        guard !spans.isEmpty else { return }
        let outlines = try Row.fetchCursor(
            db.cachedStatement(
                sql: #"SELECT key, "column", first, count FROM passages WHERE key BETWEEN ? AND ? ORDER BY key"#),
            arguments: [key.passages.lowerBound, key.passages.upperBound])
        // Passages of a column are in the order of their first words.
        var byColumn: [Int: [(first: Int, count: Int, key: Int64)]] = [:]
        while let row = try outlines.next() {
            byColumn[row[1], default: []].append((first: row[2], count: row[3], key: row[0]))
        }
        var found: [Int64: (column: Int, items: [Int: Int], places: Set<Int>)] = [:]
        for (item, spans) in spans.enumerated() {
            for span in spans {
                guard let rows = byColumn[span.column] else { continue }
                var low = 0
                var high = rows.count
                while low < high {
                    let middle = (low + high) / 2
                    if rows[middle].first <= span.place { low = middle + 1 } else { high = middle }
                }
                guard low > 0, span.place < rows[low - 1].first + rows[low - 1].count else { continue }
                let row = rows[low - 1]
                var entry = found[row.key] ?? (span.column, [:], [])
                entry.items[item] = max(entry.items[item] ?? 0, span.isExact ? 2 : 1)
                entry.places.formUnion((span.place - row.first)..<(span.place - row.first + span.count))
                found[row.key] = entry
            }
        }
        let order = found.map { key, entry in
            let column = IndexColumn(rawValue: entry.column) ?? .report
            let items = entry.items.values.reduce(0) { $0 + 4 + Double($1) }
            // Words next to each other say more than the same words apart.
            let runs = entry.places.count { entry.places.contains($0 + 1) }
            return (
                key: key, score: items + Double(min(runs, 8)) + column.weight / 4, column: column, places: entry.places
            )
        }.sorted { ($0.score, $1.key) > ($1.score, $0.key) }
        for entry in order where entry.column == .title || best.count < most {
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT * FROM passages WHERE key = ?"), arguments: [entry.key])
            else { continue }
            let passage = Passage(row, entry.column)
            let maker = ExcerptMaker(passage, entry.places)
            if entry.column == .title {
                title = maker.text(longest: .max)
                continue
            }
            best.append(
                FoundPassage(
                    kind: passage.kind, heading: maker.heading(), text: maker.text(longest: 40), paper: passage.paper,
                    page: passage.page, beginMilliseconds: passage.beginMilliseconds,
                    endMilliseconds: passage.endMilliseconds))
        }
    }
}
