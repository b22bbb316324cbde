import Glibc
import Matroska

/// Why a recording could not begin, ended before it was told to, or could not be recovered.
public struct RecorderFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        /// The disk or a quota is full: free room; the next meeting is recorded again.
        case diskFull
        /// The file system can only be read: see why it was mounted so.
        case readOnly
        /// The file cannot be made or opened: see its folder's permissions.
        case cannotOpen
        /// The disk fails: see the system's log.
        case inputOutput
        /// What is to be recovered is no master, or was cut off in its head.
        case damaged
        /// Whoever asked for it wants it no more.
        case interrupted
    }

    public var reason: Reason
    /// With the file's name.
    public var description: String

    /// A folder that cannot be made, or written to.
    public init(cannotOpen folder: String, _ error: any Error) {
        reason = .cannotOpen
        description = "cannot record to \(folder): \(error)"
    }

    init(_ error: MatroskaError) {
        description = error.description
        switch error {
        case .noSpace: reason = .diskFull
        case .cannotOpen(_, EROFS), .writeFailed(_, EROFS): reason = .readOnly
        case .cannotOpen: reason = .cannotOpen
        case .interrupted: reason = .interrupted
        case .notMatroska, .malformed: reason = .damaged
        case .writeFailed, .readFailed, .tooManyTracks, .unknownTrack, .badTrackNumber, .finished: reason = .inputOutput
        }
    }
}
