import Foundation
import GRDB
import Office

/// Why the Office's store did not do what it was asked.
public enum OfficeStoreError: Error, CustomStringConvertible {
    /// The rules do not allow it; nothing was changed.
    case refused(any OfficeFault)
    /// What is stored cannot be joined with the configuration file.
    case clash(RegisterFault)
    case newerStore(path: String)
    case unusable(path: String, reason: String)
    case cancelled

    public var description: String {
        switch self {
        case .refused(let fault): fault.words.english
        case .clash(let fault):
            "The Office's register and the configuration file do not go together: \(fault.words.english) Take it out of one."
        case .newerStore(let path):
            "\(path) was made by a newer version; install that version, or restore an older file."
        case .unusable(let path, let reason):
            "\(path): \(reason)"
        case .cancelled:
            "Stopped before the end because it was asked to."
        }
    }

    init(_ error: any Error, path: String) {
        switch error {
        case let error as OfficeStoreError: self = error
        case let fault as any OfficeFault: self = .refused(fault)
        case is CancellationError: self = .cancelled
        case let error as DatabaseError:
            self = .unusable(path: path, reason: error.message ?? error.resultCode.description)
        default: self = .unusable(path: path, reason: "\(error)")
        }
    }
}
