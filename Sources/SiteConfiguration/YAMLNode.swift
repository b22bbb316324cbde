import Yams

/// A node of the file's tree, with the key path that leads to it.
struct YAMLNode {
    let node: Node
    let path: String

    var mark: Mark? { node.mark }

    /// What it is, for messages.
    var kind: String {
        switch node {
        case .mapping: "a section with keys"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar(let scalar):
            isNull ? "nothing" : "'\(shortened(scalar.string))'"
        }
    }

    /// A key with nothing after it, or `null`.
    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .any || scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The text of a scalar, whatever YAML would take it for: `010` stays `010`.
    var scalar: String? {
        guard case .scalar(let scalar) = node, !isNull else { return nil }
        return scalar.string
    }

    /// The elements of a list.
    var elements: [YAMLNode]? {
        guard case .sequence(let sequence) = node else { return nil }
        return sequence.enumerated().map { YAMLNode(node: $1, path: "\(path)[\($0)]") }
    }
}

/// Text from the file as it is quoted in a message: one line, not too long.
func shortened(_ text: String) -> String {
    let line = text.prefix(60).map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 32 } ? "?" : String($0) }
    return line.joined() + (text.count > 60 ? "…" : "")
}
