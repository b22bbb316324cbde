import CLinux
import Foundation
import Logging
import Synchronization

/// Logs a line an event to standard error, or, where the journal of systemd is behind that, an entry with fields to it.
struct LineLogHandler: LogHandler {
    let label: String
    let json: Bool
    private var ownLevel: Logger.Level?
    var metadata: Logger.Metadata = [:]
    /// Of every logger that was given none of its own.
    private static let commonLevel = Mutex(Logger.Level.info)
    private static let isTerminal = isatty(STDERR_FILENO) == 1
    private static let isJournal = SystemJournal.isStandardError()

    init(label: String, json: Bool) {
        self.label = label
        self.json = json
    }

    /// From now on, for the loggers there are and those to come.
    static func setLevel(_ level: Logger.Level) { commonLevel.withLock { $0 = level } }

    var logLevel: Logger.Level {
        get { ownLevel ?? Self.commonLevel.withLock { $0 } }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let more = event.metadata { fields.merge(more) { $1 } }
        if Self.isJournal, SystemJournal.write(event, fields) { return }
        let line = json ? Self.jsonLine(event, fields) : Self.textLine(event, fields)
        Self.write(line)
    }

    /// Writes a line to standard error; nobody reading it any more, or a full disk, is no reason to end.
    static func write(_ line: String) {
        var line = line + "\n"
        line.withUTF8 { _ = cl_write_all(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func textLine(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var text = event.message.description
        // What the message says already need not be read twice.
        text += fields.unsaid(in: text)
        let time = isTerminal ? timestamp() + " " : ""
        return "\(time)\(event.level.rawValue): \(singleLine(text))"
    }

    /// What a stranger sent must not forge lines of ours.
    private static func singleLine(_ text: String) -> String {
        // The first octets of what ends a line, controls and the lead of U+0085, U+2028 and U+2029, are in few lines.
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0xC2 || $0 == 0xE2 }) else { return text }
        return String(text.map { $0.isNewline || $0.asciiValue.map { $0 < 32 } == true ? " " : $0 })
    }

    private static func jsonLine(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var object: [String: Any] = fields.mapValues { $0.texts.count == 1 ? $0.texts[0] as Any : $0.texts }
        object["time"] = timestamp()
        object["level"] = event.level.rawValue
        object["message"] = "\(event.message)"
        let data = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    private static func timestamp() -> String {
        Date().formatted(.iso8601.time(includingFractionalSeconds: true).timeZone(separator: .colon))
    }
}

extension Logger.MetadataValue {
    /// One, or, of what a line names several of, each.
    var texts: [String] {
        if case .array(let values) = self { values.map { "\($0)" } } else { ["\(self)"] }
    }
}

extension Logger.Metadata {
    /// The fields that a message does not say itself, to be read behind it: ` name=value`.
    func unsaid(in message: String) -> String {
        sorted { $0.key < $1.key }.flatMap { key, value in
            value.texts.filter { !message.says($0) }.map { " \(key)=\($0)" }
        }.joined()
    }
}

extension String {
    /// Whether these octets are in it: `contains` of Foundation takes two fifths of what a line costs.
    fileprivate func says(_ text: String) -> Bool {
        var (line, part) = (self, text)
        return line.withUTF8 { line in
            part.withUTF8 { part in
                guard let first = part.first else { return true }
                guard part.count <= line.count else { return false }
                return (0...line.count - part.count).contains { start in
                    line[start] == first && line[start..<start + part.count].elementsEqual(part)
                }
            }
        }
    }
}
