import Foundation

/// A package as it lies on disk, read whole: whether each document is valid by its schema, each listed file is there with its
/// size and checksum, and nothing else is.
public struct PackageInspection: Sendable {
    private static let deepest = 8
    private static let most = 20_000

    public private(set) var defects: [PackageDefect] = []
    /// How many files there are, and how long all are together.
    public private(set) var files = 0
    public private(set) var octets: Int64 = 0

    private struct Listed {
        var size: Int64?
        /// In capitals.
        var sha256: String?
    }

    /// - Parameters:
    ///   - directory: of the package, with its `METS.xml`.
    ///   - advance: gets the number of octets of each piece of data that was read, and throws to stop.
    /// - Throws: ``DossierFault/invalidDocument(_:_:)`` for a document that its schema refuses; what is wrong with files is in
    ///   ``defects``.
    public init(
        _ directory: String, _ profile: DossierProfile, _ schemas: SchemaLibrary,
        advance: (Int) throws(DossierFault) -> Void = { _ in }
    ) throws(DossierFault) {
        let root = directory + "/"
        let metsName = PackageLayout.metsName
        let mets = try Self.read(root, metsName)
        let kind = try Self.kind(of: mets)
        guard let package = profile.package(kind) else { throw .missing(field: kind.rawValue, form: "the profile") }
        var listed: [String: Listed] = [:]
        try list(mets, base: "", metsName, into: &listed)
        for representation in listed.keys.sorted() where representation.hasSuffix("/" + metsName) {
            let base = String(representation.dropLast(metsName.count))
            guard let data = FileManager.default.contents(atPath: root + representation) else { continue }
            try list(data, base: base, representation, into: &listed)
        }
        var paths: [String] = []
        try Self.walk(root, "", depth: 0, files: &paths, others: &defects)
        for path in paths {
            let isData = path.contains("/" + PackageLayout.data)
            let sum = isData ? try FileStream.sum(root + path, advance: advance) : try FileStream.sum(root + path)
            files += 1
            octets += sum.size
            if path == metsName { continue }
            guard let expected = listed.removeValue(forKey: path) else {
                defects.append(PackageDefect(path: path, kind: .unlisted))
                continue
            }
            if let size = expected.size, size != sum.size {
                defects.append(PackageDefect(path: path, kind: .size(listed: size, found: sum.size)))
            } else if expected.sha256 != sum.sha256 {
                defects.append(PackageDefect(path: path, kind: .checksum))
            } else if PackageLayout.Check(path: path) != nil {
                try Self.validate(try Self.read(root, path), at: path, package, profile, schemas)
            }
        }
        for path in listed.keys.sorted() { defects.append(PackageDefect(path: path, kind: .missing)) }
        try schemas.validateMETS(mets, named: metsName)
    }

    /// Checks one document of a package; what is no XML of ours passes.
    static func validate(
        _ data: Data, at path: String, _ package: DossierProfile.Package, _ profile: DossierProfile,
        _ schemas: SchemaLibrary
    ) throws(DossierFault) {
        let formName: String
        switch PackageLayout.Check(path: path) {
        case nil: return
        case .mets: return try schemas.validateMETS(data, named: path)
        case .premis: return try schemas.validatePREMIS(data, named: path)
        case .dublinCore: return try schemas.validateDublinCore(data, named: path)
        case .dossier: formName = package.dossier
        case .recording: formName = package.recording
        case .paper: formName = package.paper
        }
        guard let form = profile.forms[formName] else { throw .missing(field: formName, form: "the profile") }
        try schemas.schema(profile.schema(of: form), named: form.schema).validate(data, named: path)
    }

    private static func read(_ root: String, _ path: String) throws(DossierFault) -> Data {
        guard let data = FileManager.default.contents(atPath: root + path) else {
            throw .inputOutput(path: root + path, reason: "it cannot be read")
        }
        return data
    }

    private static func kind(of mets: Data) throws(DossierFault) -> PackageKind {
        let header = try XMLElements(mets, named: PackageLayout.metsName).all.first { $0.name == "metsHdr" }
        guard let kind = header?.attributes["OAISPACKAGETYPE"].flatMap({ PackageKind(rawValue: $0.lowercased()) })
        else { throw .invalidDocument(PackageLayout.metsName, ["it does not say what kind of package it is"]) }
        return kind
    }

    /// Takes up what a METS document lists.
    private mutating func list(
        _ mets: Data, base: String, _ name: String, into listed: inout [String: Listed]
    ) throws(DossierFault) {
        let elements = try XMLElements(mets, named: name)
        for (index, element) in elements.all.enumerated() where element.name == "file" || element.name == "mdRef" {
            let location = element.name == "file" ? elements.children(of: index, named: "FLocat").first : element
            let href = location?.attributes["href"] ?? ""
            guard let path = Self.path(href, base), listed[path] == nil else {
                defects.append(PackageDefect(path: base + href, kind: .badListing))
                continue
            }
            let isSHA256 = element.attributes["CHECKSUMTYPE"] == "SHA-256"
            listed[path] = Listed(
                size: element.attributes["SIZE"].flatMap(Int64.init),
                sha256: isSHA256 ? element.attributes["CHECKSUM"]?.uppercased() : nil)
        }
    }

    /// The path in the package that an address names; nil where it leads out of it.
    private static func path(_ href: String, _ base: String) -> String? {
        guard let name = href.removingPercentEncoding, !name.isEmpty, !name.contains("\0") else { return nil }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        return base + name
    }

    /// All files, by path; what is neither a file nor a directory is a defect.
    private static func walk(
        _ root: String, _ prefix: String, depth: Int, files: inout [String], others: inout [PackageDefect]
    ) throws(DossierFault) {
        guard depth < deepest, let names = try? FileManager.default.contentsOfDirectory(atPath: root + prefix)
        else { throw .inputOutput(path: root + prefix, reason: "it cannot be listed, or is too deep") }
        for name in names.sorted() {
            guard files.count + others.count < most else { throw .tooManyFiles(limit: most) }
            let path = prefix + name
            var status = stat()
            guard lstat(root + path, &status) == 0 else {
                throw .inputOutput(path: root + path, reason: String(cString: strerror(errno)))
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try walk(root, path + "/", depth: depth + 1, files: &files, others: &others)
            case S_IFREG: files.append(path)
            default: others.append(PackageDefect(path: path, kind: .notAFile))
            }
        }
    }
}
