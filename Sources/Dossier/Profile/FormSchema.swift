import Foundation
import Preservation

extension DossierProfile {
    /// The XML schema of a form: its elements, all of them, in their order; what may be without a value may be empty.
    func schema(of form: Form) -> Data {
        let fields = form.fields.map { field in
            XMLNode(
                "xs:element", ["name": field.name],
                [
                    XMLNode("xs:annotation", [XMLNode("xs:documentation", ["xml:lang": "vi"], text: field.vi)]),
                    XMLNode("xs:simpleType", [XMLNode("xs:restriction", ["base": "xs:string"], facets(of: field))]),
                ])
        }
        return XMLNode(
            "xs:schema", ["xmlns:xs": "http://www.w3.org/2001/XMLSchema", "elementFormDefault": "qualified"],
            [
                XMLNode("xs:annotation", [XMLNode("xs:documentation", name)]),
                XMLNode(
                    "xs:element", ["name": form.root],
                    [XMLNode("xs:complexType", [XMLNode("xs:sequence", fields)])]),
            ]
        ).document
    }

    private func facets(of field: Field) -> [XMLNode] {
        let entries = (field.codes.flatMap { codes[$0] } ?? []).map(\.code)
        if field.kind == .code, field.several != true {
            return (entries + (field.isRequired ? [] : [""])).map { XMLNode("xs:enumeration", ["value": $0]) }
        }
        if let pattern = pattern(of: field, entries) {
            return [XMLNode("xs:pattern", ["value": field.isRequired ? pattern : "(\(pattern))?"])]
        }
        let least = field.isRequired ? [XMLNode("xs:minLength", ["value": "1"])] : []
        return least + (field.maximum.map { [XMLNode("xs:maxLength", ["value": "\($0)"])] } ?? [])
    }

    private func pattern(of field: Field, _ entries: [String]) -> String? {
        switch field.kind {
        case .text: return nil
        case .code:
            let one = "(" + entries.map(Self.literal).joined(separator: "|") + ")"
            return "\(one)(;\(one))*"
        case .date: return #"(0[1-9]|[12][0-9]|3[01])/(0[1-9]|1[0-2])/[0-9]{4}"#
        case .number: return "[0-9]{1,\(field.maximum ?? 10)}"
        case .flag: return "[01]"
        case .time: return #"[0-9]{2,}:[0-5][0-9]:[0-5][0-9]"#
        }
    }

    /// `text` as an expression that matches it alone.
    private static func literal(_ text: String) -> String {
        text.map { #"\.*+?()[]{}|^-"#.contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
