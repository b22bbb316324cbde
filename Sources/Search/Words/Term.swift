/// What stands in the index. At each word's position are its folded form (`hop`), its exact form (`=họp.`) and, where a word
/// follows, both folded (`+hop giao`): phrases and document numbers are found by these pairs, without comparing
/// the positions of common syllables in each meeting. Facets (`@r:giaoban`) are properties of the meeting.
enum Term {
    static func exact(_ word: WordScanner.Word) -> [UInt8]? {
        word.exact.isEmpty ? nil : [UInt8(ascii: "=")] + word.exact
    }

    static func pair(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "+")] + first + [UInt8(ascii: " ")] + second
    }

    static let boundary: [UInt8] = [UInt8(ascii: ".")]
    /// Stands nowhere.
    static let nothing: [UInt8] = [UInt8(ascii: "!")]

    /// As FTS5 takes a term, whatever is in it.
    static func quoted(_ term: [UInt8]) -> String {
        "\"" + String(decoding: term, as: UTF8.self).replacing("\"", with: "\"\"") + "\""
    }
}
