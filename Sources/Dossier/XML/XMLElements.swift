import CXML
import Foundation

/// The elements of a document as they were read, in their order.
struct XMLElements {
    struct Element: Hashable {
        /// Without prefix.
        var name: String
        /// By name without prefix.
        var attributes: [String: String]
        /// All text within.
        var text: String
        /// Where its parent is; nil of the root.
        var parent: Int?
    }

    private static let deepest = 64

    private(set) var all: [Element] = []

    init(_ data: Data, named name: String) throws(DossierFault) {
        all = try LibXML.withDocument(data, named: name) { document throws(DossierFault) in
            var elements: [Element] = []
            if let root = xmlDocGetRootElement(document) {
                guard Self.read(root, parent: nil, depth: 0, into: &elements) else {
                    throw .invalidDocument(name, ["it is deeper than \(Self.deepest) elements"])
                }
            }
            return elements
        }
    }

    func children(of index: Int, named name: String) -> [Element] {
        all.filter { $0.parent == index && $0.name == name }
    }

    /// False where it is too deep.
    private static func read(_ node: xmlNodePtr, parent: Int?, depth: Int, into elements: inout [Element]) -> Bool {
        guard depth < deepest else { return false }
        var attributes: [String: String] = [:]
        var attribute = node.pointee.properties
        while let current = attribute {
            attributes[string(current.pointee.name)] = taken(
                xmlNodeListGetString(node.pointee.doc, current.pointee.children, 1))
            attribute = current.pointee.next
        }
        let index = elements.count
        elements.append(
            Element(
                name: string(node.pointee.name), attributes: attributes, text: taken(xmlNodeGetContent(node)),
                parent: parent))
        var child = xmlFirstElementChild(node)
        while let current = child {
            guard read(current, parent: index, depth: depth + 1, into: &elements) else { return false }
            child = xmlNextElementSibling(current)
        }
        return true
    }

    private static func string(_ text: UnsafePointer<xmlChar>?) -> String {
        text.map { String(cString: $0) } ?? ""
    }

    /// The string that was allocated for the caller.
    private static func taken(_ text: UnsafeMutablePointer<xmlChar>?) -> String {
        guard let text else { return "" }
        defer { causeway_xml_free(text) }
        return String(cString: text)
    }
}
