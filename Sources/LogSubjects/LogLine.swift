/// A line of the log, and what it is about. Names of calls, meetings, points and rooms become fields by being said; a name that is
/// a mere text is said with what it is the name of: `"package of \(meeting: id) is sealed"`.
public struct LogLine: ExpressibleByStringInterpolation, Sendable {
    public let text: String
    /// The names of each kind, in the order in which they are said.
    public private(set) var subjects: [SubjectKind: [String]] = [:]

    public init(stringLiteral value: String) { text = value }

    public init(stringInterpolation: StringInterpolation) {
        text = String(stringInterpolation: stringInterpolation.text)
        subjects = stringInterpolation.subjects
    }

    /// The same line, about this too, where it is known.
    public func about(point: String?, room: String?) -> LogLine {
        var line = self
        for (kind, name) in [(SubjectKind.point, point), (.room, room)] where line.subjects[kind] == nil {
            line.subjects[kind] = name.map { [$0] }
        }
        return line
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text: DefaultStringInterpolation
        fileprivate var subjects: [SubjectKind: [String]] = [:]

        public init(literalCapacity: Int, interpolationCount: Int) {
            text = DefaultStringInterpolation(literalCapacity: literalCapacity, interpolationCount: interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { text.appendLiteral(literal) }
        public mutating func appendInterpolation<Value>(_ value: Value) { text.appendInterpolation(value) }

        public mutating func appendInterpolation<Subject: LogSubject>(_ subject: Subject) {
            append(subject.description, Subject.kind, subject.subjectName)
        }

        public mutating func appendInterpolation(call name: String) { append(name, .call) }
        public mutating func appendInterpolation(meeting id: String) { append(id, .meeting) }
        public mutating func appendInterpolation(point name: String) { append(name, .point) }
        public mutating func appendInterpolation(room id: String) { append(id, .room) }
        public mutating func appendInterpolation(job number: Int64) { append("\(number)", .job) }

        private mutating func append(_ said: String, _ kind: SubjectKind, _ other: String? = nil) {
            text.appendInterpolation(said)
            let name = other ?? said
            if subjects[kind]?.contains(name) != true { subjects[kind, default: []].append(name) }
        }
    }
}
