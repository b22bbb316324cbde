/// What JSON Schema (2020-12) can say of a value; what it cannot is in words in the key's description.
struct ValueShape: Hashable {
    enum Kind: Hashable {
        /// Whatever YAML takes a scalar for, its text counts: `pin: 2468` is text.
        case text
        case flag
        case integer
        case number
        case section
        indirect case list(ValueShape)
        /// One or the other.
        indirect case either(ValueShape, ValueShape)
    }

    var kind = Kind.text
    /// Of a number, or of a list's entries.
    var bounds: ClosedRange<Int>?
    var choices: [String] = []
    var isSecret = false
}

extension Configuration {
    /// A JSON Schema of the file, for editors and for who makes such files by program: what `causeway config schema` prints.
    public static func schemaText() -> String {
        var root: [(String, SchemaNode)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("causeway.yaml")),
        ]
        root += object(of: reference)
        return SchemaNode.object(root).lines(indent: 0) + "\n"
    }

    private static func object(of keys: [KeyReference]) -> [(String, SchemaNode)] {
        var members: [(String, SchemaNode)] = [
            ("type", .text("object")), ("additionalProperties", .flag(false)),
            ("properties", .object(keys.map { ($0.name, .object(property($0))) })),
        ]
        let required = keys.filter(\.isRequired).map { SchemaNode.text($0.name) }
        if !required.isEmpty { members.append(("required", .list(required))) }
        return members
    }

    private static func property(_ key: KeyReference) -> [(String, SchemaNode)] {
        var members = [("description", SchemaNode.text("\(key.documentation) (\(key.expects))"))]
        if let value = key.writtenDefault { members.append(("default", .literal(value, key.shape))) }
        if key.below.isEmpty {
            members += shape(key.shape)
        } else if key.isList {
            members += [("type", .list([.text("array"), .text("null")])), ("items", .object(object(of: key.below)))]
            if let bounds = key.shape.bounds { members += items(bounds) }
        } else {
            var below = object(of: key.below)
            // A section whose keys are all commented out is null.
            if !key.below.contains(where: \.isRequired) { below[0].1 = .list([.text("object"), .text("null")]) }
            members += below
        }
        return members
    }

    private static func items(_ bounds: ClosedRange<Int>) -> [(String, SchemaNode)] {
        [("minItems", .number(bounds.lowerBound)), ("maxItems", .number(bounds.upperBound))]
    }

    private static func shape(_ shape: ValueShape) -> [(String, SchemaNode)] {
        switch shape.kind {
        case .text:
            var members: [(String, SchemaNode)] =
                shape.choices.isEmpty
                ? [("type", .list([.text("string"), .text("number")]))]
                : [("enum", .list(shape.choices.map { .text($0) }))]
            if shape.isSecret { members.append(("writeOnly", .flag(true))) }
            return members
        case .flag: return [("type", .text("boolean"))]
        case .integer:
            let bounds = shape.bounds.map {
                [("minimum", SchemaNode.number($0.lowerBound)), ("maximum", .number($0.upperBound))]
            }
            return [("type", .text("integer"))] + (bounds ?? [])
        case .number: return [("type", .text("number"))]
        case .section: return [("type", .text("object"))]
        case .list(let element):
            return [("type", .text("array")), ("items", .object(Self.shape(element)))] + (shape.bounds.map(items) ?? [])
        case .either(let one, let other):
            return [("anyOf", .list([.object(Self.shape(one)), .object(Self.shape(other))]))]
        }
    }
}

/// JSON whose members stay in the order in which they are given, as the configuration has them.
private indirect enum SchemaNode {
    case text(String)
    case number(Int)
    /// As it is.
    case plain(String)
    case flag(Bool)
    case list([SchemaNode])
    case object([(String, SchemaNode)])

    /// A default, as it is written in YAML.
    static func literal(_ text: String, _ shape: ValueShape) -> SchemaNode {
        switch shape.kind {
        case .flag: .flag(text == "true")
        case .integer: Int(text).map(SchemaNode.number) ?? .text(text)
        case .list(let element):
            .list(
                text.dropFirst().dropLast().split(separator: ",").map {
                    literal(String($0.drop { $0 == " " }), element)
                })
        case .number: .plain(text)
        case .text, .section, .either: .text(unquoted(text))
        }
    }

    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("'") && text.hasSuffix("'")
            ? String(text.dropFirst().dropLast()).replacing("''", with: "'") : text
    }

    func lines(indent: Int) -> String {
        let inner = String(repeating: " ", count: indent + 2)
        let outer = String(repeating: " ", count: indent)
        switch self {
        case .text(let text): return Self.quoted(text)
        case .number(let number): return String(number)
        case .plain(let text): return text
        case .flag(let flag): return flag ? "true" : "false"
        case .list(let nodes): return "[" + nodes.map { $0.lines(indent: indent) }.joined(separator: ", ") + "]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { "\(inner)\(Self.quoted($0.0)): \($0.1.lines(indent: indent + 2))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
