import Glibc
import SiteConfiguration

extension Examination {
    /// A thread that sends and receives media, as the kernel schedules it.
    struct MediaThread: Equatable {
        var niceness: Int
        /// `SCHED_RR`, `SCHED_FIFO`.
        var isRealTime: Bool
        var priority: Int

        /// - Parameter stat: a thread's `stat` of proc_pid_stat(5).
        init?(stat: String) {
            // What a thread is called may have spaces and parentheses in it.
            guard let end = stat.lastIndex(of: ")") else { return nil }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            // Of which the first is the third of the line.
            guard fields.count > 38, let niceness = Int(fields[16]), let priority = Int(fields[37]),
                let policy = Int(fields[38])
            else { return nil }
            self.niceness = niceness
            self.priority = priority
            isRealTime = policy == 1 || policy == 2
        }
    }

    /// Whether media goes before other work of the machine.
    func mediaThreads() -> Finding {
        let finding = judge(Self.threadsOfDaemon(), cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        guard finding.verdict == .warning, Self.isContainer else { return finding }
        // What a unit asks for beyond what the container's manager was given is cut down to that.
        return Finding(finding.name, .skipped, finding.says + ": how far a container goes before others its host says")
    }

    func judge(_ threads: [MediaThread], cores: Int) -> Finding {
        let name = "media threads"
        guard !threads.isEmpty else { return Finding(name, .skipped, "no causewayd runs here") }
        let wanted = configuration.media.realTimePriority
        let ways = "\(threads.count) on \(cores) cores, each kept to one"
        if wanted > 0 {
            guard threads.allSatisfy({ $0.isRealTime && $0.priority == wanted }) else {
                return Finding(
                    name, .warning, "\(ways); real-time priority \(wanted) is wanted and was not given",
                    advice: "LimitRTPRIO=\(wanted) in the unit, as systemd/causewayd.service has it, and a restart")
            }
            return Finding(name, .good, "\(ways); real-time priority \(wanted)")
        }
        guard threads.allSatisfy({ $0.niceness < 0 }) else {
            return Finding(
                name, .warning, "\(ways); they wait for other programs as any other",
                advice: "LimitNICE=-10 in the unit, as systemd/causewayd.service has it, and a restart")
        }
        return Finding(name, .good, "\(ways); nice \(threads.map(\.niceness).max() ?? 0)")
    }

    private static func threadsOfDaemon() -> [MediaThread] {
        for process in names(in: "/proc") where process.allSatisfy(\.isNumber) {
            guard text("/proc/\(process)/comm") == "causewayd\n" else { continue }
            let tasks = "/proc/\(process)/task"
            let threads = names(in: tasks).filter { text("\(tasks)/\($0)/comm").hasPrefix("media-") }
            // Its children are called so, too.
            guard !threads.isEmpty else { continue }
            return threads.compactMap { MediaThread(stat: text("\(tasks)/\($0)/stat")) }
        }
        return []
    }

    private static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { names.append(String(cString: $0)) }
            }
        }
        return names
    }

    /// The beginning of a small file; empty where it cannot be read.
    private static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
