import CSystemd

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
