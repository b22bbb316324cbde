/// The columns of a result, shared by its rows.
final class SQLColumns: Sendable {
    let names: [String]
    init(_ names: [String]) { self.names = names }

    /// Without regard to case: PostgreSQL folds the names of columns.
    func index(of name: String) -> Int? {
        names.firstIndex(of: name) ?? names.firstIndex { Self.isSame($0, name) }
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.elementsEqual(other.utf8) { folded($0) == folded($1) }
    }

    private static func folded(_ octet: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet) ? octet | 0x20 : octet
    }
}

/// A row of a result. It stands for itself: it may be kept, and leave the closure that read it.
public struct SQLRow: Sendable {
    let columns: SQLColumns
    /// In the order of the columns.
    public let values: [SQLValue]

    public var columnNames: [String] { columns.names }

    /// NULL too for a column that is not there.
    public func value(_ column: String) -> SQLValue { columns.index(of: column).map { values[$0] } ?? .null }

    /// What a column that is never NULL has. A schema that says otherwise is a mistake of the program, and ends it.
    public subscript<Value: SQLConvertible>(column: String) -> Value {
        guard let index = columns.index(of: column) else {
            preconditionFailure("no column \(column) among \(columnNames)")
        }
        guard let value = Value(sqlValue: values[index]) else {
            preconditionFailure("column \(column) has no \(Value.self)")
        }
        return value
    }

    /// Nil where the column is NULL, of another type, or not there.
    public subscript<Value: SQLConvertible>(column: String) -> Value? { Value(sqlValue: value(column)) }

    public subscript<Value: SQLConvertible>(index: Int) -> Value? { Value(sqlValue: values[index]) }
}
