import CSystemd
import Glibc
import Listening

/// What the daemon tells systemd of itself, by sd_notify(3). Where nobody wants to know, nothing is said.
enum ServiceManager {
    enum State {
        /// Points and browsers are answered.
        case ready
        /// Meetings are being ended.
        case stopping
        /// What `systemctl status` shows in a line.
        case status(String)
        case alive

        fileprivate var assignment: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .status(let text): "STATUS=\(text.replacing("\n", with: " "))"
            case .alive: "WATCHDOG=1"
            }
        }
    }

    static func tell(_ states: State...) {
        sd_notify(0, states.map(\.assignment).joined(separator: "\n"))
    }

    /// Who is silent for longer is killed and started again; nil where there is no watchdog for this process.
    static var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0, microseconds > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}

/// The sockets that systemd keeps while the daemon begins again (sd_pid_notify_with_fds(3), *FDSTORE*).
extension ServiceManager {
    /// What the run before left; to be called once, before any other file is opened by number.
    static func takeSockets() -> [(name: String, descriptor: CInt)] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count > 0 else { return [] }
        defer {
            for index in 0..<Int(count) { free(names?[index]) }
            free(names)
        }
        return (0..<count).map { index in
            (names?[Int(index)].map { String(cString: $0) } ?? "", listenDescriptorsStart + index)
        }
    }

    /// `SD_LISTEN_FDS_START`, a macro.
    private static let listenDescriptorsStart: CInt = 3

    /// Has sockets kept for the next run, and closes this side of them.
    static func keep(_ sockets: [ListeningSockets.Kept]) {
        for socket in sockets {
            withUnsafePointer(to: socket.descriptor) { descriptor in
                _ = sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=\(socket.name)", descriptor, 1)
            }
            close(socket.descriptor)
        }
    }

    /// Has sockets no longer kept.
    static func drop(_ names: [String]) {
        for name in Set(names) { sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(name)") }
    }
}
