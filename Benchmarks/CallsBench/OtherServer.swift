import Glibc

/// A server that is measured beside the bridge, by the same calls.
struct OtherServer {
    var name: String
    var process: pid_t
    /// Of UDP, at 127.0.0.1.
    var port: UInt16

    /// - Parameter text: its name, the number of its process, and its port, with commas between them.
    init?(_ text: String) {
        let parts = text.split(separator: ",")
        guard parts.count == 3, let process = pid_t(parts[1]), process > 0, let port = UInt16(parts[2]) else {
            return nil
        }
        (name, self.process, self.port) = (String(parts[0]), process, port)
    }
}
