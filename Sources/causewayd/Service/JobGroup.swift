import ChildProcesses
import Foundation
import Glibc
import Logging

/// Encoders and converters beside the daemon, in a control group of their own below the service's, which systemd delegates to
/// it (`Delegate=`): meetings have the processor and the disk first, also before children of children.
///
/// A slice of its own would have to be asked for over D-Bus, which only root may; what is delegated belongs to the service's
/// own account.
enum JobGroup {
    /// Of 1 to 10,000; the daemon's own is 100.
    private static let weight = "10"

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ path: String) { description = "\(path): \(String(cString: strerror(errno)))" }
    }

    /// Divides the service's control group: the daemon into `main`, children to come into `jobs`.
    static func divide() throws {
        let own = try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("0::/") }
        guard let own else { throw CocoaError(.fileNoSuchFile) }
        let base = "/sys/fs/cgroup" + own.dropFirst(3)
        let jobs = base + "/jobs"
        for path in [base + "/main", jobs] where mkdir(path, 0o755) != 0 && errno != EEXIST { throw Failure(path) }
        // Only groups without processes of their own have controllers below them.
        try write("0", to: base + "/main/cgroup.procs")
        for controller in ["cpu", "io"] { try? write("+" + controller, to: base + "/cgroup.subtree_control") }
        try write(weight, to: jobs + "/cpu.weight")
        // Not every disk's scheduler has weights.
        try? write("default " + weight, to: jobs + "/io.weight")
        ChildGroup.use(jobs)
    }

    private static func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(path) }
        defer { close(file) }
        guard Glibc.write(file, text, text.utf8.count) == text.utf8.count else { throw Failure(path) }
    }
}
