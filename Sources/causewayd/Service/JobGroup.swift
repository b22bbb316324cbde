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
        init(description: String) { self.description = description }
        init(_ path: String) { description = "\(path): \(String(cString: strerror(errno)))" }
    }

    /// Divides the service's control group: the daemon into `main`, children to come into `jobs`. Throws where it cannot, and
    /// where `jobs` has no weight, for the machine has the processor in groups of version 1.
    static func divide() throws {
        let base = try place(
            group: String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
            mounts: String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8))
        guard let base else { throw Failure(description: "there are no control groups of version 2") }
        let jobs = base + "/jobs"
        for path in [base + "/main", jobs] where mkdir(path, 0o755) != 0 && errno != EEXIST { throw Failure(path) }
        // Only groups without processes of their own have controllers below them.
        try write("0", to: base + "/main/cgroup.procs")
        for controller in ["cpu", "io"] { try? write("+" + controller, to: base + "/cgroup.subtree_control") }
        ChildGroup.use(jobs)
        // Not every disk's scheduler has weights.
        try? write("default " + weight, to: jobs + "/io.weight")
        try write(weight, to: jobs + "/cpu.weight")
    }

    /// The folder of this process's group.
    /// - Parameters:
    ///   - group: `/proc/self/cgroup`.
    ///   - mounts: `/proc/self/mountinfo`.
    static func place(group: String, mounts: String) -> String? {
        guard let own = group.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })?.dropFirst(3) else {
            return nil
        }
        for line in mounts.split(separator: "\n") where line.contains(" - cgroup2 ") {
            let fields = line.split(separator: " ")
            guard fields.count > 4 else { continue }
            let (root, point) = (fields[3] == "/" ? "" : fields[3], fields[4])
            if own.hasPrefix(root) { return String(point + own.dropFirst(root.count)) }
        }
        return nil
    }

    private static func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(path) }
        defer { close(file) }
        guard Glibc.write(file, text, text.utf8.count) == text.utf8.count else { throw Failure(path) }
    }
}
