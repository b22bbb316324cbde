/// The columns of a result, shared by its rows.
final class SQLColumns: Sendable {
    let names: [String]
    /// As they are, and in lower case.
    private let places: [String: Int]

    init(_ names: [String]) {
        self.names = names
        var places: [String: Int] = [:]
        places.reserveCapacity(names.count * 2)
        for (index, name) in names.enumerated().reversed() {
            places[name.lowercased()] = index
            places[name] = index
        }
        self.places = places
    }

    /// Without regard to case: PostgreSQL folds the names of columns.
    func index(of name: String) -> Int? { places[name] ?? places[name.lowercased()] }
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
