import Foundation

/// Prints tables as they come, or keeps them for one JSON object.
package struct Report {
    package let isJSON: Bool
    private var collected: [String: Any] = [:]

    package init(isJSON: Bool) { self.isJSON = isJSON }

    package mutating func note(_ name: String, _ value: String) {
        if isJSON { collected[name] = value } else { print("\(name): \(value)") }
    }

    package mutating func add(_ table: Table) {
        if isJSON { collected[table.name] = table.json } else { print("\n\(table.rendered)\n") }
    }

    /// What is being measured, for who watches a terminal.
    package func progress(_ what: String) {
        guard isatty(2) != 0 else { return }
        FileHandle.standardError.write(Data("measuring \(what)\n".utf8))
    }

    package func finish() throws {
        guard isJSON else { return }
        let data = try JSONSerialization.data(withJSONObject: collected, options: [.prettyPrinted, .sortedKeys])
        print(String(decoding: data, as: UTF8.self))
    }
}
