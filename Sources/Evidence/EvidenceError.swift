import Foundation

/// Why evidence could not be made or read.
public enum EvidenceError: Error, Equatable, CustomStringConvertible {
    /// A system call on a file failed.
    case file(path: String, errno: Int32)
    case notRegular(path: String)
    /// The content is not what it should be.
    case malformed(path: String, reason: String)
    case cannotSign(reason: String)
    /// A signature or time stamp does not hold.
    case notValid(reason: String)
    /// Whoever asked wants no more.
    case stopped

    public var description: String {
        switch self {
        case .file(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .notRegular(let path): "\(path): not a regular file"
        case .malformed(let path, let reason): "\(path): \(reason)"
        case .cannotSign(let reason): "cannot sign: \(reason)"
        case .notValid(let reason): reason
        case .stopped: "stopped before the end because it was asked to"
        }
    }
}
