import ArgumentParser
import Foundation
import PortalAPI
import Trace

struct SupplyTraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Say whose copy of a recording a file is.",
        discussion: """
            The file's sound is measured here, with ffmpeg; only how loud it is from moment to moment goes to the daemon. \
            A minute of speech is enough, also cut out and encoded again; half a minute is, as it was given out.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The film or sound that was found.") var file: String
    @Option(help: "Of which recording it is a copy.") var recording: String
    @Option(help: "Seconds of the file at which to begin.") var from = 0.0
    @Option(help: "Seconds to listen to, at most 600.") var seconds = 600.0

    func validate() throws {
        guard from >= 0, from < 1e7, seconds >= 10, seconds <= 600 else {
            throw ValidationError("--from is 0 or more, --seconds 10 to 600.")
        }
    }

    func run() async throws {
        let console = Console.current
        let scratch = NSTemporaryDirectory() + "causeway-trace-\(UUID().uuidString)"
        let curve: LevelCurve
        do {
            curve = try await LevelCurve.measured(
                of: URL(fileURLWithPath: file).path, from: from, seconds: seconds, scratch: scratch)
        } catch {
            throw CommandFailure.local("\(error)")
        }
        let question = TraceQuestion(
            recording: recording, levels: Array(curve.centibels.prefix(TraceQuestion.mostLevels)))
        let answer = try await PortalClient.with(connection) { client in
            try await client.post(TraceAnswer.self, "access/trace", question)
        }
        guard !connection.json else { return try console.json(answer) }
        for line in SupplyText.trace(answer) { console.line(line) }
    }
}
