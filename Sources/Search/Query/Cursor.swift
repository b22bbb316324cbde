/// Where a page ended. It names the last meeting's place in the order, so that pages neither repeat nor skip a meeting while
/// others come.
struct Cursor {
    let last: Match

    init(_ last: Match) { self.last = last }

    init(parsing text: String) throws(SearchError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "e" || parts[0] == "f", let score = Int(parts[1], radix: 36),
            let key = Int64(parts[2], radix: 36), text.utf8.count <= 64
        else { throw .badCursor }
        last = Match(isExact: parts[0] == "e", score: score, key: key)
    }

    var text: String {
        "\(last.isExact ? "e" : "f").\(String(last.score, radix: 36)).\(String(last.key, radix: 36))"
    }
}
