import ArgumentParser
import ChildProcesses
import Foundation

/// Makes one master of two recordings of a meeting, without the daemon. The work is `causewayd`'s, which has the recorder.
struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Make one master of two recordings of the same meeting.",
        discussion: """
            Each is a master.mkv with its master.packets beside it. The new master has what either had, and the first's times; its \
            chain and packets go beside it. Neither recording is changed. The program causewayd has to be installed. \
            docs/evidence.md says how it works.
            """)

    @Argument(help: "The first recording's master.")
    var first: String
    @Argument(help: "The second recording's master.")
    var second: String
    @Option(help: ArgumentHelp("Where the new master goes.", valueName: "file.mkv"))
    var out: String
    @Flag(help: "Write JSON.")
    var json = false

    /// What the program says (`MergeJob.Line`).
    private struct Report: Codable {
        struct Share: Codable {
            var packets: UInt64
            var alone: UInt64
        }
        struct Gaps: Codable {
            struct Stream: Codable {
                var packetsLost: UInt64
            }
            var streams: [Stream]
        }
        var first: Share?
        var second: Share?
        var tie: String?
        var durationMilliseconds: Int64?
        var gaps: Gaps?
        var error: String?
    }

    /// Of thousands of points with gaps.
    private static let longestReport = 64 << 20

    func run() async throws {
        let console = Console.current
        guard !FileManager.default.fileExists(atPath: out) else {
            throw CommandFailure.local("\(out) is there already.")
        }
        let outcome: ChildProcess.Outcome
        do {
            outcome = try await ChildProcess(
                try Self.program(), ["merge-job", first, second, out, "--always"],
                limits: .init(outputOctets: Self.longestReport)
            ).run()
        } catch let failure as ChildProcess.Failure { throw CommandFailure.local("\(failure)") }
        let said = Data(outcome.output)
        guard let report = try? JSONDecoder().decode(Report.self, from: said) else {
            throw CommandFailure.local("causewayd cannot merge them: \(DisplayWidth.harmless(outcome.complaint)).")
        }
        if let error = report.error { throw CommandFailure.local(DisplayWidth.harmless(error)) }
        if json { return console.line(String(decoding: said, as: UTF8.self).trimmingCharacters(in: .newlines)) }
        for (name, share) in [("first", report.first), ("second", report.second)] {
            guard let share else { continue }
            console.line("The \(name) recording had \(share.packets) packets, \(share.alone) of them alone.")
        }
        let seconds = Double(report.durationMilliseconds ?? 0) / 1_000
        let lost = report.gaps?.streams.reduce(UInt64(0)) { $0 &+ $1.packetsLost } ?? 0
        console.line(
            "\(out): \(String(format: "%.1f", seconds)) s, \(lost) packets that neither had; clocks tied by \(report.tie ?? "")."
        )
    }

    /// Beside this program, or where the shell would find it.
    private static func program() throws -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folders =
            [(own as NSString).deletingLastPathComponent]
            + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/causewayd") {
            return folder + "/causewayd"
        }
        throw CommandFailure.local("The program causewayd is not installed here.")
    }
}
