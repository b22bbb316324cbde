import Evidence
import Foundation
import Preservation
import Vietnamese

/// `metadata/premis.xml`: what the payload of a package is made of, what was done to it until its seal, and by what. What comes after the
/// seal is told by packages that are made of this one.
struct PackagePreservation {
    let meeting: MeetingRecord
    let log: [EventRecord]
    /// The payload, hashed.
    let files: [SealDocument.File]
    let settings: SealingSettings
    let sealedAt: Date

    /// PREMIS 3.0.
    var document: Data {
        var history = PackageHistory()
        let packer = PreservationProgram(settings.software).map { history.enter($0) }
        let made = Dictionary(files.map { ($0.path, historical($0)) }, uniquingKeysWith: { first, _ in first })
        if let master = made[SealedPackage.master] {
            history.takeRecording(log, of: master)
            history.takeDecoding(log, of: master)
        }
        if let film = made[SealedPackage.accessCopy] {
            history.takeMaking(
                of: film, "dựng phim để xem từ bản gốc",
                from: made[SealedPackage.master] == nil ? nil : SealedPackage.master)
        }
        for file in files where file.path.hasPrefix("data/reports/") && !file.path.hasSuffix("decoding.json") {
            if let report = made[file.path] { history.takeMaking(of: report, "lập báo cáo") }
        }
        var events = history.events
        if made[SealedPackage.chain] != nil, let master = made[SealedPackage.master] {
            events.append(
                PreservationEvent(
                    type: "message digest calculation", at: master.createdAt,
                    detail: "SHA-256 từng cụm (cluster), nối thành chuỗi trong khi ghi: \(SealedPackage.chain)",
                    outcome: "success", agents: links(packer),
                    objects: [PreservationEvent.Link(SealedPackage.master, role: "source")]))
        }
        events.append(
            PreservationEvent(
                type: "message digest calculation", at: sealedAt,
                detail: "SHA-256, SHA-512; \(SealedPackage.payloadManifest), \(SealedPackage.sealName)",
                outcome: "success", agents: links(packer),
                objects: files.map { PreservationEvent.Link($0.path, role: "source") }))
        events = events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        let names = Dictionary(
            files.map { ($0.path, PREMISDocument.Identifier.local($0.path)) }, uniquingKeysWith: { first, _ in first })
        // By what films and sounds were coded, and the master was decoded.
        for component in settings.components { history.enter(component) }
        return PREMISDocument(
            .representation(id: .local(meeting.id), title: meeting.title, files: files.map(preserved)),
            agents: history.agents, events: events, objects: names,
            eventIdentifier: { number, _ in .local("event-\(number + 1)") }
        ).document
    }

    private func links(_ program: String?) -> [PreservationEvent.Link] {
        program.map { [PreservationEvent.Link($0, role: "executing program")] } ?? []
    }

    private func historical(_ file: SealDocument.File) -> PackageHistory.File {
        PackageHistory.File(
            name: file.path, program: PreservationProgram(file.madeBy),
            createdAt: file.madeAt.flatMap(IndochinaTime.date(from:)) ?? sealedAt)
    }

    private func preserved(_ file: SealDocument.File) -> PREMISDocument.File {
        let made = historical(file)
        return PREMISDocument.File(
            identifier: .local(file.path),
            digests: [
                PREMISDocument.Digest(algorithm: "SHA-256", value: file.sha256),
                PREMISDocument.Digest(algorithm: "SHA-512", value: file.sha512),
            ], size: file.size, format: PackageMIME.format(of: file.mime), program: made.program,
            createdAt: made.createdAt)
    }
}

extension PackageMIME {
    /// What is known of a type by that alone; of others the type is the name.
    static func format(of mime: String) -> PREMISDocument.Format {
        let plain = mime.split(separator: ";").first.map(String.init) ?? mime
        return formats[plain] ?? PREMISDocument.Format(name: plain)
    }

    private static let formats: [String: PREMISDocument.Format] = [
        "video/matroska": PREMISDocument.Format(name: "Matroska", pronom: "fmt/569"),
        "video/webm": PREMISDocument.Format(name: "WebM", pronom: "fmt/573"),
        "audio/ogg": PREMISDocument.Format(name: "Ogg Opus", pronom: "fmt/946"),
        "application/json": PREMISDocument.Format(name: "JSON Data Interchange Format", pronom: "fmt/817"),
        "application/xml": PREMISDocument.Format(
            name: "Extensible Markup Language", version: "1.0", pronom: "fmt/101"),
        "application/pdf": PREMISDocument.Format(name: "Portable Document Format"),
        "application/vnd.oasis.opendocument.text": PREMISDocument.Format(name: "OpenDocument Text"),
        "text/plain": PREMISDocument.Format(name: "Plain Text File", pronom: "x-fmt/111"),
        "image/webp": PREMISDocument.Format(name: "WebP"),
        "text/vtt": PREMISDocument.Format(name: "WebVTT"),
        "application/jsonl": PREMISDocument.Format(name: "JSON Lines"),
    ]
}
