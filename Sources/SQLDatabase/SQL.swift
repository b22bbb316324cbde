/// A piece of SQL with its values. What is interpolated is never part of the text:
///
///     let condition: SQL = "room = \(room) AND state IN \(states)"
///
/// A piece within another keeps its own values; a list is its values in brackets, and an empty one nothing is in.
public struct SQL: ExpressibleByStringInterpolation, Sendable {
    public var text: String
    public var arguments: SQLArguments

    public init(stringLiteral text: String) {
        self.text = text
        arguments = []
    }

    public init(text: String, arguments: SQLArguments = []) {
        self.text = text
        self.arguments = arguments
    }

    public init(stringInterpolation pieces: StringInterpolation) {
        text = pieces.text
        arguments = SQLArguments(pieces.values)
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var values: [SQLValue] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
        }
        public mutating func appendLiteral(_ literal: String) { text += literal }

        public mutating func appendInterpolation(_ value: (any SQLConvertible)?) {
            text += "?"
            values.append(value?.sqlValue ?? .null)
        }

        public mutating func appendInterpolation(_ list: some Collection<some SQLConvertible>) {
            // `IN ()` is none of the language's; what compares with NULL alone finds nothing.
            text +=
                list.isEmpty ? "(NULL)" : "(" + Array(repeating: "?", count: list.count).joined(separator: ", ") + ")"
            values += list.map(\.sqlValue)
        }

        public mutating func appendInterpolation(_ piece: SQL) {
            text += piece.text
            values += piece.arguments.values
        }
    }
}

extension Sequence<SQL> {
    public func joined(separator: String) -> SQL {
        SQL(
            text: map(\.text).joined(separator: separator),
            arguments: SQLArguments(flatMap(\.arguments.values)))
    }
}
