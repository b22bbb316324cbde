import CLinux
import Foundation
import Glibc

/// The child process that composes one access copy: it yields to meetings, may not take more than its share of memory,
/// and tells of its progress in lines of JSON on standard output.
public enum ComposeJob {
    private static let niceness: Int32 = 10
    private static let mostMemory: UInt = 6 << 30

    /// What it says, a line each: how far it is, what it found in one track, why it failed.
    public struct Line: Codable, Sendable {
        public var progress: Double?
        public var remainingSeconds: Double?
        /// Seconds of film that are made in one.
        public var rate: Double?
        /// 0…1: what another attempt need not make again.
        public var kept: Double?
        public var track: TrackDecoding?
        /// Blocks of any track whose times cannot be.
        public var misplaced: Int?
        public var error: String?
    }

    /// Runs the job that the arguments describe; returns the exit status.
    ///
    ///     --master FILE [--output FILE --width N --height N --frame-rate N --title TEXT --work FOLDER --cores N]
    ///
    /// The film and what goes with it are made in the work folder (beside the output where none is named), and moved to their
    /// places when all is there; a job that was stopped goes on with what it left there. Without an output the master is decoded, and nothing made of it.
    public static func run(arguments: [String]) -> Int32 {
        // The daemon may end before its job does.
        signal(SIGPIPE, SIG_IGN)
        confine()
        var values: [String: String] = [:]
        for index in stride(from: 0, to: arguments.count - 1, by: 2) { values[arguments[index]] = arguments[index + 1] }
        guard let master = values["--master"] else {
            say(Line(error: "compose-job needs --master FILE"))
            return 2
        }
        do throws(CompositionError) {
            let decoding: MasterDecoding
            if let output = values["--output"] {
                decoding = try compose(master, output, values)
            } else {
                decoding = try MasterCheck.run(master: master) { if !tell($0) { exit(1) } }
            }
            for track in decoding.tracks { say(Line(track: track)) }
            say(Line(progress: 1, misplaced: decoding.misplaced))
            return 0
        } catch {
            say(Line(error: "\(error)"))
            return 1
        }
    }

    private static func compose(
        _ master: String, _ output: String, _ values: [String: String]
    ) throws(CompositionError) -> MasterDecoding {
        let work = values["--work"] ?? URL(fileURLWithPath: output).deletingLastPathComponent().path
        let options = CompositionOptions(
            width: values["--width"].flatMap { Int($0) } ?? 1280, height: values["--height"].flatMap { Int($0) } ?? 720,
            frameRate: values["--frame-rate"].flatMap { Int($0) } ?? 25, title: values["--title"] ?? "",
            threads: values["--cores"].flatMap { Int($0) } ?? ProcessInfo.processInfo.activeProcessorCount,
            companions: values["--work"].map { $0 + "/film" }, parts: values["--work"].map { $0 + "/parts" })
        let part = work + "/" + URL(fileURLWithPath: output).lastPathComponent + ".part"
        // What is wrong with the folder shows when the film is opened.
        try? FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        unlink(part)
        defer { unlink(part) }
        let result = try Composition.compose(master: master, output: part, options: options) { progress in
            // The daemon is gone, and will have it go on at its next start.
            if !tell(progress) {
                unlink(part)
                exit(1)
            }
        }
        // The film last: where it is, all is.
        if let made = options.companions { moveCompanions(from: made, beside: output) }
        guard rename(part, output) == 0 else {
            throw .output("cannot rename \(part): \(String(cString: strerror(errno)))")
        }
        return result.decoding
    }

    /// False if nobody reads it.
    private static func tell(_ progress: Composition.Progress) -> Bool {
        say(
            Line(
                progress: progress.fraction, remainingSeconds: progress.remainingSeconds.rounded(), rate: progress.rate,
                kept: progress.kept))
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
    private static func say(_ line: Line) -> Bool {
        guard var data = try? JSONEncoder().encode(line) else { return true }
        data.append(UInt8(ascii: "\n"))
        return data.withUnsafeBytes { cl_write_all(STDOUT_FILENO, $0.baseAddress, $0.count) == 0 }
    }
}
