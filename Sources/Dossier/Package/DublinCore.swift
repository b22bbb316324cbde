import Foundation
import Preservation
import Vietnamese

/// The dossier in the fifteen elements of Dublin Core, in the container of OAI-PMH: what any catalogue of the world reads.
public enum DublinCore {
    /// A record of the dossier, checked by nobody yet; ``SchemaLibrary`` has its schema.
    public static func record(of dossier: Dossier, _ site: DossierProfile.Site) -> Data {
        var elements: [(name: String, language: String?, text: String)] = [
            ("title", "vi", dossier.title),
            ("identifier", nil, dossier.archivalCode(site)),
            ("identifier", nil, "urn:uuid:\(dossier.id.uuidString.lowercased())"),
        ]
        if !site.agencyName.isEmpty { elements.append(("creator", "vi", site.agencyName)) }
        elements += Set(dossier.recordings.map(\.recorder)).sorted().map { ("contributor", "vi", $0) }
        if !site.archiveName.isEmpty { elements.append(("publisher", "vi", site.archiveName)) }
        elements += dossier.keywords.map { ("subject", "vi", $0) }
        if let note = dossier.note { elements.append(("description", "vi", note)) }
        let (first, last) = (IndochinaTime.day(dossier.startedAt), IndochinaTime.day(dossier.endedAt))
        elements.append(("date", nil, first == last ? first : "\(first)/\(last)"))
        // Of the DCMI Type Vocabulary.
        let types = Set(
            dossier.recordings.map { $0.kind == .film ? "MovingImage" : "Sound" }
                + (dossier.papers.isEmpty ? [] : ["Text"]))
        elements += (["Collection"] + types.sorted()).map { ("type", nil, $0) }
        let formats = Set((dossier.recordings.map(\.file.mime) + dossier.papers.map(\.file.mime)).map(Self.plain))
        elements += formats.sorted().map { ("format", nil, $0) }
        elements += dossier.languages.map { ("language", nil, $0) }
        elements += Set(dossier.recordings.compactMap(\.place)).sorted().map { ("coverage", "vi", $0) }
        elements.append(("rights", "vi", Self.rights(dossier.access)))
        return XMLNode(
            "oai_dc:dc",
            [
                "xmlns:oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
                "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            ],
            elements.map { XMLNode("dc:\($0.name)", ["xml:lang": $0.language], text: $0.text) }
        ).document
    }

    private static func plain(_ mime: String) -> String { mime.split(separator: ";").first.map(String.init) ?? mime }

    private static func rights(_ access: Dossier.Access) -> String {
        switch access {
        case .open: "Công khai"
        case .conditional: "Sử dụng có điều kiện"
        case .secret: "Mật"
        }
    }
}
