import Glibc

/// Why an encrypted file, or a key, could not be used.
public enum CipherFileError: Error, Equatable, CustomStringConvertible {
    case file(path: String, errno: Int32)
    case notRegular(path: String)
    /// It does not begin as an encrypted file does, or is shorter than the shortest.
    case notEncrypted(path: String)
    /// A segment, counted from 0, is not what was encrypted with this key under this name.
    case damaged(path: String, segment: Int64)
    /// More than the format has numbers for.
    case tooLong(path: String)
    /// What was given as a key is none.
    case noKey(reason: String)
    /// Wrapped by another key, for another meeting, or changed.
    case notUnwrapped
    /// The cipher itself refused.
    case cipher

    public var description: String {
        switch self {
        case .file(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .notRegular(let path): "\(path): not a regular file"
        case .notEncrypted(let path): "\(path): not an encrypted file of the archive's"
        case .damaged(let path, let segment):
            "\(path): segment \(segment) is damaged, or it was encrypted with another key or under another name"
        case .tooLong(let path): "\(path): too long to be encrypted"
        case .noKey(let reason): "not a key: \(reason)"
        case .notUnwrapped: "the key was wrapped by another key, or for another meeting, or is damaged"
        case .cipher: "the cipher failed"
        }
    }
}
