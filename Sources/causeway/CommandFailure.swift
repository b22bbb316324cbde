import Foundation
import PortalAPI

/// What the command's exit status tells a script.
enum CommandStatus: Int32 {
    case success = 0
    /// A recording is not what was sealed, or a copy is not what the server has.
    case verificationFailed = 1
    case usage = 2
    case daemonUnreachable = 3
    /// The daemon answered, and said no: not found, not allowed, not yet, or a fault of its own.
    case refused = 4
    /// A file on this machine cannot be read or written.
    case localFault = 5
}

/// Why a command did not do what it was asked: one clear line, and the exit status.
enum CommandFailure: Error, CustomStringConvertible {
    case unreachable(String)
    case refused(APIError)
    case local(String)
    case verification(String)
    case usage(String)

    var status: CommandStatus {
        switch self {
        case .unreachable: .daemonUnreachable
        case .refused: .refused
        case .local: .localFault
        case .verification: .verificationFailed
        case .usage: .usage
        }
    }

    var description: String {
        switch self {
        case .unreachable(let text), .local(let text), .verification(let text), .usage(let text): text
        case .refused(let answer): "\(answer.error) \(answer.hint)"
        }
    }
}
