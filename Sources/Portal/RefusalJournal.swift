import Foundation
import Logging
import OfficeStore
import Synchronization

/// Writes into the Office's journal what was refused, and to whom, or whence it came where nobody knows who it was: of each the first in a minute at once, and of the others of
/// that minute how many there were, so that who asks for ever fills no disk.
final class RefusalJournal: Sendable {
    static let action = "refuse"
    private static let period = Duration.seconds(60)
    /// Beyond so many in a minute the others are written as one.
    private static let mostKept = 1000
    private static let others = "…"
    private static let longestPath = 200

    private struct Record {
        var since: ContinuousClock.Instant
        var last: String
        /// Of this minute, besides the first.
        var more = 0
    }

    private let office: OfficeStore
    private let logger: Logger
    private let records = Mutex<[String: Record]>([:])

    init(office: OfficeStore, logger: Logger) {
        self.office = office
        self.logger = logger
    }

    /// Who is not known is told by where the request came from.
    static func nobody(_ origin: String) -> String { "? \(origin)" }

    /// A line about an address. The recording that it is of comes first; which meeting it is of is not said: of one that is not
    /// recorded nobody could tell later who may know of it.
    static func line(_ status: Int, _ method: String, _ path: String) -> String {
        var parts = path.split(separator: "/")
        var subject = "-"
        let named = parts.firstIndex { ["recordings", "schedule", "sittings", "meetings"].contains($0) }
        if let id = named.map({ $0 + 1 }), id < parts.count {
            if parts[id - 1] == "recordings" {
                subject = String(parts[id].prefix(longestPath / 2))
            } else {
                parts[id] = "…"
            }
        }
        return "\(subject) \(status) \(method) /\(parts.joined(separator: "/").prefix(longestPath))"
    }

    /// The recordings that a line names: it may tell of two refusals.
    static func recordings(_ line: OfficeStore.JournalLine) -> [String] {
        line.action == action ? recordings(named: line.subject) : []
    }

    static func recordings(named subject: String) -> [String] {
        subject.matches(of: /\/recordings\/([^\/ ;]+)/).map { String($0.1) }
    }

    func note(_ what: String, by identity: String, at now: ContinuousClock.Instant = .now) async {
        let line: (by: String, text: String)? = records.withLock { records in
            let key = records[identity] == nil && records.count >= Self.mostKept ? Self.others : identity
            if var record = records[key], now - record.since < Self.period {
                record.more += 1
                record.last = what
                records[key] = record
                return nil
            }
            let text = records[key].flatMap(Self.rest).map { "\(what); \($0)" } ?? what
            records[key] = Record(since: now, last: what)
            return (key, text)
        }
        if let line { await write(line.text, by: line.by) }
    }

    /// Writes how many more there were in minutes that are over, and forgets them.
    /// - Parameter all: also in those that are not.
    func settle(all: Bool = false, at now: ContinuousClock.Instant = .now) async {
        let over = records.withLock { records in
            let over = records.filter { all || now - $0.value.since >= Self.period }
            for key in over.keys { records[key] = nil }
            return over
        }
        for (identity, record) in over {
            if let text = Self.rest(record) { await write(text, by: identity) }
        }
    }

    private static func rest(_ record: Record) -> String? {
        record.more == 0 ? nil : "\(record.last) (+\(record.more))"
    }

    /// What was refused stays refused where it cannot be written down.
    private func write(_ text: String, by identity: String) async {
        do { try await office.note(Self.action, of: text, by: identity) } catch {
            logger.error("a refusal is not in the journal: \(error)")
        }
    }
}
