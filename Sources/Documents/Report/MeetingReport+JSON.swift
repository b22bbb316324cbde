import Foundation
import Vietnamese

extension MeetingReport {
    /// JSON with times as ISO 8601 in Vietnam's offset, keys sorted.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(IndochinaTime.text(date))
        }
        return try encoder.encode(self) + Data("\n".utf8)
    }

    public init(json: Data) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = IndochinaTime.date(from: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not ISO 8601")
            }
            return date
        }
        self = try decoder.decode(MeetingReport.self, from: json)
    }
}
