import Foundation
import Vietnamese

/// A PREMIS 3.0 document: what is preserved, what was done to it, and by whom.
public struct PREMISDocument {
    /// How something is called, and in what system of names: `UUID`, `local`.
    public struct Identifier: Hashable, Sendable {
        public var type: String
        public var value: String

        public static func uuid(_ value: String) -> Identifier { Identifier(type: "UUID", value: value) }
        public static func local(_ value: String) -> Identifier { Identifier(type: "local", value: value) }
    }

    public struct Digest: Hashable, Sendable {
        /// `SHA-256`, `SHA-512`.
        public var algorithm: String
        /// In hexadecimal digits.
        public var value: String
        public init(algorithm: String, value: String) {
            self.algorithm = algorithm
            self.value = value
        }
    }

    public struct Format: Hashable, Sendable {
        public var name: String
        public var version: String?
        /// The key in PRONOM, the National Archives' registry.
        public var pronom: String?
        public init(name: String, version: String? = nil, pronom: String? = nil) {
            self.name = name
            self.version = version
            self.pronom = pronom
        }
    }

    /// A file as it lies in the package.
    public struct File: Sendable {
        public var identifier: Identifier
        public var digests: [Digest]
        /// In octets.
        public var size: Int64
        public var format: Format
        /// What made it.
        public var program: PreservationProgram?
        public var createdAt: Date
        public var originalName: String?
        public init(
            identifier: Identifier, digests: [Digest], size: Int64, format: Format, program: PreservationProgram?,
            createdAt: Date, originalName: String? = nil
        ) {
            self.identifier = identifier
            self.digests = digests
            self.size = size
            self.format = format
            self.program = program
            self.createdAt = createdAt
            self.originalName = originalName
        }
    }

    public enum Subject: Sendable {
        /// The package as one, made of its representation.
        case package(id: Identifier, title: String, representation: Identifier)
        case representation(id: Identifier, title: String, files: [File])
    }

    private let subject: Subject
    private let agents: [PreservationAgent]
    private let events: [PreservationEvent]
    private let objects: [String: Identifier]
    private let eventIdentifier: (_ number: Int, _ event: PreservationEvent) -> Identifier

    /// - Parameters:
    ///   - events: in order of time.
    ///   - objects: identifiers of what the events are about, by the names that their links have. What is not among
    ///     these, such as the package that this one was made of, keeps the name it has there.
    ///   - eventIdentifier: of each event a different one.
    public init(
        _ subject: Subject, agents: [PreservationAgent], events: [PreservationEvent], objects: [String: Identifier],
        eventIdentifier: @escaping (_ number: Int, _ event: PreservationEvent) -> Identifier
    ) {
        self.subject = subject
        self.agents = agents
        self.events = events
        self.objects = objects
        self.eventIdentifier = eventIdentifier
    }

    /// In UTF-8, by nobody checked yet.
    public var document: Data {
        XMLNode(
            "premis:premis",
            [
                "xmlns:premis": "http://www.loc.gov/premis/v3",
                "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "version": "3.0",
            ], objectNodes + events.enumerated().map(event) + agents.map(agent)
        ).document
    }

    private func element(_ name: String, _ text: String) -> XMLNode { XMLNode("premis:\(name)", text) }

    private func element(_ name: String, _ children: [XMLNode]) -> XMLNode { XMLNode("premis:\(name)", children) }

    private func identifier(_ what: String, _ identifier: Identifier) -> XMLNode {
        element("\(what)Identifier", identifierNodes(what, identifier))
    }

    private func identifierNodes(_ what: String, _ identifier: Identifier) -> [XMLNode] {
        [
            element("\(what)IdentifierType", identifier.type), element("\(what)IdentifierValue", identifier.value),
        ]
    }

    private var objectNodes: [XMLNode] {
        switch subject {
        case .package(let id, let title, let representation):
            return [
                XMLNode(
                    "premis:object", ["xsi:type": "premis:intellectualEntity"],
                    [
                        identifier("object", id), element("originalName", title),
                        structural("includes", representation),
                    ])
            ]
        case .representation(let id, let title, let files):
            let whole = XMLNode(
                "premis:object", ["xsi:type": "premis:representation"],
                [identifier("object", id), element("originalName", title)]
                    + files.map { structural("has part", $0.identifier) })
            return [whole] + files.map(object)
        }
    }

    private func structural(_ subtype: String, _ id: Identifier) -> XMLNode {
        element(
            "relationship",
            [
                element("relationshipType", "structural"), element("relationshipSubType", subtype),
                identifier("relatedObject", id),
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
        var characteristics = [element("compositionLevel", "0")]
        characteristics += file.digests.map { digest in
            element(
                "fixity",
                [
                    element("messageDigestAlgorithm", digest.algorithm), element("messageDigest", digest.value),
                ])
        }
        characteristics += [element("size", "\(file.size)"), element("format", format)]
        if let program = file.program {
            characteristics.append(
                element(
                    "creatingApplication",
                    [
                        element("creatingApplicationName", program.name)
                    ] + (program.version.isEmpty ? [] : [element("creatingApplicationVersion", program.version)]) + [
                        element("dateCreatedByApplication", IndochinaTime.text(file.createdAt))
                    ]))
        }
        return XMLNode(
            "premis:object", ["xsi:type": "premis:file"],
            [
                identifier("object", file.identifier),
                element("objectCharacteristics", characteristics),
            ] + (file.originalName.map { [element("originalName", $0)] } ?? []))
    }

    private func event(_ number: Int, _ event: PreservationEvent) -> XMLNode {
        var children = [
            identifier("event", eventIdentifier(number, event)),
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
                identifierNodes("linkingAgent", .local(link.id)) + [element("linkingAgentRole", link.role)])
        }
        children += event.objects.map { link in
            element(
                "linkingObjectIdentifier",
                identifierNodes("linkingObject", objects[link.id] ?? .local(link.id))
                    + [element("linkingObjectRole", link.role)])
        }
        return element("event", children)
    }

    private func agent(_ agent: PreservationAgent) -> XMLNode {
        element(
            "agent",
            [
                identifier("agent", .local(agent.id)), element("agentName", agent.name),
                element("agentType", agent.kind.rawValue),
            ] + (agent.version.map { [element("agentVersion", $0)] } ?? []))
    }
}
