/// Why a package is not made, or is not let out.
public enum DossierFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A field that the form requires has no value.
    case missing(field: String, form: String)
    /// More characters than the form allows.
    case tooLong(field: String, form: String, limit: Int)
    /// The profile has no code for what is meant.
    case noCode(field: String, form: String, meaning: String)
    /// What the schema, or the reader, says against a document.
    case invalidDocument(String, [String])
    case schemaUnreadable(String, String)
    /// A file is not what the dossier says of it.
    case sourceChanged(path: String, what: String)
    /// The profile does not list the format for this kind of package.
    case formatNotListed(path: String, mime: String)
    case nothingToPackage
    case tooManyFiles(limit: Int)
    /// A package for use without a request and its sheet.
    case requestMissing
    /// The sheet is not PDF/A.
    case sheetNotArchival
    /// There is no composed film, nor its sound; the master has each point's streams apart.
    case noAccessCopy
    /// A package for use of what is a state secret.
    case stateSecret
    /// A dossier whose end is before its beginning, or whose fields contradict one another otherwise.
    case contradiction(String)
    /// What was written is not what its METS lists.
    case defects([PackageDefect])
    case alreadyThere(String)
    case inputOutput(path: String, reason: String)
    case cancelled

    public var description: String {
        switch self {
        case .missing(let field, let form): "\(form) requires \(field), which has no value"
        case .tooLong(let field, let form, let limit): "\(field) of \(form) is longer than \(limit) characters"
        case .noCode(let field, let form, let meaning): "\(field) of \(form): the profile has no code for \(meaning)"
        case .invalidDocument(let name, let lines): "\(name) is not valid: \(lines.joined(separator: "; "))"
        case .schemaUnreadable(let name, let reason): "schema \(name): \(reason)"
        case .sourceChanged(let path, let what): "\(path) is not as sealed: \(what)"
        case .formatNotListed(let path, let mime): "\(path): \(mime) is not listed for this kind of package"
        case .nothingToPackage: "the dossier has neither recordings nor papers"
        case .tooManyFiles(let limit): "a package has at most \(limit) files"
        case .requestMissing: "a package for use wants a request and its sheet"
        case .sheetNotArchival: "the sheet is not PDF/A"
        case .noAccessCopy:
            "there is no access copy to make it of: the master has each point's streams apart, and one of them is not the meeting"
        case .stateSecret: "a state secret is not given out"
        case .contradiction(let what): what
        case .defects(let defects): "the package is not whole: \(defects.map(\.description).joined(separator: "; "))"
        case .alreadyThere(let path): "\(path) is there already"
        case .inputOutput(let path, let reason): "\(path): \(reason)"
        case .cancelled: "it was cancelled"
        }
    }
}

/// What is wrong with a package that was written or received.
public struct PackageDefect: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// Listed and not there.
        case missing
        /// There and not listed.
        case unlisted
        case size(listed: Int64, found: Int64)
        case checksum
        /// Listed twice, or by a path that leads out of the package.
        case badListing
        /// A link, socket or device.
        case notAFile
    }
    /// Below the package's directory.
    public var path: String
    public var kind: Kind

    public var description: String {
        switch kind {
        case .missing: "\(path) is missing"
        case .unlisted: "\(path) is not listed"
        case .size(let listed, let found): "\(path) has \(found) octets, not \(listed)"
        case .checksum: "\(path) has another checksum"
        case .badListing: "\(path) is listed wrongly"
        case .notAFile: "\(path) is not a file"
        }
    }
}
