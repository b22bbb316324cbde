import Glibc
import Synchronization

/// The control group that children are put into, beside the one of this process: there they have less of the processor and the
/// disk than what started them, whatever they start themselves.
public enum ChildGroup {
    private static let folder = Mutex<String?>(nil)

    /// - Parameter path: of a control group (cgroups(7), version 2) that this process may write to; nil leaves children beside it.
    public static func use(_ path: String?) { folder.withLock { $0 = path } }

    /// Moves a child there, with what it starts from then on. One that cannot be moved stays where it is.
    static func take(_ child: pid_t) {
        guard let path = folder.withLock({ $0 }) else { return }
        let file = open(path + "/cgroup.procs", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let number = Array("\(child)\n".utf8)
        _ = write(file, number, number.count)
        close(file)
    }
}
