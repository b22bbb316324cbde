/// An element of a document that is to be written.
struct XMLElement: Hashable, Sendable {
    var name: String
    var attributes: [(name: String, value: String)] = []
    var text = ""
    var children: [XMLElement] = []

    init(_ name: String, _ attributes: [(String, String)] = [], children: [XMLElement] = []) {
        self.name = name
        self.attributes = attributes.map { (name: $0.0, value: $0.1) }
        self.children = children
    }

    init(_ name: String, text: String) {
        self.name = name
        self.text = text
    }

    static func == (left: XMLElement, right: XMLElement) -> Bool { left.written == right.written }
    func hash(into hasher: inout Hasher) { hasher.combine(written) }

    var written: String {
        var result = ""
        write(into: &result)
        return result
    }

    func write(into result: inout String) {
        result += "<\(name)"
        for attribute in attributes {
            result += " \(attribute.name)=\"\(Self.escaped(attribute.value, inAttribute: true))\""
        }
        guard !text.isEmpty || !children.isEmpty else {
            result += "/>"
            return
        }
        result += ">"
        result += Self.escaped(text, inAttribute: false)
        for child in children { child.write(into: &result) }
        result += "</\(name)>"
    }

    /// Markup as references (XML 1.0 §2.4, §3.3.3); what no document can hold (§2.2) as U+FFFD.
    static func escaped(_ text: String, inAttribute: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;".unicodeScalars
            case "<": result += "&lt;".unicodeScalars
            case ">": result += "&gt;".unicodeScalars
            case "\"" where inAttribute: result += "&quot;".unicodeScalars
            // As themselves they would be read as spaces or line feeds.
            case "\r": result += "&#13;".unicodeScalars
            case "\n" where inAttribute: result += "&#10;".unicodeScalars
            case "\t" where inAttribute: result += "&#9;".unicodeScalars
            case "\n", "\t": result.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
