import Vietnamese

extension MeetingRecord {
    /// What is told of it in Dublin Core, by name without prefix (DCMI Metadata Terms, the elements of ISO 15836-1).
    public func dublinCore(source: String) -> [(name: String, value: String)] {
        var elements: [(name: String, value: String)] = [
            ("title", title), ("identifier", id), ("date", IndochinaTime.text(openedAt)),
            ("type", "Event"), ("type", "MovingImage"), ("language", "vi"),
        ]
        if let convener { elements.append(("creator", convener)) }
        if !source.isEmpty { elements.append(("publisher", source)) }
        if let document { elements.append(("relation", document)) }
        elements.append(("coverage", room))
        for format in ["video/matroska", "video/webm"] { elements.append(("format", format)) }
        return elements
    }
}

/// A meeting's Dublin Core record.
enum DublinCore {
    static func record(of meeting: MeetingRecord, source: String) -> String {
        let lines = meeting.dublinCore(source: source)
            .map { "  <dc:\($0.name)>\(escaped($0.value))</dc:\($0.name)>\n" }.joined()
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
