import Foundation

/// Lines of RFC 4180, in UTF-8 with a byte order mark, by which spreadsheets know it.
struct CSVTable {
    private var text = "\u{FEFF}"

    init(_ headings: [String]) { add(headings) }

    mutating func add(_ values: [String]) {
        text += values.map(Self.quoted).joined(separator: ",") + "\r\n"
    }

    var data: Data { Data(text.utf8) }

    /// A value that a spreadsheet would take for a formula gets an apostrophe.
    private static func quoted(_ value: String) -> String {
        let isFormula = value.first.map { "=+-@\t\r".contains($0) } ?? false
        let value = (isFormula ? "'" : "") + value
        guard value.contains(where: { ",\"\n\r\r\n".contains($0) }) else { return value }
        return "\"" + value.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}
