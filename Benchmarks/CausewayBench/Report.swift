import Foundation

/// Prints tables as they come, or keeps them for one JSON object.
struct Report {
    let isJSON: Bool
    private var collected: [String: Any] = [:]

    init(isJSON: Bool) { self.isJSON = isJSON }

    mutating func note(_ name: String, _ value: String) {
        if isJSON { collected[name] = value } else { print("\(name): \(value)") }
    }

    mutating func add(_ table: Table) {
        if isJSON { collected[table.name] = table.json } else { print("\n\(table.rendered)\n") }
    }

    /// What is being measured, for who watches a terminal.
    func progress(_ what: String) {
        guard isatty(2) != 0 else { return }
        FileHandle.standardError.write(Data("measuring \(what)\n".utf8))
    }

    func finish() throws {
        guard isJSON else { return }
        let data = try JSONSerialization.data(withJSONObject: collected, options: [.prettyPrinted, .sortedKeys])
        print(String(decoding: data, as: UTF8.self))
    }
}
