public import Logging

/// Writes lines whose subjects are fields: those that a line names, and those that all lines of this logger are about.
public struct SubjectLogger: Sendable {
    private var logger: Logger

    public init(_ logger: Logger) { self.logger = logger }

    /// A logger whose lines are about these, too, whether or not they say so.
    public func about(
        call: String? = nil, meeting: String? = nil, point: String? = nil, room: String? = nil,
        job: Int64? = nil
    ) -> SubjectLogger {
        var other = self
        for (kind, name) in [
            (SubjectKind.call, call), (.meeting, meeting), (.point, point), (.room, room),
            (.job, job.map { "\($0)" }),
        ] {
            if let name { other.logger[metadataKey: kind.rawValue] = .string(name) }
        }
        return other
    }

    /// - Parameter fields: what else is known of it.
    public func log(
        level: Logger.Level, _ line: @autoclosure () -> LogLine, fields: Logger.Metadata = [:],
        file: String = #fileID, function: String = #function, number: UInt = #line
    ) {
        guard level >= logger.logLevel else { return }
        let line = line()
        var fields = fields
        for (kind, names) in line.subjects {
            fields[kind.rawValue] = names.count == 1 ? .string(names[0]) : .array(names.map { .string($0) })
        }
        logger.log(level: level, "\(line.text)", metadata: fields, file: file, function: function, line: number)
    }

    public func debug(
        _ line: @autoclosure () -> LogLine, file: String = #fileID, function: String = #function, number: UInt = #line
    ) { log(level: .debug, line(), file: file, function: function, number: number) }

    public func info(
        _ line: @autoclosure () -> LogLine, file: String = #fileID, function: String = #function, number: UInt = #line
    ) { log(level: .info, line(), file: file, function: function, number: number) }

    public func notice(
        _ line: @autoclosure () -> LogLine, fields: Logger.Metadata = [:], file: String = #fileID,
        function: String = #function, number: UInt = #line
    ) { log(level: .notice, line(), fields: fields, file: file, function: function, number: number) }

    public func warning(
        _ line: @autoclosure () -> LogLine, file: String = #fileID, function: String = #function, number: UInt = #line
    ) { log(level: .warning, line(), file: file, function: function, number: number) }

    public func error(
        _ line: @autoclosure () -> LogLine, file: String = #fileID, function: String = #function, number: UInt = #line
    ) { log(level: .error, line(), file: file, function: function, number: number) }
}
