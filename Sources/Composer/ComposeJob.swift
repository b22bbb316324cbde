import CLinux
import Foundation
import Glibc

/// The child process that composes one access copy: it yields to meetings, may not take more than its share of memory,
/// and tells of its progress in lines of JSON on standard output.
public enum ComposeJob {
    private static let niceness: Int32 = 10
    private static let mostMemory: UInt = 6 << 30

    /// Runs the job that the arguments describe; returns the exit status.
    ///
    ///     --master FILE --output FILE [--width N --height N --frame-rate N --title TEXT --work FOLDER]
    ///
    /// What goes with the film is made in the work folder, and moved beside the output when all is there.
    public static func run(arguments: [String]) -> Int32 {
        // The daemon may end before its job does.
        signal(SIGPIPE, SIG_IGN)
        confine()
        var values: [String: String] = [:]
        for index in stride(from: 0, to: arguments.count - 1, by: 2) { values[arguments[index]] = arguments[index + 1] }
        guard let master = values["--master"], let output = values["--output"] else {
            say(["error": "compose-job needs --master FILE and --output FILE"])
            return 2
        }
        let options = CompositionOptions(
            width: values["--width"].flatMap { Int($0) } ?? 1280, height: values["--height"].flatMap { Int($0) } ?? 720,
            frameRate: values["--frame-rate"].flatMap { Int($0) } ?? 25, title: values["--title"] ?? "",
            threads: ProcessInfo.processInfo.activeProcessorCount, companions: values["--work"].map { $0 + "/film" })
        let part = output + ".part"
        unlink(part)
        do throws(CompositionError) {
            let result = try Composition.compose(master: master, output: part, options: options) { progress in
                let isHeard = say([
                    "progress": progress.fraction, "remainingSeconds": progress.remainingSeconds.rounded(),
                ])
                // The daemon is gone, and will compose anew at its next start.
                if !isHeard {
                    unlink(part)
                    exit(1)
                }
            }
            guard rename(part, output) == 0 else {
                throw .output("cannot rename \(part): \(String(cString: strerror(errno)))")
            }
            if let made = options.companions { moveCompanions(from: made, beside: output) }
            say([
                "done": true, "durationMilliseconds": result.durationMilliseconds, "points": result.points,
                "chapters": result.chapters, "undecodable": result.undecodable,
            ])
            return 0
        } catch {
            unlink(part)
            say(["error": "\(error)"])
            return 1
        }
    }

    private static func moveCompanions(from folder: String, beside output: String) {
        let target = URL(fileURLWithPath: output).deletingLastPathComponent().path
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            // A folder that is there already, of an earlier attempt, would stay.
            try? FileManager.default.removeItem(atPath: target + "/" + name)
            try? FileManager.default.moveItem(atPath: folder + "/" + name, toPath: target + "/" + name)
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func confine() {
        _ = nice(niceness)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        var memory = rlimit(rlim_cur: mostMemory, rlim_max: mostMemory)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
    }

    /// False if nobody reads it.
    @discardableResult
    private static func say(_ line: [String: Any]) -> Bool {
        guard var data = try? JSONSerialization.data(withJSONObject: line, options: [.sortedKeys]) else { return true }
        data.append(UInt8(ascii: "\n"))
        return data.withUnsafeBytes { cl_write_all(STDOUT_FILENO, $0.baseAddress, $0.count) == 0 }
    }
}
