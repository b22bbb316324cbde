/// A type whose values are the rows of a table.
public protocol SQLRecord: Sendable {
    static var tableName: String { get }
    /// The columns of the primary key; empty where the table has none.
    static var keyColumns: [String] { get }

    init(_ row: SQLRow) throws

    /// All its columns with their values, the same columns each time.
    var columns: KeyValuePairs<String, (any SQLConvertible)?> { get }
}

extension SQLRecord {
    /// What is NULL of the key is the database's to give.
    public func insert(_ db: SQLConnection) throws {
        let given = columns.filter { column, value in value != nil || !Self.keyColumns.contains(column) }
        try db.execute(sql: Self.insertion(given.map(\.key)), arguments: Self.values(given))
    }

    /// Inserts the row, or replaces what is there by its key.
    public func save(_ db: SQLConnection) throws {
        let rest = columns.map(\.key).filter { !Self.keyColumns.contains($0) }
        let change = rest.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        try db.execute(
            sql: Self.insertion(columns.map(\.key))
                + " ON CONFLICT (\(Self.keyColumns.joined(separator: ", "))) DO UPDATE SET \(change)",
            arguments: Self.values(Array(columns)))
    }

    /// - Throws: `refused` where there is no such row.
    public func update(_ db: SQLConnection) throws {
        let rest = columns.filter { !Self.keyColumns.contains($0.key) }
        let change = rest.map { "\($0.key) = ?" }.joined(separator: ", ")
        try db.execute(
            sql: "UPDATE \(Self.tableName) SET \(change) WHERE \(Self.keyCondition)",
            arguments: Self.values(rest) + key)
        guard db.changesCount > 0 else {
            throw SQLDatabaseError.refused(code: "02000", reason: "there is no such row in \(Self.tableName) any more")
        }
    }

    public func delete(_ db: SQLConnection) throws {
        try db.execute(sql: "DELETE FROM \(Self.tableName) WHERE \(Self.keyCondition)", arguments: key)
    }

    public static func fetchAll(_ db: SQLConnection, sql: String, arguments: SQLArguments = []) throws -> [Self] {
        var found: [Self] = []
        try db.session.run(sql, arguments.values, isKept: false) { columns, values in
            found.append(try Self(SQLRow(columns: columns, values: values)))
            return true
        }
        return found
    }

    public static func fetchOne(_ db: SQLConnection, sql: String, arguments: SQLArguments = []) throws -> Self? {
        try SQLRow.fetchOne(db, sql: sql, arguments: arguments).map(Self.init)
    }

    public static func fetchAll(_ db: SQLConnection, _ sql: SQL) throws -> [Self] {
        try fetchAll(db, sql: sql.text, arguments: sql.arguments)
    }

    public static func fetchOne(_ db: SQLConnection, _ sql: SQL) throws -> Self? {
        try fetchOne(db, sql: sql.text, arguments: sql.arguments)
    }

    /// By a key of one column.
    public static func fetchOne(_ db: SQLConnection, key: some SQLConvertible) throws -> Self? {
        try SQLRow.fetchOne(
            db, sql: "SELECT * FROM \(tableName) WHERE \(keyCondition)", arguments: [key], isKept: true
        ).map(Self.init)
    }

    private static var keyCondition: String { keyColumns.map { "\($0) = ?" }.joined(separator: " AND ") }

    private static func insertion(_ columns: [String]) -> String {
        let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        return "INSERT INTO \(tableName) (\(columns.joined(separator: ", "))) VALUES (\(places))"
    }

    private static func values(_ columns: [(key: String, value: (any SQLConvertible)?)]) -> SQLArguments {
        SQLArguments(columns.map { $0.value?.sqlValue ?? .null })
    }

    private var key: SQLArguments {
        SQLArguments(
            Self.keyColumns.map { name in columns.first { $0.key == name }.flatMap { $0.value?.sqlValue } ?? .null })
    }
}
