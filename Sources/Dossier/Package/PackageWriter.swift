import Foundation
import Preservation
import Vietnamese

/// A package that was let out.
public struct EmittedPackage: Hashable, Sendable {
    public var kind: PackageKind
    /// `mets/@OBJID`.
    public var objectID: String
    public var directory: String
    public var files: Int
    public var octets: Int64
}

extension Dossier {
    public static let mostFiles = 4096

    /// Writes the package of this kind into a directory of its own below `directory`: the same dossier and profile always give
    /// the same octets. It stands there under its name only when each of its documents was found valid by its schema and each
    /// file was read again and found as its METS lists it; otherwise nothing is left.
    ///
    /// Blocks its thread as long as copying and reading the files takes.
    /// - Parameters:
    ///   - isCancelled: asked at each piece; where it says so, nothing is left.
    ///   - progress: gets the octets done, of how many.
    public func write(
        _ kind: PackageKind, to directory: String, under profile: DossierProfile, _ schemas: SchemaLibrary,
        isCancelled: () -> Bool = { Task.isCancelled }, progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws(DossierFault) -> EmittedPackage {
        guard let package = profile.package(kind) else { throw .missing(field: kind.rawValue, form: "the profile") }
        try check(kind, package, profile)
        let objectID = try objectID(package, profile.site)
        let name = objectID.replacingOccurrences(of: ":", with: "_")
        let final = directory + "/" + name
        guard !FileManager.default.fileExists(atPath: final) else { throw .alreadyThere(final) }
        let unfinished = directory + "/.\(name).unfinished"
        // Of a run that was cut off.
        try? FileManager.default.removeItem(atPath: unfinished)
        var isDone = false
        defer { if !isDone { try? FileManager.default.removeItem(atPath: unfinished) } }
        var writer = PackageWriter(
            dossier: self, kind: kind, package: package, profile: profile, schemas: schemas, objectID: objectID,
            root: unfinished + "/")
        let total = (recordings.map(\.file) + papers.map(\.file)).reduce(0) { $0 &+ max(0, $1.size) } &* 2
        var done: Int64 = 0
        let advance = { (count: Int) throws(DossierFault) in
            guard !isCancelled() else { throw .cancelled }
            done += Int64(count)
            progress(min(done, total), total)
        }
        try writer.write(advance)
        let inspection = try PackageInspection(unfinished, profile, schemas, advance: advance)
        guard inspection.defects.isEmpty else { throw .defects(inspection.defects) }
        guard rename(unfinished, final) == 0 else {
            throw .inputOutput(path: final, reason: String(cString: strerror(errno)))
        }
        isDone = true
        PackageWriter.syncDirectory(directory)
        return EmittedPackage(
            kind: kind, objectID: objectID, directory: final, files: inspection.files, octets: inspection.octets)
    }

    private func check(
        _ kind: PackageKind, _ package: DossierProfile.Package, _ profile: DossierProfile
    ) throws(DossierFault) {
        guard !recordings.isEmpty || !papers.isEmpty else { throw .nothingToPackage }
        guard recordings.count + papers.count <= Self.mostFiles else { throw .tooManyFiles(limit: Self.mostFiles) }
        guard startedAt <= endedAt else { throw .contradiction("the dossier ends before it begins") }
        guard agents.contains(where: { $0.kind == .software }) else {
            throw .contradiction("the dossier names no program")
        }
        guard Set(agents.map(\.id)).count == agents.count else {
            throw .contradiction("two agents of the dossier have one identifier")
        }
        guard !profile.site.agencyName.isEmpty else { throw .missing(field: "agencyName", form: "site") }
        for recording in recordings {
            let mime = recording.file.mime.split(separator: ";").first.map(String.init) ?? ""
            guard package.media.contains(mime) else {
                throw .formatNotListed(path: recording.file.path, mime: recording.file.mime)
            }
        }
        guard kind == .dissemination else { return }
        guard access != .secret else { throw .stateSecret }
        guard let request, !request.sheet.isEmpty else { throw .requestMissing }
        guard SupplySheet.isArchival(request.sheet) else { throw .sheetNotArchival }
    }

    private func objectID(
        _ package: DossierProfile.Package, _ site: DossierProfile.Site
    ) throws(DossierFault) -> String {
        if package.objectID.contains("{fonds}"), site.fondsCode.isEmpty {
            throw .missing(field: "fondsCode", form: "site")
        }
        let objectID = package.objectID
            .replacingOccurrences(of: "{uuid}", with: id.uuidString.uppercased())
            .replacingOccurrences(of: "{fonds}", with: PackageName.ascii(site.fondsCode))
        return objectID
    }
}

/// Lays a package out on disk.
struct PackageWriter {
    let dossier: Dossier
    let kind: PackageKind
    let package: DossierProfile.Package
    let profile: DossierProfile
    let schemas: SchemaLibrary
    let objectID: String
    /// With `/` at its end.
    let root: String

    private var identifiers: PackageIdentifiers { PackageIdentifiers(package: dossier.id) }

    /// A file of the data with its description.
    private struct Document {
        var source: DossierFile
        var name: String
        var descriptiveName: String
        var description: Data
    }

    init(
        dossier: Dossier, kind: PackageKind, package: DossierProfile.Package, profile: DossierProfile,
        schemas: SchemaLibrary, objectID: String, root: String
    ) {
        self.dossier = dossier
        self.kind = kind
        self.package = package
        self.profile = profile
        self.schemas = schemas
        self.objectID = objectID
        self.root = root
    }

    mutating func write(_ advance: (Int) throws(DossierFault) -> Void) throws(DossierFault) {
        // What may be refused is made before the first octet of a film is copied.
        let documents = try self.documents()
        let dossierForm = try dossierDocument()
        let layout = PackageLayout.self
        for folder in [
            layout.descriptive, layout.documentation, layout.schemas, layout.representation + layout.descriptive,
            layout.representation + layout.data,
        ] + (kind == .archival ? [layout.preservation, layout.representation + layout.preservation] : []) {
            try makeFolder(root + folder)
        }
        let representation = try writeRepresentation(documents, advance)
        let descriptive = try writeDescriptive(dossierForm)
        var preservation: [PackagedFile] = []
        if kind == .archival {
            preservation = [try put(packagePREMIS, layout.preservation + "PREMIS.xml", "application/xml")]
        }
        let groups = [
            METSDocument.Group(use: "Documentation", files: try writeDocumentation()),
            METSDocument.Group(use: "Schemas", files: try writeSchemas()),
            METSDocument.Group(
                use: "Representations/" + layout.representationName, files: [representation], contentType: "MIXED"),
        ]
        let mets = METSDocument(
            kind: kind, objectID: objectID, label: dossier.title, type: package.type, profile: package.profile,
            schemas: layout.schemas, createdAt: dossier.createdAt, agents: [softwareAgent, agencyAgent],
            submission: dossier.submission ?? dossier.fileCode, descriptive: descriptive, preservation: preservation,
            groups: groups, structure: .package(representation: representation), identifiers: identifiers,
            scope: "root")
        _ = try put(mets.document, layout.metsName, "application/xml")
    }

    // MARK: - The representation

    private func writeRepresentation(
        _ documents: [Document], _ advance: (Int) throws(DossierFault) -> Void
    ) throws(DossierFault) -> PackagedFile {
        let layout = PackageLayout.self
        let base = layout.representation
        var links: [METSDocument.Link] = []
        var files: [PREMISDocument.File] = []
        var preserved: [String: PREMISDocument.Identifier] = [:]
        for document in documents {
            let description = try put(
                document.description, base + layout.descriptive + document.descriptiveName, "application/xml",
                relativeTo: base)
            let copied = try copy(document.source, to: base + layout.data + document.name, advance)
            let packaged = PackagedFile(
                path: layout.data + document.name, size: copied.size, sha256: copied.sha256,
                mime: Self.plain(document.source.mime), createdAt: document.source.createdAt)
            links.append(METSDocument.Link(file: packaged, descriptive: description))
            preserved[document.source.path] = fileID(packaged)
            let format = profile.format(
                packaged.mime, beginning: FileStream.beginning(of: root + base + packaged.path))
            files.append(
                PREMISDocument.File(
                    identifier: fileID(packaged),
                    digests: [PREMISDocument.Digest(algorithm: "SHA-256", value: packaged.sha256)],
                    size: packaged.size,
                    format: PREMISDocument.Format(name: format.name, version: format.version, pronom: format.pronom),
                    program: document.source.madeBy, createdAt: document.source.createdAt,
                    originalName: document.source.originalName))
        }
        var preservation: [PackagedFile] = []
        if kind == .archival {
            preservation = [
                try put(
                    representationPREMIS(files, preserved), base + layout.preservation + "PREMIS_rep1.xml",
                    "application/xml",
                    relativeTo: base)
            ]
        }
        let mets = METSDocument(
            kind: kind, objectID: layout.representationName, label: dossier.title, type: package.type,
            profile: package.representationProfile, schemas: "../../" + layout.schemas,
            createdAt: dossier.createdAt, agents: [softwareAgent, agencyAgent], submission: nil,
            descriptive: links.map(\.descriptive), preservation: preservation,
            groups: [METSDocument.Group(use: "Data", files: links.map(\.file))],
            structure: .representation(name: layout.representationName, links: links), identifiers: identifiers,
            scope: layout.representationName)
        return try put(mets.document, base + layout.metsName, "application/xml")
    }

    private func documents() throws(DossierFault) -> [Document] {
        var documents: [Document] = []
        let stem = PackageName.ascii(dossier.fileCode)
        for recording in dossier.recordings {
            let ordinal = documents.count + 1
            documents.append(
                Document(
                    source: recording.file,
                    name: "\(stem).\(ordinal).\(PackageName.ending(recording.file.mime, of: recording.file.path))",
                    descriptiveName: "EAD_media_\(stem).\(ordinal).xml",
                    description: try profile.document(
                        package.recording, dossier.values(of: recording, ordinal, profile))))
        }
        for paper in dossier.papers {
            let ordinal = documents.count + 1
            documents.append(
                Document(
                    source: paper.file,
                    name: "\(stem).\(ordinal).\(PackageName.ending(paper.file.mime, of: paper.file.path))",
                    descriptiveName: "EAD_doc_\(stem).\(ordinal).xml",
                    description: try profile.document(package.paper, dossier.values(of: paper, ordinal, profile))))
        }
        return documents
    }

    private func copy(
        _ source: DossierFile, to path: String, _ advance: (Int) throws(DossierFault) -> Void
    ) throws(DossierFault) -> FileStream.Sum {
        let sum = try FileStream.sum(source.path, copy: root + path, advance: advance)
        guard sum.size == source.size else {
            throw .sourceChanged(path: source.path, what: "it has \(sum.size) octets, not \(source.size)")
        }
        guard sum.sha256 == source.sha256.uppercased() else {
            throw .sourceChanged(path: source.path, what: "it has another checksum")
        }
        return sum
    }

    // MARK: - The package

    /// The form of the file, or of the request where the package answers one.
    private func dossierDocument() throws(DossierFault) -> Data {
        if kind == .dissemination {
            guard let request = dossier.request else { throw .requestMissing }
            return try profile.document(package.dossier, request.values)
        }
        return try profile.document(package.dossier, dossier.fileValues(profile))
    }

    private func writeDescriptive(_ form: Data) throws(DossierFault) -> [PackagedFile] {
        var files = [try put(form, PackageLayout.descriptive + "EAD.xml", "application/xml")]
        if package.dublinCore {
            files.append(
                try put(
                    DublinCore.record(of: dossier, profile.site),
                    PackageLayout.descriptive + PackageLayout.dublinCoreName, "application/xml"))
        }
        return files
    }

    private func writeDocumentation() throws(DossierFault) -> [PackagedFile] {
        var files = [
            try put(
                Data(PackageReadMe.text(dossier, kind, profile).utf8), PackageLayout.documentation + "README.txt",
                "text/plain")
        ]
        if kind == .dissemination, let request = dossier.request {
            files.append(
                try put(request.sheet, PackageLayout.documentation + PackageLayout.sheetName, "application/pdf"))
        }
        return files
    }

    private func writeSchemas() throws(DossierFault) -> [PackagedFile] {
        var files: [PackagedFile] = []
        var shipped: [SchemaLibrary.Shipped] = [.mets, .xlink, .csip, .sip]
        if kind == .archival { shipped.append(.premis) }
        if package.dublinCore { shipped += [.dublinCore, .dublinCoreRecord, .xml] }
        for schema in shipped {
            guard let data = FileManager.default.contents(atPath: schemas.folder + schema.rawValue) else {
                throw .schemaUnreadable(schema.rawValue, "it cannot be read")
            }
            files.append(try put(data, PackageLayout.schemas + schema.packagedName, "application/xml"))
        }
        for name in [package.dossier, package.recording, package.paper] {
            guard let form = profile.forms[name] else { continue }
            files.append(try put(profile.schema(of: form), PackageLayout.schemas + form.schema, "application/xml"))
        }
        return files
    }

    // MARK: - What is said of it

    private var softwareAgent: METSDocument.Agent {
        let program = dossier.agents.first { $0.kind == .software }
        return METSDocument.Agent(
            role: "CREATOR", type: "OTHER", otherType: "SOFTWARE", name: program?.name ?? "",
            noteType: "SOFTWARE VERSION", note: program?.version ?? "?")
    }

    /// The agency of whose work the dossier is (E-ARK SIP, *archival creator*): in CSIP a `CREATOR` is a program.
    private var agencyAgent: METSDocument.Agent {
        let code = [profile.site.fondsCode, profile.site.agencyCode].first { !$0.isEmpty }
        return METSDocument.Agent(
            role: "ARCHIVIST", type: "ORGANIZATION", otherType: nil, name: profile.site.agencyName,
            noteType: "IDENTIFICATIONCODE", note: code)
    }

    private var packageObjectID: PREMISDocument.Identifier { .uuid(identifiers.section("premis/package")) }
    private var representationObjectID: PREMISDocument.Identifier { .uuid(identifiers.section("premis/rep1")) }

    private func fileID(_ file: PackagedFile) -> PREMISDocument.Identifier {
        .uuid(identifiers.section("premis/\(file.path)"))
    }

    private func eventID(_ number: Int, _ event: PreservationEvent) -> PREMISDocument.Identifier {
        .uuid(identifiers.section("premis/event/\(number)/\(event.type)"))
    }

    /// Each agent's part in making the package; an archivist carries it out, the program is run. People who did something before it
    /// had no part in it.
    private var makers: [PreservationEvent.Link] {
        let earlier = Set(dossier.events.flatMap(\.agents).map(\.id))
        return dossier.agents.enumerated().compactMap { number, agent in
            switch agent.kind {
            case .software:
                agent == dossier.agents.first { $0.kind == .software }
                    ? PreservationEvent.Link(agent.id, role: "executing program") : nil
            case .person:
                earlier.contains(agent.id) ? nil : PreservationEvent.Link(agent.id, role: "implementer")
            case .organization: nil
            }
        }
    }

    private var packagePREMIS: Data {
        PREMISDocument(
            .package(id: packageObjectID, title: dossier.title, representation: representationObjectID),
            agents: dossier.agents,
            events: [
                PreservationEvent(
                    type: "information package creation", at: dossier.createdAt, outcome: "success",
                    agents: makers, objects: [PreservationEvent.Link("package", role: "outcome")])
            ], objects: ["package": packageObjectID], eventIdentifier: eventID
        ).document
    }

    /// - Parameter preserved: identifiers of the files by the paths by which the events know them.
    private func representationPREMIS(
        _ files: [PREMISDocument.File], _ preserved: [String: PREMISDocument.Identifier]
    ) -> Data {
        let hashing = PreservationEvent(
            type: "message digest calculation", at: dossier.createdAt, detail: "SHA-256", outcome: "success",
            agents: makers.filter { $0.role == "executing program" },
            objects: preserved.keys.sorted().map { PreservationEvent.Link($0, role: "source") })
        // Each was compared with what it had to be while it was copied.
        var checking = hashing
        (checking.type, checking.detail) = ("fixity check", "SHA-256, so với bản kê khi đóng dấu hoặc khi lập")
        // What the events know by a path of this machine is known to nobody else.
        let events = (dossier.events + [hashing, checking]).map { event in
            var event = event
            event.objects = event.objects.map { link in
                preserved[link.id] != nil || !link.id.contains("/")
                    ? link : PreservationEvent.Link((link.id as NSString).lastPathComponent, role: link.role)
            }
            return event
        }
        return PREMISDocument(
            .representation(id: representationObjectID, title: dossier.title, files: files),
            agents: dossier.agents, events: events, objects: preserved, eventIdentifier: eventID
        ).document
    }

    // MARK: - Disk

    /// Writes a document that was made here, checked by its schema where it has one.
    private func put(
        _ data: Data, _ path: String, _ mime: String, relativeTo base: String = ""
    ) throws(DossierFault) -> PackagedFile {
        try PackageInspection.validate(data, at: path, package, profile, schemas)
        let whole = root + path
        do { try data.write(to: URL(fileURLWithPath: whole), options: .withoutOverwriting) } catch {
            throw .inputOutput(path: whole, reason: error.localizedDescription)
        }
        let sum = try FileStream.sum(whole)
        return PackagedFile(
            path: String(path.dropFirst(base.count)), size: sum.size, sha256: sum.sha256, mime: mime,
            createdAt: dossier.createdAt)
    }

    private func makeFolder(_ path: String) throws(DossierFault) {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw .inputOutput(path: path, reason: error.localizedDescription)
        }
    }

    /// So that the name is there after a power cut.
    static func syncDirectory(_ path: String) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func plain(_ mime: String) -> String { mime.split(separator: ";").first.map(String.init) ?? mime }
}
