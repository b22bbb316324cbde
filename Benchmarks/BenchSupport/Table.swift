import Foundation

/// One table of the report: rows of named figures.
package struct Table {
    package let name: String
    package let title: String
    /// Column names with units; the same names, as they are, are the keys of the JSON.
    package let columns: [String]
    package var rows: [[Cell]] = []

    package init(name: String, title: String, columns: [String]) {
        self.name = name
        self.title = title
        self.columns = columns
    }

    package enum Cell {
        case text(String)
        case number(Double, decimals: Int)

        package var shown: String {
            switch self {
            case .text(let text): text
            case .number(let value, let decimals): Self.grouped(value, decimals)
            }
        }

        var json: Any {
            switch self {
            case .text(let text): text
            case .number(let value, let decimals):
                decimals == 0
                    ? Int(value.rounded()) as Any : NSDecimalNumber(string: String(format: "%.\(decimals)f", value))
            }
        }

        private static func grouped(_ value: Double, _ decimals: Int) -> String {
            let plain = String(format: "%.\(decimals)f", value)
            let parts = plain.split(separator: ".", maxSplits: 1)
            var digits = ""
            for (index, digit) in parts[0].reversed().enumerated() {
                if index > 0, index.isMultiple(of: 3), digit != "-" { digits.append(",") }
                digits.append(digit)
            }
            return String(digits.reversed()) + (parts.count > 1 ? "." + parts[1] : "")
        }
    }

    /// Text to the left, figures to the right, under their column's name.
    package var rendered: String {
        let texts = rows.map { $0.map(\.shown) }
        let widths = columns.indices.map { column in
            max(columns[column].count, texts.map { $0[column].count }.max() ?? 0)
        }
        func line(_ cells: [String], _ kinds: [Cell]?) -> String {
            cells.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - cells[column].count)
                if case .number? = (kinds ?? rows.first)?[column] { return padding + cells[column] }
                return cells[column] + padding
            }.joined(separator: "  ")
        }
        let head = line(columns, nil)
        let body = rows.indices.map { line(texts[$0], rows[$0]) }
        return ([title, head, String(repeating: "-", count: head.count)] + body).joined(separator: "\n")
    }

    package var json: Any {
        rows.map { Dictionary(uniqueKeysWithValues: zip(columns, $0.map(\.json))) }
    }
}
