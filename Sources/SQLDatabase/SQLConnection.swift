/// Which language a database speaks, where the two differ.
public enum SQLDialect: Sendable { case sqlite, postgres }

/// What one statement can be asked of. Confined to the thread on which its transaction runs.
protocol SQLSession: AnyObject {
    var dialect: SQLDialect { get }

    /// Runs a statement and hands out its rows as they come; `each` says whether it wants more of a statement that only reads.
    /// Several statements may be given where there are no arguments.
    /// - Parameter isKept: whether it is run so often that it should be prepared once.
    /// - Returns: how many rows it wrote.
    @discardableResult
    func run(
        _ sql: String, _ arguments: [SQLValue], isKept: Bool, each: (SQLColumns, [SQLValue]) throws -> Bool
    ) throws -> Int

    /// As `run`, without holding the whole result; other statements may be run meanwhile.
    func scan(_ sql: String, _ arguments: [SQLValue], each: (SQLColumns, [SQLValue]) throws -> Bool) throws

    func notify(_ channel: String, _ payload: String) throws

    /// Once the transaction is committed, before another begins that writes.
    func afterCommit(_ act: @escaping @Sendable () -> Void)
}

/// A transaction in a database: what the closures of ``SQLDatabase`` get. It must not leave them.
public final class SQLConnection {
    let session: any SQLSession
    /// Whether the transaction may write.
    public let isWriting: Bool

    init(_ session: any SQLSession, isWriting: Bool) {
        self.session = session
        self.isWriting = isWriting
    }

    public var dialect: SQLDialect { session.dialect }

    /// How many rows the last `execute` wrote.
    public private(set) var changesCount = 0

    /// Runs a statement, or, without arguments, several divided by `;`. `?` stands for each argument in turn.
    /// - Parameter isKept: whether it is run so often that it should be prepared once.
    /// - Returns: how many rows it wrote.
    @discardableResult
    public func execute(sql: String, arguments: SQLArguments = [], isKept: Bool = false) throws -> Int {
        changesCount = try session.run(sql, arguments.values, isKept: isKept) { _, _ in true }
        return changesCount
    }

    @discardableResult
    public func execute(_ sql: SQL) throws -> Int { try execute(sql: sql.text, arguments: sql.arguments) }

    /// Inserts a row, and gives its number: an `INSERT … RETURNING id`.
    public func insert(sql: String, arguments: SQLArguments = []) throws -> Int64 {
        guard let number = try Int64.fetchOne(self, sql: sql, arguments: arguments) else {
            throw SQLDatabaseError.refused(code: "02000", reason: "no row was inserted")
        }
        return number
    }

    /// Hands out row by row of a long result, which is not held as a whole. Other statements may be run meanwhile.
    public func forEach(sql: String, arguments: SQLArguments = [], _ body: (SQLRow) throws -> Void) throws {
        try session.scan(sql, arguments.values) { columns, values in
            try body(SQLRow(columns: columns, values: values))
            return true
        }
    }

    /// Done when the transaction is committed, in the order of the commits of this process; never where it is rolled back.
    public func afterCommit(_ act: @escaping @Sendable () -> Void) { session.afterCommit(act) }

    /// Does part of a transaction so that it can fail without failing the rest: PostgreSQL lets nothing be done any more in a transaction in
    /// which a statement failed. Whoever catches an error of a statement and goes on does both around this.
    public func inSavepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try execute(sql: "SAVEPOINT part")
        do {
            let value = try body()
            try execute(sql: "RELEASE SAVEPOINT part")
            return value
        } catch {
            _ = try? execute(sql: "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
            throw error
        }
    }

    /// Tells those who listen to `channel` when this is committed, in whichever process they are; see ``SQLDatabase/notifications(on:)``.
    /// Of SQLite's files there is one process, which knows: nothing is told.
    /// - Parameter payload: at most 4,000 octets.
    public func notify(_ channel: String, _ payload: String = "") throws {
        try session.notify(channel.lowercased(), payload)
    }
}

// MARK: Fetching, as of GRDB

extension SQLRow {
    public static func fetchAll(_ db: SQLConnection, sql: String, arguments: SQLArguments = []) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        try db.session.run(sql, arguments.values, isKept: false) { columns, values in
            rows.append(SQLRow(columns: columns, values: values))
            return true
        }
        return rows
    }

    /// The first row; also of an `INSERT … RETURNING`.
    /// - Parameter isKept: whether it is run so often that it should be prepared once.
    public static func fetchOne(
        _ db: SQLConnection, sql: String, arguments: SQLArguments = [], isKept: Bool = false
    ) throws -> SQLRow? {
        var row: SQLRow?
        try db.session.run(sql, arguments.values, isKept: isKept) { columns, values in
            if row == nil { row = SQLRow(columns: columns, values: values) }
            return false
        }
        return row
    }

    public static func fetchAll(_ db: SQLConnection, _ sql: SQL) throws -> [SQLRow] {
        try fetchAll(db, sql: sql.text, arguments: sql.arguments)
    }

    public static func fetchOne(_ db: SQLConnection, _ sql: SQL) throws -> SQLRow? {
        try fetchOne(db, sql: sql.text, arguments: sql.arguments)
    }
}

extension SQLConvertible {
    /// The first column of each row; rows where it is NULL, or of another type, are passed over.
    public static func fetchAll(_ db: SQLConnection, sql: String, arguments: SQLArguments = []) throws -> [Self] {
        var found: [Self] = []
        try db.session.run(sql, arguments.values, isKept: false) { _, values in
            if let value = values.first.flatMap(Self.init(sqlValue:)) { found.append(value) }
            return true
        }
        return found
    }

    /// The first column of the first row; nil where there is no row, or it is NULL.
    public static func fetchOne(_ db: SQLConnection, sql: String, arguments: SQLArguments = []) throws -> Self? {
        try SQLRow.fetchOne(db, sql: sql, arguments: arguments)?.values.first.flatMap(Self.init(sqlValue:))
    }

    public static func fetchAll(_ db: SQLConnection, _ sql: SQL) throws -> [Self] {
        try fetchAll(db, sql: sql.text, arguments: sql.arguments)
    }

    public static func fetchOne(_ db: SQLConnection, _ sql: SQL) throws -> Self? {
        try fetchOne(db, sql: sql.text, arguments: sql.arguments)
    }
}

extension SQLConvertible where Self: Hashable {
    public static func fetchSet(_ db: SQLConnection, sql: String, arguments: SQLArguments = []) throws -> Set<Self> {
        Set(try fetchAll(db, sql: sql, arguments: arguments))
    }
}
