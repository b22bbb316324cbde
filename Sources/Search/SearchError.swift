import GRDB

/// Why the index could not answer. It holds nothing that the archive does not: deleting its file is always a way out.
public enum SearchError: Error, Sendable, Equatable, CustomStringConvertible {
    case cannotOpen(path: String, reason: String)
    case disk(reason: String)
    /// The cursor is none that this index gave.
    case badCursor
    case cancelled

    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "the search index \(path) cannot be opened: \(reason)"
        case .disk(let reason): "the search index: \(reason)"
        case .badCursor: "the cursor is none of this index's"
        case .cancelled: "cancelled"
        }
    }

    init(_ error: any Error) {
        switch error {
        case let error as SearchError: self = error
        case is CancellationError: self = .cancelled
        case let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT: self = .cancelled
        default: self = .disk(reason: "\(error)")
        }
    }
}
