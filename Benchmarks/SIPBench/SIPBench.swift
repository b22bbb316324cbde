import BenchSupport
import SDP
import SIP

/// What the signalling of a call costs in memory, message by message, and its parts alone.
@main
enum SIPBench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        var report = Report(isJSON: arguments.contains("--json"))
        let rounds = arguments.contains("--once") ? 1 : 5
        let calls = arguments.contains("--once") ? 1_000 : 4_000
        report.add(try CallStages.table(calls: calls, rounds: rounds))
        report.add(try Parts.table(rounds: rounds, repeats: arguments.contains("--once") ? 500 : 4_000))
        try report.finish()
    }
}
