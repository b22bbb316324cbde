import ArgumentParser
import Foundation
import PortalAPI

/// Follows the making of a recording's film until its package is sealed.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show how far the film of a recording is, until its package is sealed.",
        discussion: "Exit status 0 when it is sealed with its film, 1 when the film could not be made.")

    private static let interval = Duration.seconds(1)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The recording's id.")
    var id: String

    func run() async throws {
        let console = Console.current
        var last = ""
        while true {
            let detail = try await PortalClient.with(connection) { try await $0.recording(id) }
            let job = detail.jobs.last
            let text = Self.text(detail.summary.state, job)
            if console.drawsProgress {
                console.writeError("\r" + text + "\u{1B}[K")
            } else if text != last {
                console.line(text)
            }
            last = text
            if ["sealed", "failed", "destroyed"].contains(detail.summary.state), job?.state != "running" {
                if console.drawsProgress { console.writeError("\n") }
                if connection.json { try console.json(detail.jobs) }
                guard job?.state != "failed" else {
                    throw CommandFailure.verification("The film of \(id) could not be made: \(job?.error ?? "")")
                }
                return
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    static func text(_ state: String, _ job: JobStatus?) -> String {
        guard let job, job.state == "running" else { return state }
        var parts = [state, ProgressBar.bar(job.progress), Formats.percent(job.progress)]
        if let rate = job.rate { parts.append(speed(rate)) }
        if let remaining = job.remainingSeconds { parts.append(Formats.duration(remaining) + " left") }
        return parts.joined(separator: "  ")
    }

    /// Times as fast as the meeting itself went.
    static func speed(_ rate: Double) -> String { String(format: "%.1f×", rate) }
}
