import CBench
import Foundation

/// Looks at the bridge's only media worker from outside.
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
}
