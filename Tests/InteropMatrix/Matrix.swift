import ArgumentParser
import Foundation
import InteropSupport

/// A matrix of real endpoints against the real daemon.
@main
struct Matrix: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "causeway-interop",
        abstract: "Real endpoints against the real daemon, as a table: endpoint × transport × keying × codec.")

    @Option(help: "Only the lines whose name holds this text; may be given again.")
    var only: [String] = []
    @Flag(help: "Names the lines and runs none.")
    var list = false
    @Flag(help: "Prints one JSON object.")
    var json = false
    @Option(help: "How many lines run at once.")
    var lanes = 3

    @Flag(help: "Keeps the logs and traces of lines with faults.")
    var keep = false

    static var lines: [Line] {
        Line.baresip + Line.pictures + Line.pjsua + Line.linphone + Line.sipp + Line.gstreamer + Line.kamailio
            + Line.networks
    }

    /// What was started is stopped when the run is.
    private static func breakOffWhenInterrupted() -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                Task {
                    await Sitting.breakOff()
                    Foundation.exit(128 + number)
                }
            }
            source.resume()
            return source
        }
    }

    func run() async throws {
        let lines = Self.lines.filter { line in
            only.isEmpty || only.contains { line.name.localizedCaseInsensitiveContains($0) }
        }
        if list {
            for line in lines { print(line.name) }
            return
        }
        let interruptions = Self.breakOffWhenInterrupted()
        defer { interruptions.forEach { $0.cancel() } }
        if Tool.areInstalled("sox") {
            try await Sitting.prepareMedia(
                films: lines.contains { $0.programs.contains("ffmpeg") } && Tool.areInstalled("ffmpeg"))
        }
        let results = await Runner(lines: lines, lanes: max(1, lanes), keepsFolders: keep).run()
        let table = Table(results)
        print(json ? try table.json() : table.text)
        if results.contains(where: \.isFaulty) { throw ExitCode.failure }
    }
}
