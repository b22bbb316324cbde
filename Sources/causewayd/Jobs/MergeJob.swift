import Foundation
import Glibc
import Recorder

/// The child process that makes one master of two recordings, and says what came of it in one line of JSON on standard output.
enum MergeJob {
    /// What it says.
    struct Line: Codable, Sendable {
        var first: MasterMerge.Share?
        var second: MasterMerge.Share?
        /// What the clocks were tied by.
        var tie: String?
        var durationMilliseconds: Int64?
        /// What the new master lacks; nil where none was made, for the second had nothing that the first had not.
        var gaps: GapMap?
        var error: String?
    }

    /// Runs `merge-job FIRST SECOND OUTPUT [--always] [--parts]`; returns the exit status. Without `--always` nothing is made where
    /// the first has all that the second has. With `--parts` the second was begun after the first had ended.
    static func run(arguments: [String]) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        umask(0o027)
        guard arguments.count >= 3 else {
            say(Line(error: "merge-job needs FIRST SECOND OUTPUT"))
            return 2
        }
        let (first, second, output) = (arguments[0], arguments[1], arguments[2])
        do {
            let areParts = arguments.contains("--parts")
            if !areParts {
                let shares = try MasterMerge.compare(first, second)
                guard shares.second.alone > 0 || arguments.contains("--always") else {
                    say(Line(first: shares.first, second: shares.second))
                    return 0
                }
            }
            let outcome = try MasterMerge.merge(first, second, into: output, areParts: areParts)
            say(
                Line(
                    first: outcome.first, second: outcome.second, tie: outcome.tie,
                    durationMilliseconds: outcome.summary.durationMilliseconds,
                    gaps: areParts ? GapMap(outcome.summary) : GapMap(outcome)))
            return 0
        } catch {
            say(Line(error: "\(error)"))
            return 1
        }
    }

    private static func say(_ line: Line) {
        guard var data = try? JSONEncoder().encode(line) else { return }
        data.append(UInt8(ascii: "\n"))
        try? FileHandle.standardOutput.write(contentsOf: data)
    }
}
