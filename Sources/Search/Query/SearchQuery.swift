import Vietnamese

/// What somebody typed, understood:
///
///     query   = *( [ "-" ] ( phrase / run ) )
///     phrase  = quote *char quote          ; its words one after another
///     run     = 1*( char but white space ) ; several words in it (12/QĐ-VP) are a phrase
///
/// All must be in a meeting, not necessarily in one passage; what a minus precedes must not. Every text is a query.
struct SearchQuery: Sendable, Equatable {
    struct Item: Sendable, Equatable {
        /// One word, or a phrase.
        var words: [WordScanner.Word]
        /// Whether the last word may be the beginning of one.
        var isPrefix = false
    }

    var wanted: [Item] = []
    var excluded: [Item] = []
    /// Whether something was left out because there was too much.
    var isCut = false

    /// Whether a word has a mark: then meetings that have all words as typed come first.
    var isMarked: Bool { wanted.contains { $0.words.contains(where: \.hasMarks) } }

    static let longestText = 1000
    static let mostWords = 24
    static let mostItems = 12

    init(parsing text: String, isTyping: Bool = true) {
        var text = text[...]
        if text.utf8.count > Self.longestText {
            // By scalars: a single character may carry thousands of marks.
            var end = text.startIndex
            for _ in 0..<(Self.longestText / 4) { text.unicodeScalars.formIndex(after: &end) }
            text = text[..<end]
            isCut = true
        }
        var rest = VietnameseText.stored(String(text)).unicodeScalars[...]
        let isOpen = isTyping && !isCut && text.unicodeScalars.last.map { !$0.properties.isWhitespace } ?? false
        var words = 0
        while let (item, isExcluded, isQuoted) = Self.item(&rest) {
            guard words + item.count <= Self.mostWords, wanted.count + excluded.count < Self.mostItems else {
                isCut = true
                break
            }
            words += item.count
            if isExcluded {
                excluded.append(Item(words: item))
            } else {
                wanted.append(Item(words: item, isPrefix: isOpen && !isQuoted && rest.isEmpty))
            }
        }
    }

    /// The next item that has a word.
    private static func item(
        _ rest: inout Substring.UnicodeScalarView
    ) -> (words: [WordScanner.Word], isExcluded: Bool, isQuoted: Bool)? {
        while true {
            rest = rest.drop { $0.properties.isWhitespace }
            guard let first = rest.first else { return nil }
            let isExcluded = first == "-" || first == "\u{2212}"
            if isExcluded { rest.removeFirst() }
            let isQuoted = rest.first.map(isQuote) ?? false
            if isQuoted { rest.removeFirst() }
            let text = rest.prefix { isQuoted ? !isQuote($0) : !$0.properties.isWhitespace && !isQuote($0) }
            rest = rest[text.endIndex...]
            if isQuoted, !rest.isEmpty { rest.removeFirst() }
            // Boundaries and facets cannot be typed: stored text has no control characters.
            let words = WordScanner.words(of: String(text)).compactMap { $0 }
            if !words.isEmpty { return (words, isExcluded, isQuoted) }
        }
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || ("\u{201C}"..."\u{201F}").contains(scalar) || scalar == "«" || scalar == "»"
    }
}
