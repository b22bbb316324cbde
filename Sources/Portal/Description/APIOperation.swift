import HTTPTypes

/// What can be asked of the interface below `/api/v1`: of these the description is made (`/api/v1/openapi.json`), and tests go through
/// them in each role. A route without an entry here, or an entry without a route, fails a test.
struct APIOperation: Sendable {
    /// Who may.
    enum Access: Equatable, Sendable {
        case action(PortalAction)
        /// Whoever has any token or session.
        case anybody
        /// Whoever signs in, or has signed in, by a browser; tokens have no session.
        case session
    }

    struct Parameter: Sendable {
        var name: String
        var schema: JSONValue
        var summary: String
        var isRequired = false
    }

    /// A schema is made when the description is.
    typealias Schema = @Sendable (SchemaBook) throws -> JSONValue

    enum Content: Sendable {
        case none
        case json(Schema)
        /// JSON, or where it is asked for one of these media types.
        case jsonOr(Schema, [String])
        /// Media types; what they hold is not described.
        case octets([String])
    }

    var method: HTTPRequest.Method
    /// Below `/api/v1`, with parts in braces.
    var path: String
    var access: Access
    var summary: String
    var query: [Parameter] = []
    var body = Content.none
    /// Of what succeeds; the first is usual.
    var statuses = [200]
    var answer = Content.none

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: String, query: [Parameter] = [],
        body: Content = .none, _ answer: Content = .none, statuses: [Int] = [200]
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.query = query
        self.body = body
        self.answer = answer
        self.statuses = statuses
    }

    init(
        _ method: HTTPRequest.Method, _ path: String, _ action: PortalAction, _ summary: String,
        query: [Parameter] = [], body: Content = .none, _ answer: Content = .none, statuses: [Int] = [200]
    ) {
        self.init(
            method, path, .action(action), summary, query: query, body: body, answer, statuses: statuses)
    }
}

extension APIOperation.Content {
    /// What is written.
    static func of<Value: Decodable & Sendable>(_ type: Value.Type) -> Self {
        .json { try $0.schema(of: type, .answer) }
    }

    /// What is read.
    static func reading<Value: Decodable & Sendable>(_ type: Value.Type) -> Self {
        .json { try $0.schema(of: type, .request) }
    }

    /// What is written, or a table of it.
    static func table<Value: Decodable & Sendable>(of type: Value.Type) -> Self {
        .jsonOr({ try $0.schema(of: type, .answer) }, ["text/csv"])
    }

    static let csv = Self.octets(["text/csv"])
    static let anything = Self.octets(["*/*"])
    static let lines = Self.octets(["application/x-ndjson"])
    static let stored = Self.octets(["application/octet-stream"])
}

extension APIOperation.Parameter {
    static func text(_ name: String, _ summary: String, isRequired: Bool = false) -> Self {
        Self(name: name, schema: ["type": "string"], summary: summary, isRequired: isRequired)
    }

    static func number(_ name: String, _ range: ClosedRange<Int>, _ summary: String) -> Self {
        Self(
            name: name,
            schema: ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)],
            summary: summary)
    }

    static func choice(_ name: String, _ values: [String], _ summary: String) -> Self {
        Self(name: name, schema: ["type": "string", "enum": .strings(values)], summary: summary)
    }

    static let from = text("from", "Opened then or later: a day, or a time (ISO 8601).")
    static let to = text("to", "Opened before that time, or on that day or earlier.")
    static let after = text("after", "`next` of the page before.")
    static let language = choice("lang", ["vi", "en"], "vi where nothing is said.")
    static let span = [
        Self(name: "from", schema: ["type": "number", "minimum": 0], summary: "Seconds of the recording."),
        Self(
            name: "to", schema: ["type": "number", "minimum": 0], summary: "Seconds; to the end where nothing is said."),
    ]
    static let before = number("before", 0...Int.max, "Older than this one of the page before.")
}
