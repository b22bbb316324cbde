import Foundation
import Vietnamese

/// A PREMIS 3.0 document: what is preserved, what was done to it, and by whom.
struct PREMISDocument {
    /// A file as it lies in the package.
    struct File {
        var packaged: PackagedFile
        var source: DossierFile
        var format: DossierProfile.Format
    }

    enum Subject {
        /// The package as one, made of its representation.
        case package(id: String, title: String, representation: String)
        case representation(id: String, title: String, files: [File])
    }

    var subject: Subject
    var agents: [PreservationAgent]
    var events: [PreservationEvent]
    var identifiers: PackageIdentifiers
    /// Identifiers of files by the paths by which the events know them.
    var objects: [String: String]

    var document: Data {
        XMLNode(
            "premis:premis",
            [
                "xmlns:premis": "http://www.loc.gov/premis/v3",
                "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "version": "3.0",
            ], objectNodes + events.enumerated().map(event) + agents.map(agent)
        ).document
    }

    static func fileID(_ file: PackagedFile, _ identifiers: PackageIdentifiers) -> String {
        identifiers.section("premis/\(file.path)")
    }

    private func element(_ name: String, _ text: String) -> XMLNode { XMLNode("premis:\(name)", text) }

    private func element(_ name: String, _ children: [XMLNode]) -> XMLNode { XMLNode("premis:\(name)", children) }

    private func identifier(_ what: String, _ type: String, _ value: String) -> XMLNode {
        element(
            "\(what)Identifier",
            [
                element("\(what)IdentifierType", type), element("\(what)IdentifierValue", value),
            ])
    }

    private var objectNodes: [XMLNode] {
        switch subject {
        case .package(let id, let title, let representation):
            return [
                XMLNode(
                    "premis:object", ["xsi:type": "premis:intellectualEntity"],
                    [
                        identifier("object", "UUID", id), element("originalName", title),
                        structural("includes", representation),
                    ])
            ]
        case .representation(let id, let title, let files):
            let whole = XMLNode(
                "premis:object", ["xsi:type": "premis:representation"],
                [identifier("object", "UUID", id), element("originalName", title)]
                    + files.map { structural("has part", Self.fileID($0.packaged, identifiers)) })
            return [whole] + files.map(object)
        }
    }

    private func structural(_ subtype: String, _ id: String) -> XMLNode {
        element(
            "relationship",
            [
                element("relationshipType", "structural"), element("relationshipSubType", subtype),
                element(
                    "relatedObjectIdentifier",
                    [
                        element("relatedObjectIdentifierType", "UUID"), element("relatedObjectIdentifierValue", id),
                    ]),
            ])
    }

    private func object(_ file: File) -> XMLNode {
        var format = [
            element(
                "formatDesignation",
                [element("formatName", file.format.name)]
                    + (file.format.version.map { [element("formatVersion", $0)] } ?? []))
        ]
        if let key = file.format.pronom {
            format.append(
                element(
                    "formatRegistry",
                    [
                        element("formatRegistryName", "PRONOM"), element("formatRegistryKey", key),
                    ]))
        }
        var characteristics = [
            element("compositionLevel", "0"),
            element(
                "fixity",
                [
                    element("messageDigestAlgorithm", "SHA-256"), element("messageDigest", file.packaged.sha256),
                ]),
            element("size", "\(file.packaged.size)"), element("format", format),
        ]
        if let program = file.source.madeBy {
            characteristics.append(
                element(
                    "creatingApplication",
                    [
                        element("creatingApplicationName", program.name)
                    ] + (program.version.isEmpty ? [] : [element("creatingApplicationVersion", program.version)]) + [
                        element("dateCreatedByApplication", IndochinaTime.text(file.source.createdAt))
                    ]))
        }
        return XMLNode(
            "premis:object", ["xsi:type": "premis:file"],
            [
                identifier("object", "UUID", Self.fileID(file.packaged, identifiers)),
                element("objectCharacteristics", characteristics),
            ] + (file.source.originalName.map { [element("originalName", $0)] } ?? []))
    }

    private func event(_ number: Int, _ event: PreservationEvent) -> XMLNode {
        var children = [
            identifier("event", "UUID", identifiers.section("premis/event/\(number)/\(event.type)")),
            element("eventType", event.type), element("eventDateTime", IndochinaTime.text(event.at)),
        ]
        if let detail = event.detail {
            children.append(element("eventDetailInformation", [element("eventDetail", detail)]))
        }
        if event.outcome != nil || event.note != nil {
            children.append(
                element(
                    "eventOutcomeInformation",
                    (event.outcome.map { [element("eventOutcome", $0)] } ?? [])
                        + (event.note.map { note in
                            [element("eventOutcomeDetail", [element("eventOutcomeDetailNote", note)])]
                        } ?? [])))
        }
        children += event.agents.map { link in
            element(
                "linkingAgentIdentifier",
                [
                    element("linkingAgentIdentifierType", "local"), element("linkingAgentIdentifierValue", link.id),
                    element("linkingAgentRole", link.role),
                ])
        }
        // What is not in this package, such as the one it was made of, keeps the name it has there.
        children += event.objects.map { link in
            element(
                "linkingObjectIdentifier",
                [
                    element("linkingObjectIdentifierType", objects[link.id] == nil ? "local" : "UUID"),
                    element("linkingObjectIdentifierValue", objects[link.id] ?? link.id),
                    element("linkingObjectRole", link.role),
                ])
        }
        return element("event", children)
    }

    private func agent(_ agent: PreservationAgent) -> XMLNode {
        element(
            "agent",
            [
                identifier("agent", "local", agent.id), element("agentName", agent.name),
                element("agentType", agent.kind.rawValue),
            ] + (agent.version.map { [element("agentVersion", $0)] } ?? []))
    }
}
