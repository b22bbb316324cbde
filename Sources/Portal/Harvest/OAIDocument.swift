import Archive
import Dossier
import Foundation
import Preservation

/// An answer of OAI-PMH (OAI-PMH 2.0 §3.2): always a whole document, whatever was asked.
struct OAIDocument: Sendable {
    /// Where the list goes on; nil where it came whole in one piece.
    struct Continuation: Equatable, Sendable {
        /// Empty on the last piece.
        var token: String
        var expires: Int64?
        /// How many came before.
        var cursor: Int
        var total: Int?
    }

    enum Answer: Sendable {
        case identify(earliest: Int64)
        case formats
        case sets([HarvestSet], Continuation?)
        case record(HarvestPage.Item)
        case list(isWhole: Bool, [HarvestPage.Item], Continuation?)
        case fault(OAIFault)
    }

    let configuration: HarvestConfiguration
    let baseURL: String
    /// Under which a recording is found; nil leaves that out.
    let recordingURL: @Sendable (String) -> String?

    private static let instance = "http://www.w3.org/2001/XMLSchema-instance"
    private static let namespace = "http://www.openarchives.org/OAI/2.0/"
    private static let dublinCore = "http://www.openarchives.org/OAI/2.0/oai_dc/"
    private static let dublinCoreSchema = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

    /// - Parameter accepted: nil where the request was none.
    func data(_ answer: Answer, to accepted: OAIRequest.Accepted?, at now: Int64) -> Data {
        var request = XMLNode("request", baseURL)
        if let accepted {
            request.attributes.append(.init(name: "verb", value: accepted.verb.rawValue))
            for argument in OAIRequest.Argument.allCases {
                if let value = accepted.arguments[argument] {
                    request.attributes.append(.init(name: argument.rawValue, value: value))
                }
            }
        }
        return XMLNode(
            "OAI-PMH",
            [
                "xmlns": Self.namespace, "xmlns:xsi": Self.instance,
                "xsi:schemaLocation": "\(Self.namespace) \(Self.namespace)OAI-PMH.xsd",
            ],
            [XMLNode("responseDate", UTCDatestamp(seconds: now).text), request, node(answer)]
        ).document
    }

    private func node(_ answer: Answer) -> XMLNode {
        switch answer {
        case .identify(let earliest): return identify(earliest)
        case .formats:
            return XMLNode(
                "ListMetadataFormats",
                [
                    XMLNode(
                        "metadataFormat",
                        [
                            XMLNode("metadataPrefix", OAIRequest.metadataPrefix),
                            XMLNode("schema", Self.dublinCoreSchema),
                            XMLNode("metadataNamespace", Self.dublinCore),
                        ])
                ])
        case .sets(let sets, let continuation):
            let nodes = sets.map { XMLNode("set", [XMLNode("setSpec", $0.spec), XMLNode("setName", $0.name)]) }
            return XMLNode("ListSets", nodes + [Self.node(continuation)].compactMap { $0 })
        case .record(let item): return XMLNode("GetRecord", [record(item)])
        case .list(let isWhole, let items, let continuation):
            return XMLNode(
                isWhole ? "ListRecords" : "ListIdentifiers",
                items.map { isWhole ? record($0) : header($0.record) } + [Self.node(continuation)].compactMap { $0 })
        case .fault(let fault): return XMLNode("error", ["code": fault.code.rawValue], text: fault.text)
        }
    }

    private func identify(_ earliest: Int64) -> XMLNode {
        var nodes = [
            XMLNode("repositoryName", configuration.repositoryName), XMLNode("baseURL", baseURL),
            XMLNode("protocolVersion", "2.0"), XMLNode("adminEmail", configuration.email),
            XMLNode("earliestDatestamp", UTCDatestamp(seconds: earliest).text), XMLNode("deletedRecord", "persistent"),
            XMLNode("granularity", "YYYY-MM-DDThh:mm:ssZ"),
        ]
        if configuration.hasDomain { nodes.append(XMLNode("description", [identifiers])) }
        return XMLNode("Identify", nodes)
    }

    /// What identifiers look like (OAI Identifier Format 2.0).
    private var identifiers: XMLNode {
        let namespace = Self.namespace + "oai-identifier"
        return XMLNode(
            "oai-identifier", ["xmlns": namespace, "xsi:schemaLocation": "\(namespace) \(namespace).xsd"],
            [
                XMLNode("scheme", "oai"), XMLNode("repositoryIdentifier", configuration.domain),
                XMLNode("delimiter", ":"),
                XMLNode("sampleIdentifier", configuration.identifier(of: "20261124-093000-giaoban-k3f9")),
            ])
    }

    private func header(_ record: HarvestRecord) -> XMLNode {
        XMLNode(
            "header", ["status": record.state == .live ? nil : "deleted"],
            [
                XMLNode("identifier", configuration.identifier(of: record.meetingID)),
                XMLNode("datestamp", UTCDatestamp(seconds: record.datestamp).text),
            ] + record.sets.map { XMLNode("setSpec", $0.spec) })
    }

    private func record(_ item: HarvestPage.Item) -> XMLNode {
        guard item.record.state == .live else { return XMLNode("record", [header(item.record)]) }
        var elements = item.meeting.dublinCore(source: configuration.organization)
        elements += item.record.sets.filter { $0.spec.hasPrefix(HarvestSet.field) }.map { ("subject", $0.name) }
        elements += item.record.sets.filter { $0.spec.hasPrefix(HarvestSet.unit) }.map { ("contributor", $0.name) }
        if let url = recordingURL(item.meeting.id) { elements.append(("identifier", url)) }
        let dc = XMLNode(
            "oai_dc:dc",
            [
                "xmlns:oai_dc": Self.dublinCore, "xmlns:dc": "http://purl.org/dc/elements/1.1/",
                "xsi:schemaLocation": "\(Self.dublinCore) \(Self.dublinCoreSchema)",
            ], elements.map { XMLNode("dc:\($0.name)", $0.value) })
        return XMLNode("record", [header(item.record), XMLNode("metadata", [dc])])
    }

    private static func node(_ continuation: Continuation?) -> XMLNode? {
        continuation.map {
            XMLNode(
                "resumptionToken",
                [
                    "expirationDate": $0.expires.map { UTCDatestamp(seconds: $0).text },
                    "completeListSize": $0.total.map(String.init), "cursor": String($0.cursor),
                ], text: $0.token)
        }
    }
}

extension HarvestSet {
    static let field = "field-"
    static let unit = "unit-"
}
