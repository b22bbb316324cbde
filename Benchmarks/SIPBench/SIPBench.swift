import BenchSupport
import SDP
import SIP

/// What the signalling of a call costs in memory, message by message, and its parts alone; with `--serve PORT`, a bridge
/// for SIPp to call.
@main
enum SIPBench {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "--serve", let port = arguments.last.flatMap({ UInt16($0) }) {
            return try await Serving.run(port: port)
        }
        var report = Report(isJSON: arguments.contains("--json"))
        let rounds = arguments.contains("--once") ? 1 : 5
        let calls = arguments.contains("--once") ? 200 : 4_000
        report.add(try CallStages.table(calls: calls, rounds: rounds))
        report.add(try Parts.table(rounds: rounds, repeats: arguments.contains("--once") ? 50 : 4_000))
        try report.finish()
    }
}
