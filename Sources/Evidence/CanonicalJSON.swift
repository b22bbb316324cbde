public import Foundation

/// JSON that has one spelling only (RFC 8785), so that its bytes can be signed: members in the order of their names, no white
/// space, whole numbers.
public indirect enum CanonicalJSON: Sendable, Equatable {
    case string(String)
    case integer(Int64)
    case array([CanonicalJSON])
    case object([String: CanonicalJSON])

    /// An object without the members that are nil.
    static func members(_ members: [String: CanonicalJSON?]) -> CanonicalJSON {
        .object(members.compactMapValues { $0 })
    }

    public var text: String {
        switch self {
        case .string(let value): Self.quoted(value)
        case .integer(let value): String(value)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
                .map { Self.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }

    public var data: Data { Data(text.utf8) }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{8}": result += "\\b"
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\u{c}": result += "\\f"
            case "\r": result += "\\r"
            case "\u{0}"..<" ": result += "\\u00" + Hex.text([UInt8(truncatingIfNeeded: scalar.value)])
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension CanonicalJSON {
    static func optional(_ text: String?) -> CanonicalJSON? { text.map { .string($0) } }
}
