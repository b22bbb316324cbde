import CPostgres
import Foundation

/// A connection to PostgreSQL. Every call blocks, for no longer than its time limits say; confined to a thread.
final class PostgresSession: SQLSession {
    private let connection: OpaquePointer
    private let schema: String
    /// For the answer to a statement, longer than the server's own limit, which ends a statement in order.
    private let patience: Duration
    private var numbered: [String: String] = [:]
    private var commits: [@Sendable () -> Void] = []
    private var scans = 0
    /// What the last statement that failed in this transaction said.
    private(set) var failure: PostgresFailure?
    /// Whether the line is gone; nothing can be asked any more.
    private(set) var isBroken = false

    var dialect: SQLDialect { .postgres }

    /// Connects.
    init(_ settings: PostgresSettings) throws {
        // What the conninfo says comes last and prevails.
        let parameters: KeyValuePairs<String, String> = [
            "connect_timeout": String(max(2, settings.connectTimeout)), "application_name": "causeway",
            // A machine that vanished is noticed within about ten seconds.
            "keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
            "tcp_user_timeout": "10000", "dbname": settings.conninfo, "client_encoding": "UTF8",
        ]
        let keys = parameters.map { strdup($0.key) }
        let values = parameters.map { strdup($0.value) }
        defer { for text in keys + values { free(text) } }
        let made = PQconnectdbParams(
            keys.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
        guard let made else { throw SQLDatabaseError.unreachable(reason: "there is no memory for a connection") }
        connection = made
        schema = settings.schema
        patience = .seconds(settings.statementTimeout + 5)
        PQsetNoticeProcessor(made, { _, _ in }, nil)
        guard PQstatus(made) == CONNECTION_OK else {
            let failure = PostgresFailure(lineOf: made)
            isBroken = true
            throw failure.error
        }
        PQsetnonblocking(made, 1)
        guard PQserverVersion(made) >= 130_000 else {
            throw SQLDatabaseError.refused(code: "version", reason: "PostgreSQL is older than 13; install a newer one")
        }
        guard PQparameterStatus(made, "server_encoding").map({ String(cString: $0) }) == "UTF8" else {
            throw SQLDatabaseError.refused(
                code: "encoding", reason: "the database is not in UTF-8; make it with ENCODING 'UTF8'")
        }
        let limit = settings.statementTimeout * 1000
        // One that is paused in the middle of a transaction keeps others from writing no longer than the last limit.
        try run(
            """
            SET search_path = \(schema); SET statement_timeout = \(limit); SET lock_timeout = \(limit);
            SET idle_in_transaction_session_timeout = \(limit * 2); SET standard_conforming_strings = on;
            SET bytea_output = hex; SET extra_float_digits = 1
            """, [], isKept: false
        ) { _, _ in true }
    }

    deinit { PQfinish(connection) }

    /// Host and database, for messages.
    var name: String {
        let host = PQhost(connection).map { String(cString: $0) } ?? ""
        let database = PQdb(connection).map { String(cString: $0) } ?? ""
        return "PostgreSQL \(host)/\(database), schema \(schema)"
    }

    // MARK: Transactions

    /// - Parameter lock: taken first, and held until the end.
    /// - Returns: the transaction's number, of one that writes.
    func begin(_ access: SQLAccess, lock: Int64) throws -> UInt64? {
        (commits, failure, scans) = ([], nil, 0)
        let sql =
            switch access {
            case .reading: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            // READ COMMITTED: what is read after the lock is as the one before left it.
            case .writing: "BEGIN; SELECT pg_current_xact_id() FROM pg_advisory_xact_lock(\(lock))"
            case .writingBeside: "BEGIN; SELECT pg_current_xact_id()"
            }
        var number: UInt64?
        try run(sql, [], isKept: false) { _, values in
            number = values.first.flatMap(String.init(sqlValue:)).flatMap { UInt64($0) }
            return true
        }
        return number
    }

    /// Whether a statement failed, so that nothing can be committed.
    var isFailed: Bool { PQtransactionStatus(connection) == PQTRANS_INERROR }

    /// Commits, and does what waited for it.
    func commit() throws {
        try run("COMMIT", [], isKept: false) { _, _ in true }
        didCommit()
    }

    func didCommit() {
        let acts = commits
        commits = []
        for act in acts { act() }
    }

    func rollback() {
        commits = []
        guard !isBroken, PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        _ = try? run("ROLLBACK", [], isKept: false) { _, _ in true }
    }

    /// What became of a transaction: `committed`, `aborted`, `in progress`; nil where the server knows it no more.
    func status(of transaction: UInt64) throws -> String? {
        var status: String?
        try run("SELECT pg_xact_status('\(transaction)'::xid8)", [], isKept: false) { _, values in
            status = values.first.flatMap(String.init(sqlValue:))
            return true
        }
        return status
    }

    func afterCommit(_ act: @escaping @Sendable () -> Void) { commits.append(act) }

    /// What others do for the commit of a session that broke before it was told.
    func takeCommits() -> [@Sendable () -> Void] {
        defer { commits = [] }
        return commits
    }

    // MARK: Statements

    @discardableResult
    func run(
        _ sql: String, _ arguments: [SQLValue], isKept: Bool, each: (SQLColumns, [SQLValue]) throws -> Bool
    ) throws -> Int {
        guard !isBroken else { throw SQLDatabaseError.unreachable(reason: "the line to the database broke") }
        let isSent =
            arguments.isEmpty
            ? PQsendQuery(connection, sql) == 1 : PostgresArguments(arguments).send(numbered(sql), on: connection)
        guard isSent else { throw broken() }
        let deadline = ContinuousClock.now + patience
        try flush(until: deadline)
        var changes = 0
        var failed: (any Error)?
        while let result = try next(until: deadline) {
            defer { PQclear(result) }
            guard failed == nil else { continue }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK:
                do { try hand(out: result, each) } catch { failed = error }
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            default:
                let failure = PostgresFailure(result)
                self.failure = failure
                failed = failure.error
            }
            changes = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? changes
        }
        if PQstatus(connection) == CONNECTION_BAD { isBroken = true }
        if let failed { throw failed }
        return changes
    }

    func scan(_ sql: String, _ arguments: [SQLValue], each: (SQLColumns, [SQLValue]) throws -> Bool) throws {
        scans += 1
        let name = "scan_\(scans)"
        try run("DECLARE \(name) NO SCROLL CURSOR FOR \(sql)", arguments, isKept: false) { _, _ in true }
        var isMore = true
        while isMore {
            var rows: [(SQLColumns, [SQLValue])] = []
            try run("FETCH 256 FROM \(name)", [], isKept: false) { columns, values in
                rows.append((columns, values))
                return true
            }
            isMore = !rows.isEmpty
            for (columns, values) in rows where isMore { isMore = try each(columns, values) }
        }
        try run("CLOSE \(name)", [], isKept: false) { _, _ in true }
    }

    private func hand(out result: OpaquePointer, _ each: (SQLColumns, [SQLValue]) throws -> Bool) throws {
        let count = PQnfields(result)
        let columns = SQLColumns((0..<count).map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
        let types = (0..<count).map { PQftype(result, $0) }
        for row in 0..<PQntuples(result) {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(count))
            for column in 0..<count {
                guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
                    values.append(.null)
                    continue
                }
                let length = Int(PQgetlength(result, row, column))
                values.append(
                    start.withMemoryRebound(to: UInt8.self, capacity: length) {
                        PostgresType.value(UnsafeBufferPointer(start: $0, count: length), types[Int(column)])
                    })
            }
            if try !each(columns, values) { return }
        }
    }

    private func numbered(_ sql: String) -> String {
        if let text = numbered[sql] { return text }
        let text = Placeholders.numbered(sql)
        if numbered.count >= 500 { numbered = [:] }
        numbered[sql] = text
        return text
    }

    // MARK: Notifications

    func listen(_ channel: String) throws {
        _ = try run("LISTEN \(schema)_\(channel)", [], isKept: false) { _, _ in true }
    }

    func notify(_ channel: String, _ payload: String) throws {
        try run("SELECT pg_notify(?, ?)", [.text("\(schema)_\(channel)"), .text(payload)], isKept: false) { _, _ in true
        }
    }

    /// What was told, after at most `patience`.
    func notifications(within patience: Duration) throws -> [String] {
        let deadline = ContinuousClock.now + patience
        while true {
            guard PQconsumeInput(connection) == 1 else { throw broken() }
            var told: [String] = []
            while let notification = PQnotifies(connection) {
                if let extra = notification.pointee.extra { told.append(String(cString: extra)) }
                PQfreemem(notification)
            }
            if !told.isEmpty || ContinuousClock.now >= deadline { return told }
            try wait(Int16(POLLIN), until: deadline, isEnd: false)
        }
    }

    // MARK: The line

    private func flush(until deadline: ContinuousClock.Instant) throws {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                try wait(Int16(POLLIN | POLLOUT), until: deadline)
                guard PQconsumeInput(connection) == 1 else { throw broken() }
            default: throw broken()
            }
        }
    }

    private func next(until deadline: ContinuousClock.Instant) throws -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            try wait(Int16(POLLIN), until: deadline)
            guard PQconsumeInput(connection) == 1 else { throw broken() }
        }
        return PQgetResult(connection)
    }

    /// Waits for the socket. At the deadline the line is given up: a server that does not answer after its own limit does not answer.
    private func wait(_ events: Int16, until deadline: ContinuousClock.Instant, isEnd: Bool = true) throws {
        let left = max(0, (deadline - .now) / .milliseconds(1))
        var place = pollfd(fd: PQsocket(connection), events: events, revents: 0)
        let count = poll(&place, 1, Int32(min(left.rounded(.up), 60_000)))
        if count == 0, isEnd, ContinuousClock.now >= deadline {
            isBroken = true
            throw SQLDatabaseError.unreachable(reason: "the database does not answer")
        }
        if count < 0, errno != EINTR { throw broken() }
    }

    private func broken() -> SQLDatabaseError {
        isBroken = true
        let failure = PostgresFailure(lineOf: connection)
        self.failure = failure
        return failure.error
    }
}

/// What the server, or the line to it, says.
struct PostgresFailure {
    /// SQLSTATE; 08006 of a line that broke.
    let code: String
    let reason: String

    init(_ result: OpaquePointer) {
        func field(_ name: UnicodeScalar) -> String? {
            PQresultErrorField(result, Int32(name.value)).map { String(cString: $0) }
        }
        code = field("C") ?? "08006"
        // The detail has values, which belong in no log.
        reason = Self.line(field("M") ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? "")
    }

    init(lineOf connection: OpaquePointer) {
        code = "08006"
        reason = Self.line(PQerrorMessage(connection).map { String(cString: $0) } ?? "")
    }

    private static func line(_ text: String) -> String {
        let first = text.split(separator: "\n").first ?? "the line to the database broke"
        return String(first.prefix(300))
    }

    /// Whether the server gave up one of several that hindered each other; done again it may go through.
    var isForOthersSake: Bool { code == "40001" || code == "40P01" }

    /// Classes of SQLSTATE: PostgreSQL's manual, appendix A.
    var error: SQLDatabaseError {
        switch (code.prefix(2), code) {
        // Lines, shutdowns, too many connections, limits of time, and others that were in the way.
        case ("08", _), ("40", _), (_, "57P01"), (_, "57P02"), (_, "57P03"), (_, "57014"), (_, "55P03"), (_, "53300"),
            (_, "25P03"):
            .unreachable(reason: reason)
        case (_, "53100"): .diskFull(reason: reason)
        case (_, "25006"): .readOnly(reason: reason)
        case ("28", _), (_, "42501"): .permissionDenied(reason: reason)
        case ("23", _): .constraint(reason: reason)
        case ("XX", "XX001"), ("XX", "XX002"): .corrupt(reason: reason)
        default: .refused(code: code, reason: reason)
        }
    }
}
