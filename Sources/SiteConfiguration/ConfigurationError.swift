/// One thing that is wrong in a configuration file.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// From 1; nil where it is about the file as a whole.
    public var line: Int?
    /// From 1, in characters.
    public var column: Int?
    /// The key's path, for example `rooms[0].points[2]`; empty for the file as a whole.
    public var key: String
    /// What is wrong and what is expected, in one line.
    public var message: String

    public init(file: String, line: Int? = nil, column: Int? = nil, key: String = "", message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.message = message
    }

    /// `file:line:column: key: message`
    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if let column, line != nil { text += ":\(column)" }
        return text + ": " + (key.isEmpty ? "" : "\(key): ") + message
    }
}

/// Everything that is wrong in a configuration file, in the order of lines; never empty.
public struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    public let errors: [ConfigurationError]

    public init(_ errors: [ConfigurationError]) {
        self.errors = errors.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
    }

    /// One a line.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
