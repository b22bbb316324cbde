/// Cuts the telling part out of a passage and marks what was found.
struct ExcerptMaker {
    private struct Mark {
        /// Octets of the text.
        var range: Range<Int>
        var isFound: Bool
    }

    private let passage: Passage
    private var headingWords: [Mark] = []
    private var textWords: [Mark] = []

    /// - Parameter places: of words that were found, counted as ``IndexedText/joined(_:)`` has them.
    init(_ passage: Passage, _ places: Set<Int>) {
        self.passage = passage
        var place = 0
        headingWords = Self.marks(passage.heading, places, &place)
        place += 1
        textWords = Self.marks(passage.text, places, &place)
    }

    private static func marks(_ text: String, _ places: Set<Int>, _ place: inout Int) -> [Mark] {
        var marks: [Mark] = []
        for word in WordScanner.words(of: text) {
            if let word { marks.append(Mark(range: word.range, isFound: places.contains(place))) }
            place += 1
        }
        return marks
    }

    func heading() -> Excerpt { Self.excerpt(passage.heading, headingWords, 0..<headingWords.count) }

    /// At most `longest` words, those where most was found.
    func text(longest: Int) -> Excerpt {
        guard textWords.count > longest else { return Self.excerpt(passage.text, textWords, 0..<textWords.count) }
        var best = 0
        var most = 0
        var inside = textWords[..<longest].count(where: \.isFound)
        most = inside
        for start in textWords.indices.dropFirst() where start + longest <= textWords.count {
            inside += (textWords[start + longest - 1].isFound ? 1 : 0) - (textWords[start - 1].isFound ? 1 : 0)
            if inside > most { (most, best) = (inside, start) }
        }
        // The first of the best windows ends with what was found: some of what follows is worth more than all before.
        let lead = textWords[best..<(best + longest)].firstIndex(where: \.isFound).map { $0 - best } ?? 0
        let start = min(best + max(0, lead - 6), textWords.count - longest)
        return Self.excerpt(passage.text, textWords, start..<(start + longest))
    }

    private static func excerpt(_ text: String, _ words: [Mark], _ chosen: Range<Int>) -> Excerpt {
        let bytes = Array(text.utf8)
        let isWhole = chosen.count == words.count
        guard let first = chosen.first, let last = chosen.last else { return Excerpt(text: text) }
        let from = isWhole || first == 0 ? 0 : words[first].range.lowerBound
        let to = isWhole || last == words.count - 1 ? bytes.count : words[last].range.upperBound
        var out = from > 0 ? "… " : ""
        var units = out.utf16.count
        var highlights: [Range<Int>] = []
        var at = from
        func copy(to end: Int) -> Int {
            let piece = String(decoding: bytes[at..<max(at, end)], as: UTF8.self)
            out += piece
            at = max(at, end)
            return piece.utf16.count
        }
        for index in chosen where words[index].isFound {
            units += copy(to: words[index].range.lowerBound)
            let length = copy(to: words[index].range.upperBound)
            highlights.append(units..<(units + length))
            units += length
        }
        units += copy(to: to)
        if to < bytes.count { out += " …" }
        return Excerpt(text: out, highlights: highlights)
    }
}
