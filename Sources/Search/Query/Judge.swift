import Foundation

/// A meeting that has all that was asked for.
struct Match: Comparable, Sendable {
    /// Every word as it was typed, marks and all; false for all where none was typed with marks.
    var isExact: Bool
    var score: Int
    var key: Int64

    /// The better one is greater; of equals the newer.
    static func < (a: Match, b: Match) -> Bool {
        if a.isExact != b.isExact { return b.isExact }
        return (a.score, a.key) < (b.score, b.key)
    }
}

/// An item's occurrence.
struct Span: Sendable, Equatable {
    var column: Int
    var place: Int
    var count: Int
    var isExact: Bool
}

/// Says of a meeting, from the places of words in it, whether it has the query's items and how well.
///
/// The score is that of BM25 in its shape: rare items count more, each further occurrence less; occurrences count by the
/// column that they are in, and items that stand as they were typed, one after another, count besides. It differs in that it
/// needs no pass over all meetings that have a word, which is what BM25 in FTS5 costs with common ones.
struct Judge {
    private struct Place {
        var position: Int
        var isExact: Bool
    }

    private let query: SearchQuery
    private let meanings: [MatchExpression.Meaning]
    private let rarity: [Double]
    private let isMarked: Bool
    /// Of each item, where its words begin in ``words`` and ``pairs``.
    private let offsets: [Int]
    private var words: [[Place]]
    private var pairs: [[Int]]

    /// - Parameter rarity: of each item, as weights.
    init(_ query: SearchQuery, _ meanings: [MatchExpression.Meaning], rarity: [Double]) {
        self.query = query
        self.meanings = meanings
        self.rarity = rarity
        isMarked = query.isMarked
        var offsets: [Int] = []
        var total = 0
        for item in query.wanted {
            offsets.append(total)
            total += item.words.count
        }
        self.offsets = offsets
        words = Array(repeating: [], count: total)
        pairs = Array(repeating: [], count: total)
    }

    /// Weights of items by how many of `meetings` have them.
    static func rarity(_ counts: [Int], of meetings: Int) -> [Double] {
        counts.map { count in
            let count = Double(min(max(0, count), meetings))
            return 0.2 + log(1 + (Double(meetings) - count + 0.5) / (count + 0.5))
        }
    }

    /// - Parameter spans: of each item, none empty.
    func match(_ key: Int64, _ spans: [[Span]]) -> Match {
        let isExact = isMarked && spans.allSatisfy { $0.contains(where: \.isExact) }
        // A meeting that has all exactly is judged by that alone, whichever expression found it.
        let counted = isExact ? spans.map { $0.filter(\.isExact) } : spans
        var score = 0.0
        for (index, spans) in counted.enumerated() {
            var sum = 0.0
            for span in spans { sum += Self.weight(span.column) * (span.isExact || !isMarked ? 1 : 0.6) }
            score += rarity[index] * sum / (sum + 2)
        }
        for index in counted.indices.dropFirst() {
            score += Self.closeness(counted[index - 1], counted[index]) * min(rarity[index - 1], rarity[index])
        }
        return Match(isExact: isExact, score: Int((score * 10_000).rounded()), key: key)
    }

    /// Where each item is; nil where one is nowhere: a phrase's words are there, but not one after another.
    /// - Parameter hits: of each term in the order of their places.
    mutating func spans(_ hits: some Sequence<Hit>) -> [[Span]]? {
        for index in words.indices {
            words[index].removeAll(keepingCapacity: true)
            pairs[index].removeAll(keepingCapacity: true)
        }
        for hit in hits where meanings.indices.contains(hit.term) {
            let position = hit.column << 32 | hit.place
            switch meanings[hit.term] {
            case .word(let item, let word, let isExact):
                let index = offsets[item] + word
                words[index].append(
                    Place(position: position, isExact: isExact || query.wanted[item].words[word].exact.isEmpty))
            case .pair(let item, let word): pairs[offsets[item] + word].append(position)
            case .nothing: break
            }
        }
        for index in words.indices {
            Self.order(&words[index])
            pairs[index].sort()
        }
        var spans: [[Span]] = []
        for (index, item) in query.wanted.enumerated() {
            let found = self.spans(of: offsets[index], count: item.words.count)
            if found.isEmpty { return nil }
            spans.append(found)
        }
        return spans
    }

    /// By position, each once: what is exact there is that as well where it is not.
    private static func order(_ places: inout [Place]) {
        guard places.count > 1 else { return }
        places.sort { ($0.position, $0.isExact ? 0 : 1) < ($1.position, $1.isExact ? 0 : 1) }
        var kept = 0
        for index in 1..<places.count where places[index].position != places[kept].position {
            kept += 1
            places[kept] = places[index]
        }
        places.removeSubrange((kept + 1)...)
    }

    private func spans(of first: Int, count: Int) -> [Span] {
        var found: [Span] = []
        places: for place in words[first] {
            var isExact = place.isExact
            for number in 0..<(count - 1) {
                guard Self.contains(pairs[first + number], place.position + number) else { continue places }
                isExact = isExact && self.isExact(first + number + 1, place.position + number + 1)
            }
            found.append(
                Span(
                    column: place.position >> 32, place: place.position & 0xFFFF_FFFF, count: count, isExact: isExact))
        }
        return found
    }

    private func isExact(_ word: Int, _ position: Int) -> Bool {
        let places = words[word]
        let index = Self.lowerBound(places.count) { places[$0].position < position }
        return index < places.count && places[index].position == position && places[index].isExact
    }

    private static func contains(_ positions: [Int], _ position: Int) -> Bool {
        let index = lowerBound(positions.count) { positions[$0] < position }
        return index < positions.count && positions[index] == position
    }

    private static func lowerBound(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What it is worth that one item stands before another: most right before it, something within a few words.
    private static func closeness(_ before: [Span], _ after: [Span]) -> Double {
        var best = 0.0
        var index = 0
        for span in before {
            while index < after.count, (after[index].column, after[index].place) < (span.column, span.place) {
                index += 1
            }
            guard index < after.count else { break }
            let next = after[index]
            guard next.column == span.column else { continue }
            let gap = next.place - span.place - span.count
            let worth = weight(span.column)
            if gap == 0 { best = max(best, 2 * worth / (worth + 1)) }
            if gap > 0, gap <= 6 { best = max(best, 0.3 * worth / (worth + 1)) }
        }
        return best
    }

    private static func weight(_ column: Int) -> Double { IndexColumn(rawValue: column)?.weight ?? 0 }
}
