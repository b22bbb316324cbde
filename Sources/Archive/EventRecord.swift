import Foundation
import Vietnamese

/// One line of a package's `events.jsonl`: what happened, when by the clock, and where in the master.
public struct EventRecord: Sendable, Equatable {
    public var at: Date
    /// Milliseconds from the beginning of the master; nil while nothing is recorded.
    public var masterMilliseconds: Int64?
    /// For example `joined`, `speaker`, `recording-started`.
    public var name: String
    /// What else there is to say. The names `at`, `master` and `event` are taken.
    public var fields: [String: String]

    public init(at: Date, masterMilliseconds: Int64? = nil, name: String, fields: [String: String] = [:]) {
        self.at = at.roundedToMillisecond
        self.masterMilliseconds = masterMilliseconds
        self.name = name
        self.fields = fields
    }
}

extension EventRecord: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
        static let at = Key(stringValue: "at")
        static let master = Key(stringValue: "master")
        static let event = Key(stringValue: "event")
        var isReserved: Bool { ["at", "master", "event"].contains(stringValue) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(IndochinaTime.text(at), forKey: .at)
        try container.encodeIfPresent(masterMilliseconds, forKey: .master)
        try container.encode(VietnameseText.stored(name), forKey: .event)
        for (name, value) in fields where !Key(stringValue: name).isReserved {
            try container.encode(VietnameseText.stored(value), forKey: Key(stringValue: name))
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let at = IndochinaTime.date(from: try container.decode(String.self, forKey: .at)) else {
            throw DecodingError.dataCorruptedError(forKey: .at, in: container, debugDescription: "not ISO 8601")
        }
        self.at = at
        masterMilliseconds = try container.decodeIfPresent(Int64.self, forKey: .master)
        name = try container.decode(String.self, forKey: .event)
        fields = [:]
        for key in container.allKeys where !key.isReserved {
            fields[key.stringValue] = try container.decode(String.self, forKey: key)
        }
    }
}
