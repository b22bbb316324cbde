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
        /// Its places are of no use.
        case nothing
    }

    var text: String
    var meanings: [Meaning]

    /// Words that stand for each item's last word: one, or what begins so.
    struct Expansion {
        var folded: [[UInt8]]
        var exact: [[UInt8]]
    }

    /// How many meetings have a term, folded or exact.
    typealias Counts = [[UInt8]: Int]

    /// Of each word of the query, and of what stands for it.
    static func counts(of query: SearchQuery, _ expansions: [Expansion], _ vocabulary: Vocabulary) throws -> Counts {
        var counts: Counts = [:]
        for (item, expansion) in zip(query.wanted, expansions) {
            let whole = item.words.dropLast().flatMap { [$0.folded] + (Term.exact($0).map { [$0] } ?? []) }
            for term in whole + expansion.folded + expansion.exact where counts[term] == nil {
                counts[term] = try vocabulary.count(term)
            }
        }
        return counts
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
        _ query: SearchQuery, _ expansions: [Expansion], _ counts: Counts, _ strictness: Strictness,
        filter: SearchFilter, columns: [IndexColumn]
    ) {
        let builder = Builder(isMarked: query.isMarked, strictness: strictness, counts: counts)
        var parts: [Part] = []
        for (index, item) in query.wanted.enumerated() {
            parts += builder.item(index, item, expansions[index])
            if strictness.isSequence, index > 0, let before = query.wanted[index - 1].words.last {
                let firsts = item.words.count > 1 ? [item.words[0].folded] : expansions[index].folded
                parts.append(builder.joint(before.folded, firsts))
            }
        }
        let conjunction = Part(all: parts)
        meanings = conjunction.meanings
        let names = columns.filter { filter.kinds.isEmpty || filter.kinds.contains($0.kind) }.map(\.name)
        func inColumns(_ text: String) -> String {
            filter.kinds.isEmpty ? text : "({\(names.joined(separator: " "))} : \(text))"
        }
        var expression = parts.isEmpty ? Term.quoted(Facets.all) : inColumns(conjunction.text)
        let exact = builder.exactPlaces(of: query, expansions)
        if !exact.isEmpty {
            // Where an exact word is, the folded one is as well: the exact ones are looked up only where all folded ones are, and hinder nothing, for every
            // meeting has the term beside them.
            let places = Part(exact, meetings: 0)
            expression = "(\(Part.apart(expression)) AND (\(Term.quoted(Facets.all)) OR \(inColumns(places.text))))"
            meanings += [.nothing, .nothing] + places.meanings
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

    /// What must be there.
    private struct Part {
        var text: String
        var meanings: [Meaning]
        /// About how many meetings have it, at most.
        var meetings: Int

        init(_ terms: [([UInt8], Meaning)], meetings: Int) {
            text = "(" + terms.map { Term.quoted($0.0) }.joined(separator: " OR ") + ")"
            meanings = terms.map(\.1)
            self.meetings = meetings
        }

        /// All of `parts`, the rarest first. FTS5 moves all terms of an AND on together, and reads the places of common ones in most meetings for it;
        /// so the rarest are an AND of their own, which the others follow only to where it holds. It would be taken as one with theirs
        /// but for an OR between them, of a term that nothing has.
        init(all parts: [Part]) {
            let parts = parts.enumerated().sorted {
                ($0.element.meetings, $0.offset) < ($1.element.meetings, $1.offset)
            }
            .map(\.element)
            text = ""
            meanings = []
            meetings = parts.first?.meetings ?? 0
            for (index, part) in parts.enumerated() {
                if Self.steps.contains(index) {
                    text = Self.apart("(\(text))")
                    meanings.append(.nothing)
                }
                text += (index == 0 ? "" : " AND ") + part.text
                meanings += part.meanings
            }
            text = "(\(text))"
        }

        private static let steps: Set = [2, 4]

        /// So that FTS5 takes an AND for one by itself.
        static func apart(_ text: String) -> String { "(\(text) OR \(Term.quoted(Term.nothing)))" }
    }

    private struct Builder {
        let isMarked: Bool
        let strictness: Strictness
        let counts: Counts

        /// What must all be there for an item.
        func item(_ index: Int, _ item: SearchQuery.Item, _ last: Expansion) -> [Part] {
            var parts: [Part] = []
            let end = item.words.count - 1
            for (number, word) in item.words.enumerated() {
                parts.append(self.word(index, number, word, number == end ? last : nil))
                guard number < end else { continue }
                let followers = number + 1 == end ? last.folded : [item.words[number + 1].folded]
                parts.append(pair(word.folded, followers, .pair(item: index, word: number)))
            }
            return parts
        }

        /// Of words whose marks are not asked for.
        func exactPlaces(of query: SearchQuery, _ expansions: [Expansion]) -> [([UInt8], Meaning)] {
            guard isMarked, !strictness.isExact else { return [] }
            var places: [([UInt8], Meaning)] = []
            for (index, item) in query.wanted.enumerated() {
                for (number, word) in item.words.enumerated() {
                    let last = number == item.words.count - 1 ? expansions[index] : nil
                    guard !Self.isBeginning(last) else { continue }
                    places += exact(word, last).map { ($0, .word(item: index, word: number, isExact: true)) }
                }
            }
            return places
        }

        /// What begins so has several exact words, not all of which are among the folded ones that were chosen.
        private static func isBeginning(_ last: Expansion?) -> Bool { (last?.exact.count ?? 0) > 1 }

        /// - Parameter last: where it is an item's last.
        private func word(_ item: Int, _ number: Int, _ word: WordScanner.Word, _ last: Expansion?) -> Part {
            let isAsked = isMarked && (strictness.isExact || Self.isBeginning(last))
            let exact = isAsked ? exact(word, last) : []
            // A number has no exact form.
            let folded = strictness.isExact && !exact.isEmpty ? [] : last?.folded ?? [word.folded]
            return Part(
                exact.map { ($0, .word(item: item, word: number, isExact: true)) }
                    + folded.map { ($0, .word(item: item, word: number, isExact: false)) },
                meetings: meetings(folded.isEmpty ? exact : folded))
        }

        private func exact(_ word: WordScanner.Word, _ last: Expansion?) -> [[UInt8]] {
            last?.exact ?? Term.exact(word).map { [$0] } ?? []
        }

        func joint(_ before: [UInt8], _ firsts: [[UInt8]]) -> Part {
            // It says nothing that the words' places do not.
            pair(before, firsts, .nothing)
        }

        /// Nobody counted pairs; most words stand beside another only now and then.
        private func pair(_ first: [UInt8], _ followers: [[UInt8]], _ meaning: Meaning) -> Part {
            Part(
                followers.map { (Term.pair(first, $0), meaning) },
                meetings: min(meetings([first]), meetings(followers)) / 8)
        }

        private func meetings(_ terms: [[UInt8]]) -> Int { terms.reduce(0) { $0 + (counts[$1] ?? 0) } }
    }
}
