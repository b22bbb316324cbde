import Foundation

/// The machine that is measured on.
package enum Machine {
    /// Of one core, what others may use while figures still count as undisturbed.
    package static let quietShare = 0.05

    /// CPU time that all cores spent busy, in seconds.
    package static var busySeconds: Double {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first ?? ""
        let fields = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        // user, nice, system, (idle, iowait,) irq, softirq, steal
        let busy = [0, 1, 2, 5, 6, 7].reduce(0) { $0 + ($1 < fields.count ? fields[$1] : 0) }
        return busy / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What the host took of one core for others, in seconds: no program here can do anything about it.
    package static func stolenSeconds(core: Int) -> Double {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("cpu\(core) ") } ?? ""
        let fields = line.split(separator: " ")
        return fields.count > 8 ? (Double(fields[8]) ?? 0) / Double(sysconf(Int32(_SC_CLK_TCK))) : 0
    }

    /// CPU time of this process and of its children that have ended, in seconds.
    package static var ownSeconds: Double {
        func seconds(_ who: Int32) -> Double {
            var usage = rusage()
            getrusage(__rusage_who_t(who), &usage)
            func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
            return seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        return seconds(Int32(RUSAGE_SELF.rawValue)) + seconds(Int32(RUSAGE_CHILDREN.rawValue))
    }

    /// Bytes of a process in memory; this one's when no other is named.
    package static func residentBytes(of process: pid_t? = nil) -> Int {
        let name = process.map { "\($0)" } ?? "self"
        let text = (try? String(contentsOfFile: "/proc/\(name)/statm", encoding: .utf8)) ?? ""
        let fields = text.split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
    }

    package static var processorName: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    }

    /// Puts this thread, and what it starts, before other work on the machine, where the user may do that.
    package static func goFirst() {
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -15)
        // Where the kernel groups processes by session, priorities count inside of a group: the group's is what matters.
        try? Data("-15".utf8).write(to: URL(fileURLWithPath: "/proc/self/autogroup"))
    }

    package static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// What other processes take from the machine while a benchmark runs.
package struct Disturbance {
    private let start = Clock.steady
    private let before = Machine.busySeconds - Machine.ownSeconds

    package init() {}

    package var seconds: Double { Double(Clock.steady &- start) / 1e9 }
    /// CPU time of others since, of one core.
    package var share: Double { max(0, Machine.busySeconds - Machine.ownSeconds - before) / seconds }
}
