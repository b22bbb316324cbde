/// A piece of HTML. What is written in the source is markup; what is put into it by `\(…)` is text and is escaped,
/// unless it is markup itself. So nothing that comes from outside can become an element.
public struct Markup: Hashable, Sendable, ExpressibleByStringInterpolation {
    public private(set) var html: String

    public init(stringLiteral value: String) { html = value }
    public init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }
    /// Text, escaped.
    public init(text: String) { html = Self.escaped(text) }
    public init(_ parts: [Markup]) { html = parts.map(\.html).joined(separator: "\n") }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var html = ""
        public init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity) }
        public mutating func appendLiteral(_ literal: String) { html += literal }
        public mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }
        public mutating func appendInterpolation(_ number: some BinaryInteger) { html += String(number) }
        public mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
        public mutating func appendInterpolation(_ parts: [Markup]) { html += Markup(parts).html }
        public mutating func appendInterpolation(_ markup: Markup?) { html += markup?.html ?? "" }
    }

    /// `text` as the content of an element or a quoted attribute, of HTML and of XML alike. Characters that XML 1.0 §2.2
    /// has no place for become U+FFFD.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension [Markup] {
    func joined(by separator: Markup) -> Markup {
        var parts: [Markup] = []
        for part in self { parts += parts.isEmpty ? [part] : [separator, part] }
        return Markup(stringLiteral: parts.map(\.html).joined())
    }
}
