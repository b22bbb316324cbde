import GRDB

/// A query in FTS5's language, made of quoted terms alone, and what each of its terms stands for.
struct MatchExpression {
    /// How strict it is. Stricter ones are asked first, so that the best meetings are among those that are looked at even
    /// where the words are in most meetings.
    struct Strictness: Hashable {
        /// Every word with the marks that it was typed with.
        var isExact: Bool
        /// Every item next to the one before.
        var isSequence: Bool
    }

    /// What a term of the expression stands for.
    enum Meaning: Equatable {
        /// The word with this number in the item.
        case word(item: Int, word: Int, isExact: Bool)
        /// It and the next one.
        case pair(item: Int, word: Int)
    }

    var text: String
    var meanings: [Meaning]

    /// Words that stand for each item's last word: one, or what begins so.
    struct Expansion {
        var folded: [[UInt8]]
        var exact: [[UInt8]]
    }

    static func expansions(of query: SearchQuery, _ vocabulary: Vocabulary) throws -> [Expansion] {
        try query.wanted.map { item in
            guard let word = item.words.last else { return Expansion(folded: [], exact: []) }
            guard item.isPrefix else {
                return Expansion(folded: [word.folded], exact: Term.exact(word).map { [$0] } ?? [])
            }
            return Expansion(
                folded: try vocabulary.folded(beginningWith: word.folded),
                exact: try vocabulary.exact(beginningWith: word))
        }
    }

    init(
        _ query: SearchQuery, _ expansions: [Expansion], _ strictness: Strictness, filter: SearchFilter,
        columns: [IndexColumn]
    ) {
        var builder = Builder(isMarked: query.isMarked, strictness: strictness)
        var parts: [String] = []
        for (index, item) in query.wanted.enumerated() {
            parts += builder.item(index, item, expansions[index])
            if strictness.isSequence, index > 0, let before = query.wanted[index - 1].words.last {
                let firsts = item.words.count > 1 ? [item.words[0].folded] : expansions[index].folded
                parts.append(builder.joint(before.folded, firsts))
            }
        }
        meanings = builder.meanings
        var expression = parts.isEmpty ? Term.quoted(Facets.all) : "(" + parts.joined(separator: " AND ") + ")"
        if !parts.isEmpty, !filter.kinds.isEmpty {
            let names = columns.filter { filter.kinds.contains($0.kind) }.map(\.name)
            expression = "({\(names.joined(separator: " "))} : \(expression))"
        }
        for facets in Self.facets(filter) {
            expression = "(\(expression) AND (\(facets.map(Term.quoted).joined(separator: " OR "))))"
        }
        for item in query.excluded {
            let terms =
                item.words.count == 1
                ? [Self.exclusion(item.words[0])]
                : zip(item.words, item.words.dropFirst()).map { Term.pair($0.folded, $1.folded) }
            expression = "(\(expression) NOT (\(terms.map(Term.quoted).joined(separator: " AND "))))"
        }
        text = expression
    }

    /// A word typed with marks excludes only itself, not what is written like it.
    private static func exclusion(_ word: WordScanner.Word) -> [UInt8] {
        word.hasMarks ? Term.exact(word) ?? word.folded : word.folded
    }

    private static func facets(_ filter: SearchFilter) -> [[[UInt8]]] {
        [
            filter.rooms.sorted().map { Facets.term(.room, $0) }, filter.units.sorted().map { Facets.term(.unit, $0) },
            filter.fields.sorted().map { Facets.term(.field, $0) },
        ].filter { !$0.isEmpty }.map { Array($0.prefix(64)) }
    }

    private struct Builder {
        let isMarked: Bool
        let strictness: Strictness
        var meanings: [Meaning] = []

        /// What must all be there for an item.
        mutating func item(_ index: Int, _ item: SearchQuery.Item, _ last: Expansion) -> [String] {
            var parts: [String] = []
            let end = item.words.count - 1
            for (number, word) in item.words.enumerated() {
                let folded = number == end ? last.folded : [word.folded]
                let exact = number == end ? last.exact : Term.exact(word).map { [$0] } ?? []
                parts.append(self.word(index, number, folded, isMarked ? exact : []))
                guard number < end else { continue }
                let followers = number + 1 == end ? last.folded : [item.words[number + 1].folded]
                parts.append(
                    either(followers.map { (Term.pair(word.folded, $0), .pair(item: index, word: number)) }))
            }
            return parts
        }

        private mutating func word(_ item: Int, _ number: Int, _ folded: [[UInt8]], _ exact: [[UInt8]]) -> String {
            var terms: [([UInt8], Meaning)] = exact.map { ($0, .word(item: item, word: number, isExact: true)) }
            // A number has no exact form.
            if !strictness.isExact || exact.isEmpty {
                terms += folded.map { ($0, .word(item: item, word: number, isExact: false)) }
            }
            return either(terms)
        }

        mutating func joint(_ before: [UInt8], _ firsts: [[UInt8]]) -> String {
            // It says nothing that the words' places do not.
            either(firsts.map { (Term.pair(before, $0), .pair(item: -1, word: 0)) })
        }

        private mutating func either(_ terms: [([UInt8], Meaning)]) -> String {
            meanings += terms.map(\.1)
            return "(" + terms.map { Term.quoted($0.0) }.joined(separator: " OR ") + ")"
        }
    }
}
