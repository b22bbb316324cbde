import Foundation
import Vietnamese

/// The lines of a meeting's `events.jsonl`, read leniently: what is not understood is passed over and counted, for a
/// record that was torn by a power cut, or written by a later version, still tells the rest.
public struct MeetingLog: Hashable, Sendable {
    public struct Event: Hashable, Sendable {
        public var at: Date
        public var name: String
        public var fields: [String: String]
        public init(at: Date, name: String, fields: [String: String] = [:]) {
            self.at = at
            self.name = name
            self.fields = fields
        }
        /// Which call of a point, as long as it lasts.
        var call: String { fields["participant"] ?? "" }
        var point: String? { fields["point"].flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// In the order in which they were written.
    public var events: [Event] = []
    /// Lines that are no events, and events beyond the most that are read.
    public var skipped = 0

    public static let longestLine = 64 << 10
    public static let mostEvents = 500_000

    public init(events: [Event] = []) { self.events = events }

    public init(parsing octets: Data) {
        let decoder = JSONDecoder()
        for line in octets.split(separator: UInt8(ascii: "\n")) {
            guard line.count <= Self.longestLine, events.count < Self.mostEvents,
                let read = try? decoder.decode([String: Loose].self, from: line),
                let at = read["at"]?.text.flatMap(IndochinaTime.date(from:)), let name = read["event"]?.text
            else {
                skipped += 1
                continue
            }
            let fields = read.filter { !["at", "event", "master"].contains($0.key) }.compactMapValues(\.text)
            events.append(Event(at: at, name: name, fields: fields))
        }
    }

    /// A value of any kind, as text where it is a single one.
    private struct Loose: Decodable {
        var text: String?
        init(from decoder: any Decoder) throws {
            guard let container = try? decoder.singleValueContainer() else { return }
            if let value = try? container.decode(String.self) {
                text = value
            } else if let value = try? container.decode(Bool.self) {
                text = String(value)
            } else if let value = try? container.decode(Int64.self) {
                text = String(value)
            } else if let value = try? container.decode(Double.self) {
                text = String(value)
            }
        }
    }
}
