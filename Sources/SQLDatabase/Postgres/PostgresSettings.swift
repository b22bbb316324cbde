/// Where in which database of PostgreSQL (13 or newer, UTF-8) a store is.
public struct PostgresSettings: Sendable {
    /// As libpq takes it: `host=db1,db2 dbname=causeway user=causeway target_session_attrs=read-write passfile=…`, or a URI. Best without a
    /// password, which a `passfile` has.
    public var conninfo: String
    /// The store's schema: lower-case letters, digits and `_`; made where it is not there.
    public var schema: String
    /// How many connections read; one more writes. Each has a thread.
    public var readers: Int
    /// To make a connection, for each address that the host has; seconds.
    public var connectTimeout: Int
    /// For a statement, and for the lock that what writes waits for; seconds.
    public var statementTimeout: Int
    /// How long is waited for the database to come back and say what became of a commit whose answer was lost; seconds.
    public var outcomePatience: Int

    public init(
        conninfo: String, schema: String, readers: Int = 3, connectTimeout: Int = 5, statementTimeout: Int = 15,
        outcomePatience: Int = 75
    ) {
        self.conninfo = conninfo
        self.schema = schema
        self.readers = readers
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.outcomePatience = outcomePatience
    }
}
