import Vietnamese

/// A meeting's Dublin Core record (DCMI Metadata Terms, the fifteen elements of ISO 15836-1).
enum DublinCore {
    static func record(of meeting: MeetingRecord, source: String) -> String {
        var elements: [(name: String, value: String)] = [
            ("title", meeting.title), ("identifier", meeting.id), ("date", IndochinaTime.text(meeting.openedAt)),
            ("type", "Event"), ("type", "MovingImage"), ("language", "vi"),
        ]
        if let convener = meeting.convener { elements.append(("creator", convener)) }
        if !source.isEmpty { elements.append(("publisher", source)) }
        if let document = meeting.document { elements.append(("relation", document)) }
        elements.append(("coverage", meeting.room))
        for format in ["video/matroska", "video/webm"] { elements.append(("format", format)) }
        let lines = elements.map { "  <dc:\($0.name)>\(escaped($0.value))</dc:\($0.name)>\n" }.joined()
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
                xmlns:dc="http://purl.org/dc/elements/1.1/">
            \(lines)</oai_dc:dc>

            """
    }

    /// XML 1.0 has no place for most control characters.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\t", "\n", "\r", " "..."\u{FFFD}", "\u{10000}"...: String(scalar)
            default: "\u{FFFD}"
            }
        }.joined()
    }
}
