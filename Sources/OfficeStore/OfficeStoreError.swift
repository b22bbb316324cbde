import Foundation
import SQLDatabase
import Office

/// Why the Office's store did not do what it was asked.
public enum OfficeStoreError: Error, CustomStringConvertible {
    /// The rules do not allow it; nothing was changed.
    case refused(any OfficeFault)
    /// What is stored cannot be joined with the configuration file.
    case clash(RegisterFault)
    case newerStore(path: String)
    case unusable(path: String, reason: String)
    /// The database that bridges share cannot be reached; nothing was changed, and what was asked may be asked again.
    case unreachable(path: String, reason: String)
    /// The line to it broke while it wrote, and did not come back soon enough: whether what was asked was done has to be looked for.
    case uncertain(path: String, reason: String)
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
        case .unreachable(let path, let reason):
            "\(path) cannot be reached: \(reason); look whether the database runs, and ask again."
        case .uncertain(let path, let reason):
            "\(path) was lost while it wrote: \(reason); look whether it was done before asking again."
        case .cancelled:
            "Stopped before the end because it was asked to."
        }
    }

    /// Whether it may be otherwise once the database can be reached again.
    var isOfReach: Bool {
        switch self {
        case .unreachable, .uncertain: true
        default: false
        }
    }

    init(_ error: any Error, path: String) {
        switch error {
        case let error as OfficeStoreError: self = error
        case let fault as any OfficeFault: self = .refused(fault)
        case is CancellationError: self = .cancelled
        case .unreachable(let reason) as SQLDatabaseError: self = .unreachable(path: path, reason: reason)
        case .unknownOutcome(let reason) as SQLDatabaseError: self = .uncertain(path: path, reason: reason)
        case let error as SQLDatabaseError: self = .unusable(path: path, reason: error.reason)
        default: self = .unusable(path: path, reason: "\(error)")
        }
    }
}
