import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What an XML parser finds.
final class XMLProbe: NSObject, XMLParserDelegate {
    struct Element {
        var name: String
        var attributes: [String: String]
        var text = ""
    }
    /// In the order of their beginnings; text is that directly after the beginning.
    var elements: [Element] = []

    init(_ xml: String) throws {
        super.init()
        let parser = XMLParser(data: Data(xml.utf8))
        parser.delegate = self
        guard parser.parse() else { throw parser.parserError ?? CocoaError(.coderInvalidValue) }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) { elements.append(Element(name: name, attributes: attributes)) }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        guard !elements.isEmpty else { return }
        elements[elements.count - 1].text += text
    }
}
