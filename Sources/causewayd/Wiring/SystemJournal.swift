import CSystemd
import Foundation
import Logging

/// Entries of systemd's journal, by its own protocol: what a line is about goes as fields, `CAUSEWAY_MEETING=…`, by which
/// `journalctl CAUSEWAY_MEETING=…` finds all of one meeting.
enum SystemJournal {
    /// No field of ours is longer; what is longer is cut.
    private static let longest = 8_192

    /// Whether standard error leads to the journal (systemd.exec(5), `$JOURNAL_STREAM`): device and inode of it are named there.
    static func isStandardError(_ stream: String? = ProcessInfo.processInfo.environment["JOURNAL_STREAM"]) -> Bool {
        let parts = (stream ?? "").split(separator: ":").compactMap { UInt64($0) }
        var status = stat()
        guard parts.count == 2, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return parts[0] == UInt64(status.st_dev) && parts[1] == UInt64(status.st_ino)
    }

    /// - Returns: false where the journal does not take it.
    static func write(_ event: LogEvent, _ fields: Logger.Metadata) -> Bool {
        send(entry(event.message.description, event.level, fields))
    }

    /// An entry's fields: `NAME=value`. A value may have line ends; they forge nothing, for lengths tell where it ends.
    static func entry(_ message: String, _ level: Logger.Level, _ fields: Logger.Metadata) -> [String] {
        let text = message + fields.unsaid(in: message)
        return [
            "MESSAGE=\(String(text.prefix(longest)))", "PRIORITY=\(priority(level))", "SYSLOG_IDENTIFIER=causewayd",
        ]
            // A line that names two points has the field twice, and is found by either.
            + fields.sorted { $0.key < $1.key }.flatMap { key, value in
                name(key).map { name in value.texts.map { "\(name)=\(String($0.prefix(longest)))" } } ?? []
            }
    }

    /// `call` becomes `CAUSEWAY_CALL`; nil for what can be no field's name.
    static func name(_ key: String) -> String? {
        let letters = key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return letters.isEmpty || letters.count > 40 ? nil : "CAUSEWAY_" + String(letters)
    }

    private static func send(_ fields: [String]) -> Bool {
        // One after the other, for a value may have a zero in it.
        var octets = fields.flatMap(\.utf8)
        return octets.withUnsafeMutableBytes { bytes in
            var at = 0
            let vectors = fields.map { field in
                defer { at += field.utf8.count }
                return iovec(iov_base: bytes.baseAddress.map { $0 + at }, iov_len: field.utf8.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
