extension SessionDescription: CustomStringConvertible, CustomDebugStringConvertible {
    /// The description as it is sent, in the RFC's order, with CRLF (RFC 8866 §5). It may hold keys; `description`
    /// does not.
    public var serialized: String { text(lineEnd: "\r\n", showsKeys: true) }

    /// For logs: without keys.
    public var description: String { String(text(lineEnd: "\n", showsKeys: false).dropLast()) }
    public var debugDescription: String { description }

    private func text(lineEnd: String, showsKeys: Bool) -> String {
        var lines = SDPLineWriter(end: lineEnd, showsKeys: showsKeys)
        lines.add("v=", "0")
        lines.add("o=", origin.username, " ", origin.sessionID, " ", String(origin.version), " ", origin.address.text)
        lines.add("s=", name.isEmpty ? "-" : name)
        if let information { lines.add("i=", information) }
        if let uri { lines.add("u=", uri) }
        for email in emails { lines.add("e=", email) }
        for phone in phones { lines.add("p=", phone) }
        if let connection { lines.add("c=", connection.text) }
        for bandwidth in bandwidths { lines.add("b=", bandwidth) }
        for time in times.isEmpty ? ["0 0"] : times { lines.add("t=", time) }
        for attribute in attributes { lines.add(attribute) }
        for medium in media {
            let count = medium.portCount.map { "/\($0)" } ?? ""
            lines.add(
                "m=", medium.kind, " ", String(medium.port), count, " ", medium.transport, " ",
                medium.formats.joined(separator: " "))
            if let title = medium.title { lines.add("i=", title) }
            if let connection = medium.connection { lines.add("c=", connection.text) }
            for bandwidth in medium.bandwidths { lines.add("b=", bandwidth) }
            for attribute in medium.attributes { lines.add(attribute) }
        }
        return lines.text
    }
}

/// Puts lines together in one buffer.
private struct SDPLineWriter {
    private let end: String
    private let showsKeys: Bool
    private var octets: [UInt8] = []

    init(end: String, showsKeys: Bool) {
        self.end = end
        self.showsKeys = showsKeys
        octets.reserveCapacity(1_024)
    }

    var text: String { String(decoding: octets, as: UTF8.self) }

    /// What could end the line within it is left out.
    mutating func add(_ parts: String...) {
        let start = octets.count
        for part in parts { octets.append(contentsOf: part.utf8) }
        if octets[start...].contains(where: Self.endsLine) {
            octets.replaceSubrange(start..., with: octets[start...].filter { !Self.endsLine($0) })
        }
        octets.append(contentsOf: end.utf8)
    }

    mutating func add(_ attribute: SDPAttribute) {
        if !showsKeys { return add(attribute.description) }
        guard let value = attribute.value else { return add("a=", attribute.name) }
        add("a=", attribute.name, ":", value)
    }

    private static func endsLine(_ octet: UInt8) -> Bool { octet == 10 || octet == 13 || octet == 0 }
}
