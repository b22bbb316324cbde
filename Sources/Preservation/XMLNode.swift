import Foundation

/// An element of a document that is to be written. Foundation's `XMLDocument` would bring libxml2's writer with a tree of
/// objects, an order of attributes of its own and characters as it finds them; here the same values always give the same
/// octets, in NFC, of characters that XML has.
public struct XMLNode: Hashable, Sendable {
    public struct Attribute: Hashable, Sendable {
        public var name: String
        public var value: String
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// With its prefix; the root declares the prefixes as attributes.
    public var name: String
    public var attributes: [Attribute] = []
    /// Stands before the children; an element has one or the other here.
    public var text = ""
    public var children: [XMLNode] = []

    public init(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], text: String = "") {
        self.name = name
        self.attributes = attributes.compactMap { name, value in value.map { Attribute(name: name, value: $0) } }
        self.text = text
    }

    public init(_ name: String, _ attributes: KeyValuePairs<String, String?>, _ children: [XMLNode]) {
        self.init(name, attributes)
        self.children = children
    }

    public init(_ name: String, _ children: [XMLNode]) {
        self.name = name
        self.children = children
    }

    public init(_ name: String, _ text: String) { self.init(name, text: text) }

    /// The document of which this is the root, in UTF-8.
    public var document: Data {
        var result = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        write(into: &result, depth: 0)
        return Data(result.utf8)
    }

    private func write(into result: inout String, depth: Int) {
        let indentation = String(repeating: "  ", count: depth)
        result += "\(indentation)<\(name)"
        for attribute in attributes { result += " \(attribute.name)=\"\(Self.escaped(attribute.value))\"" }
        if children.isEmpty {
            result += text.isEmpty ? "/>\n" : ">\(Self.escaped(text))</\(name)>\n"
            return
        }
        result += ">\n"
        for child in children { child.write(into: &result, depth: depth + 1) }
        result += "\(indentation)</\(name)>\n"
    }

    /// `text` as a document holds it: NFC, without the characters for which XML 1.0 §2.2 has no place.
    public static func representable(_ text: String) -> String {
        let isWhole = text.unicodeScalars.allSatisfy(isRepresentable)
        let kept = isWhole ? text : String(String.UnicodeScalarView(text.unicodeScalars.filter(isRepresentable)))
        return kept.precomposedStringWithCanonicalMapping
    }

    private static func isRepresentable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD: true
        case ..<0x20, 0xFFFE, 0xFFFF: false
        default: true
        }
    }

    /// Markup as references (§2.4); white space that a reader would make into something else (§2.11, §3.3.3) likewise.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in representable(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
