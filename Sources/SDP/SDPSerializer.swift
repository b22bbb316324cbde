extension SessionDescription: CustomStringConvertible, CustomDebugStringConvertible {
    /// The description as it is sent, in the RFC's order, with CRLF (RFC 8866 §5). It may hold keys; `description`
    /// does not.
    public var serialized: String { lines { $0.text }.map { $0 + "\r\n" }.joined() }

    /// For logs: without keys.
    public var description: String { lines { String($0.description.dropFirst(2)) }.joined(separator: "\n") }
    public var debugDescription: String { description }

    private func lines(_ attribute: (SDPAttribute) -> String) -> [String] {
        var lines = ["v=0"]
        lines.append(
            "o=\(clean(origin.username)) \(clean(origin.sessionID)) \(origin.version) \(clean(origin.address.text))")
        lines.append("s=\(name.isEmpty ? "-" : clean(name))")
        if let information { lines.append("i=\(clean(information))") }
        if let uri { lines.append("u=\(clean(uri))") }
        lines += emails.map { "e=\(clean($0))" }
        lines += phones.map { "p=\(clean($0))" }
        if let connection { lines.append("c=\(clean(connection.text))") }
        lines += bandwidths.map { "b=\(clean($0))" }
        lines += (times.isEmpty ? ["0 0"] : times).map { "t=\(clean($0))" }
        lines += attributes.map { "a=\(clean(attribute($0)))" }
        for medium in media {
            let count = medium.portCount.map { "/\($0)" } ?? ""
            let formats = medium.formats.joined(separator: " ")
            lines.append("m=" + clean("\(medium.kind) \(medium.port)\(count) \(medium.transport) \(formats)"))
            if let title = medium.title { lines.append("i=\(clean(title))") }
            if let connection = medium.connection { lines.append("c=\(clean(connection.text))") }
            lines += medium.bandwidths.map { "b=\(clean($0))" }
            lines += medium.attributes.map { "a=\(clean(attribute($0)))" }
        }
        return lines
    }

    /// A value must not end its line.
    private func clean(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else { return text }
        return String(decoding: text.utf8.filter { $0 != 10 && $0 != 13 && $0 != 0 }, as: UTF8.self)
    }
}
