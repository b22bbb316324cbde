import Vietnamese

/// Properties of a meeting by which searches are narrowed, as they stand in the index.
enum Facets {
    enum Property: String { case room = "r", unit = "u", field = "f" }

    /// What every meeting has.
    static let all: [UInt8] = Array("@all".utf8)

    static func term(_ property: Property, _ value: String) -> [UInt8] {
        Array("@\(text(property, value))".utf8)
    }

    /// The facets' column.
    static func column(of meeting: MeetingDocument) -> String {
        var facets: Set<String> = ["all"]
        for room in [meeting.room, meeting.roomName] where !room.isEmpty { facets.insert(text(.room, room)) }
        if !meeting.field.isEmpty { facets.insert(text(.field, meeting.field)) }
        for unit in meeting.units { facets.insert(text(.unit, unit)) }
        let mark = String(Unicode.Scalar(WordScanner.facet))
        return facets.sorted().map { mark + $0 }.joined()
    }

    private static func text(_ property: Property, _ value: String) -> String {
        let words = WordScanner.words(of: VietnameseText.stored(value)).compactMap { $0?.folded }
        return property.rawValue + ":"
            + words.prefix(32).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
}
