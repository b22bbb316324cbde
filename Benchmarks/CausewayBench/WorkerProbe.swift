import CBench
import Foundation

/// Looks at the bridge's only media worker from outside, and at the machine around it.
struct WorkerProbe {
    static let threadName = "media-0"

    struct NoWorker: Error, CustomStringConvertible {
        var description: String { "no thread of this process is called \(threadName)" }
    }

    private let thread: pid_t

    /// Finds the newest worker: an earlier plane's has ended by then.
    init() throws {
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { Int32($0) }
        let found = tasks.sorted().last { task in
            let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
            return name?.trimmingCharacters(in: .newlines) == Self.threadName
        }
        guard let found else { throw NoWorker() }
        thread = found
    }

    /// CPU time of the worker so far.
    var cpuNanoseconds: UInt64 { cb_thread_cpu(thread) }

    /// Bytes of this process in memory.
    static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let fields = text.split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
    }

    /// CPU time that all cores spent busy, and that this process spent, in seconds: what is between them is others'.
    static var machineAndOwnSeconds: (machine: Double, own: Double) {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first ?? ""
        let fields = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        // user, nice, system, (idle, iowait,) irq, softirq, steal
        let busy = [0, 1, 2, 5, 6, 7].reduce(0) { $0 + ($1 < fields.count ? fields[$1] : 0) }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return (busy / Double(sysconf(Int32(_SC_CLK_TCK))), seconds(usage.ru_utime) + seconds(usage.ru_stime))
    }

    static var processorName: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    }
}
