/// Rows in aligned columns. Where the terminal is narrower than they are, one column gives way.
struct TextTable {
    enum Alignment { case left, right }
    struct Column {
        var title: String
        var alignment: Alignment = .left
        /// This one is cut short first; one a table.
        var givesWay = false
    }

    private static let gap = "  "
    private static let narrowest = 8
    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// A cell for each column; what is missing is empty.
    mutating func add(_ cells: [String]) {
        let cells = cells.prefix(columns.count).map(DisplayWidth.harmless)
        rows.append(cells + Array(repeating: "", count: columns.count - cells.count))
    }

    /// Lines without trailing blanks; `width` is the terminal's, nil where there is none.
    func lines(width: Int?) -> [String] {
        var widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index])) }
        }
        let total = widths.reduce(0, +) + Self.gap.count * max(0, columns.count - 1)
        if let width, total > width, let index = columns.firstIndex(where: \.givesWay) {
            widths[index] = max(Self.narrowest, widths[index] - (total - width))
        }
        return ([columns.map(\.title)] + rows).map { cells in
            let padded = cells.indices.map { index in
                let text = DisplayWidth.truncated(cells[index], to: widths[index])
                let blank = String(repeating: " ", count: widths[index] - DisplayWidth.of(text))
                return columns[index].alignment == .left ? text + blank : blank + text
            }
            let line = padded.joined(separator: Self.gap)
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
