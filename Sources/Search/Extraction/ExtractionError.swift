/// Why a paper's text cannot be had. None of it hinders that the paper is found by its name.
public enum ExtractionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing here reads files with such a name; they are found by their names.
    case unknownFormat
    /// A Debian package is missing.
    case absent(program: String, package: String)
    /// A PDF of pictures: it has pages but no text.
    case noText
    case encrypted
    /// The file, what it unpacks to or its text is larger than allowed.
    case tooLarge
    case tooLong
    case malformed(reason: String)
    case cannotRead(reason: String)
    case cancelled

    public var description: String {
        switch self {
        case .unknownFormat: "nothing reads text from such files"
        case .absent(let program, let package): "\(program) is missing: install \(package)"
        case .noText: "it has pages but no text: it was scanned"
        case .encrypted: "it needs a password"
        case .tooLarge: "it is larger than is read"
        case .tooLong: "reading it took too long"
        case .malformed(let reason): "it is damaged: \(reason)"
        case .cannotRead(let reason): "it cannot be read: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
