import Evidence
import Foundation
import SQLDatabase

/// Why the archive could not do what it was asked: one clear line each, saying what to do.
public enum ArchiveError: Error, Equatable, CustomStringConvertible {
    case openElsewhere(root: String)
    case newerCatalogue(path: String)
    case corruptCatalogue(path: String, reason: String)
    case diskFull(path: String)
    case readOnly(path: String)
    case permissionDenied(path: String)
    case inputOutput(path: String, reason: String)
    case invalidMeetingID(String)
    case meetingExists(String)
    case unknownMeeting(String)
    case unknownJob(Int64)
    case unusableName(String)
    case cannotSign(reason: String)
    case wrongState(meeting: String, state: MeetingState, asked: String)
    /// `certificate` is a file of the package.
    case destroyed(meeting: String, at: String, certificate: String)
    case retention(RetentionFault)
    /// What is asked of requests and grants is refused.
    case access(AccessFault)
    /// `reason` has no secrets.
    case secondLocation(reason: String)
    /// The package is encrypted, and cannot be read here.
    case encrypted(meeting: String, KeyTrouble)
    /// It is to be encrypted, and cannot be.
    case unencrypted(meeting: String)
    case noKeyOfKeys(reason: String)
    /// The database of the catalogue cannot be reached now; nothing was written, and the same may be tried again.
    case catalogueUnreachable(catalogue: String, reason: String)
    /// The line to it broke in the middle of a commit: whoever writes again looks first.
    case unknownOutcome(catalogue: String, reason: String)
    /// Another bridge is at it.
    case busyElsewhere(meeting: String)
    /// Another bridge has the meeting.
    case notItsBridge(meeting: String)
    case cancelled

    /// Why a meeting's key cannot be used. Keys of keys are named by digits that say nothing of them.
    public enum KeyTrouble: Sendable, Equatable {
        case noKey(String)
        case otherKey(String)
        case keyGone
        case keyDamaged
    }

    public var description: String {
        switch self {
        case .openElsewhere(let root):
            "The archive \(root) is in use by another causewayd; stop that one, or give this one another directory."
        case .newerCatalogue(let path):
            "The catalogue \(path) was made by a newer version; install that version, or restore an older catalogue."
        case .corruptCatalogue(let path, let reason):
            "The catalogue \(path) is damaged (\(reason)); restore it from a backup."
        case .diskFull(let path):
            "The disk is full at \(path); free space there, or move the archive to a larger disk."
        case .readOnly(let path):
            "The disk is read-only at \(path); look for errors of the disk (dmesg) and mount it writable."
        case .permissionDenied(let path):
            "No permission for \(path); give it to the account that causewayd runs under."
        case .inputOutput(let path, let reason):
            "\(path): \(reason)"
        case .invalidMeetingID(let id):
            """
            A meeting id has 1 to 80 ASCII letters, digits, '-', '_' or '.', and begins with a letter or digit; \
            this has not: \(ForeignText.quoted(id))
            """
        case .meetingExists(let id):
            "A meeting \(id) is in the archive already."
        case .unknownMeeting(let id):
            "No meeting \(ForeignText.quoted(id)) is in the archive; `causeway recordings list` shows those that are."
        case .unknownJob(let id):
            "There is no job \(id)."
        case .unusableName(let name):
            """
            Names in a package have ASCII letters, digits, '-', '_' and '.', in folders divided by '/'; this has not: \
            \(ForeignText.quoted(name))
            """
        case .cannotSign(let reason):
            "The seal cannot be signed: \(reason). See archive.seal in the configuration."
        case .wrongState(let meeting, let state, let asked):
            "Meeting \(meeting) is \(state.rawValue), so it cannot be \(asked)."
        case .destroyed(let meeting, let day, let certificate):
            "Meeting \(meeting) was destroyed on \(day) by the decision of two persons; its certificate is \(certificate)."
        case .retention(let fault): fault.description
        case .access(let fault): fault.description
        case .secondLocation(let reason): "The second location: \(reason)"
        case .encrypted(let meeting, .noKey(let name)):
            "Meeting \(meeting) is encrypted, and the key \(name) is not here: give the unit its credential (docs/security-archive.md)."
        case .encrypted(let meeting, .otherKey(let name)):
            "Meeting \(meeting) is encrypted by the key \(name), and another is here: give that one as archive.encryption.formerCredential."
        case .encrypted(let meeting, .keyGone):
            "Meeting \(meeting) is encrypted, and the catalogue has no key of it; restore the catalogue from a copy that has."
        case .encrypted(let meeting, .keyDamaged):
            "The key of meeting \(meeting) is damaged in the catalogue; restore the catalogue from a copy."
        case .unencrypted(let meeting):
            "Meeting \(meeting) may not lie in clear, and there is no key to encrypt it with: archive.encryption in the configuration."
        case .noKeyOfKeys(let reason):
            "archive.encryption: the credential is \(reason). See docs/security-archive.md."
        case .catalogueUnreachable(let catalogue, let reason):
            "\(catalogue) cannot be reached (\(reason)); it is tried again. See that PostgreSQL runs and lets this machine in."
        case .unknownOutcome(let catalogue, let reason):
            "\(catalogue): whether it was written is not known (\(reason))."
        case .busyElsewhere(let meeting):
            "Another bridge is at work on meeting \(meeting); wait until it is through."
        case .notItsBridge(let meeting):
            "Another bridge has meeting \(meeting) now; what this one would write of it is void."
        case .cancelled:
            "Stopped before the end because it was asked to."
        }
    }
}

extension ArchiveError {
    /// Whether the same may be done a little later: a disk that is full may be emptied, a catalogue that somebody holds let go of.
    public var mayPass: Bool {
        switch self {
        case .diskFull, .readOnly, .inputOutput, .catalogueUnreachable, .busyElsewhere: true
        default: false
        }
    }

    /// What the system call that failed on `path` says.
    init(errno code: Int32, path: String) {
        self =
            switch code {
            case ENOSPC, EDQUOT: .diskFull(path: path)
            case EROFS: .readOnly(path: path)
            case EACCES, EPERM: .permissionDenied(path: path)
            default: .inputOutput(path: path, reason: String(cString: strerror(code)))
            }
    }

    init(_ error: EvidenceError) {
        self =
            switch error {
            case .file(let path, let code): ArchiveError(errno: code, path: path)
            case .notRegular(let path): .inputOutput(path: path, reason: "not a regular file")
            case .malformed(let path, let reason): .inputOutput(path: path, reason: reason)
            case .cannotSign(let reason), .notValid(let reason): .cannotSign(reason: reason)
            case .stopped: .cancelled
            }
    }

    /// What a database operation on the catalogue at `path` threw.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as ArchiveError:
            self = error
        case let fault as RetentionFault:
            self = .retention(fault)
        case let fault as AccessFault:
            self = .access(fault)
        case is CancellationError:
            self = .cancelled
        case let error as SQLDatabaseError:
            self =
                switch error {
                case .diskFull: .diskFull(path: path)
                case .readOnly: .readOnly(path: path)
                case .permissionDenied: .permissionDenied(path: path)
                case .corrupt(let reason): .corruptCatalogue(path: path, reason: reason)
                case .unreachable(let reason): .catalogueUnreachable(catalogue: path, reason: reason)
                case .unknownOutcome(let reason): .unknownOutcome(catalogue: path, reason: reason)
                case .constraint(let reason), .refused(_, let reason): .inputOutput(path: path, reason: reason)
                }
        default:
            self = .inputOutput(path: path, reason: "\(error)")
        }
    }
}

/// Text from outside, shortened and without control characters, for an error line.
enum ForeignText {
    static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(80).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : Character(scalar)
        }
        return "\"" + String(shown) + "\""
    }
}
