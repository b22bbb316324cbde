public import Foundation
import Matroska
import Preservation
import Vietnamese

extension MeetingRecord {
    /// What is told of it in Dublin Core, by name without prefix (DCMI Metadata Terms, the elements of ISO 15836-1).
    ///
    /// The language is that of titles and of the agencies' work; what is spoken nobody measures.
    /// - Parameters:
    ///   - opened: when the chair opened it; where nobody knows, the first call came then.
    ///   - holdings: what there is of it; nil where that was not looked at, and nothing is said of it.
    public func dublinCore(
        source: String, opened: Date? = nil, holdings: PackageHoldings? = nil
    ) -> [(name: String, value: String)] {
        var elements: [(name: String, value: String)] = [
            ("title", title), ("identifier", id), ("date", IndochinaTime.text(opened ?? openedAt)), ("type", "Event"),
            ("language", "vi"),
        ]
        elements += (holdings?.types ?? []).map { ("type", $0) }
        if let convener { elements.append(("creator", convener)) }
        if !source.isEmpty { elements.append(("publisher", source)) }
        if let document { elements.append(("relation", document)) }
        elements.append(("coverage", room))
        elements += (holdings?.formats ?? []).map { ("format", $0) }
        return elements
    }
}

/// What a package has of a meeting's sound and pictures.
public struct PackageHoldings: Sendable, Equatable {
    /// Of the DCMI Type Vocabulary, each once.
    public private(set) var types: [String] = []
    public private(set) var formats: [String] = []

    /// What lies in a package's directory.
    init(_ paths: PackagePaths) {
        if access(paths.master, F_OK) == 0 {
            let tracks = (try? MatroskaReader(path: paths.master).tracks) ?? []
            let hasPictures = tracks.contains(where: \.codec.isVideo)
            add(hasPictures ? "MovingImage" : tracks.isEmpty ? nil : "Sound")
            // RFC 9559 §27.
            formats.append(hasPictures || tracks.isEmpty ? "video/matroska" : "audio/matroska")
        }
        for (name, type) in [("access.webm", "MovingImage"), ("audio.opus", "Sound")]
        where access(paths.payload(name), F_OK) == 0 {
            add(type)
            formats.append(PackageMIME.type(of: name))
        }
    }

    private mutating func add(_ type: String?) {
        if let type, !types.contains(type) { types.append(type) }
    }
}

/// A meeting's Dublin Core record.
enum DublinCore {
    static func record(
        of meeting: MeetingRecord, source: String, opened: Date? = nil, holdings: PackageHoldings
    ) -> Data {
        XMLNode(
            "oai_dc:dc",
            [
                "xmlns:oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
                "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            ],
            meeting.dublinCore(source: source, opened: opened, holdings: holdings)
                .map { XMLNode("dc:\($0.name)", $0.value) }
        ).document
    }
}
