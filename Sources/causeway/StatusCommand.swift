import ArgumentParser
import Foundation
import PortalAPI

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the bridge and its archive are.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console.current
        let status = try await PortalClient.with(connection) { try await $0.get(SystemStatus.self, "status") }
        guard !connection.json else { return try console.json(status) }
        for line in Self.lines(status, width: console.width()) { console.line(line) }
    }

    static func lines(_ status: SystemStatus, width: Int?) -> [String] {
        let bridge = status.bridge
        var facts = Facts()
        facts.add("causewayd", "\(bridge.version), up \(Formats.duration(Double(status.uptimeSeconds)))")
        facts.add("listens", bridge.listeners.map { "\($0.transport) \($0.address)" }.joined(separator: ", "))
        facts.add("meetings", "\(bridge.liveMeetings) in progress, \(bridge.participants) participants")
        facts.add("drain", bridge.drain.map { "no meeting is begun, since \(Formats.time($0.since)) by \($0.by)" })
        facts.add("points", "\(bridge.pointsConfigured) configured, \(bridge.pointsRegistered) registered")
        facts.add("media", bridge.media.map(Self.media))
        let states = status.recordings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        facts.add("recordings", states.isEmpty ? "none" : states.joined(separator: ", "))
        facts.add(
            "disk", "\(Formats.bytes(status.disk.freeBytes)) free of \(Formats.bytes(status.disk.totalBytes))")
        for warning in bridge.warnings { facts.add("warning", "\(warning.vietnamese) / \(warning.english)") }
        return facts.lines + jobLines(status.jobs, width: width)
    }

    private static func media(_ media: MediaStatus) -> String {
        let workers = media.workers == 1 ? "1 worker" : "\(media.workers) workers"
        let sound =
            media.lateFrames + media.skippedFrames == 0
            ? "all sound in time" : "\(media.lateFrames) frames of sound late, \(media.skippedFrames) left out"
        return "\(workers), \(sound)"
    }

    static func jobLines(_ jobs: [JobStatus], width: Int?) -> [String] {
        guard !jobs.isEmpty else { return [] }
        var table = TextTable([
            .init(title: "JOB"), .init(title: "RECORDING", givesWay: true), .init(title: "STATE"),
            .init(title: "DONE", alignment: .right), .init(title: "LEFT", alignment: .right),
            .init(title: "SPEED", alignment: .right), .init(title: "LAST ERROR"),
        ])
        for job in jobs {
            table.add([
                job.kind, job.recording, job.state, Formats.percent(job.progress),
                job.remainingSeconds.map(Formats.duration) ?? "", job.rate.map(WatchCommand.speed) ?? "",
                job.error ?? "",
            ])
        }
        return [""] + table.lines(width: width)
    }
}

/// Lines of a name and what there is to say of it.
struct Facts {
    private var facts: [(String, String)] = []

    /// Nothing is added where there is nothing to say.
    mutating func add(_ name: String, _ text: String?) {
        if let text, !text.isEmpty { facts.append((name, DisplayWidth.harmless(text))) }
    }

    var lines: [String] {
        let width = facts.reduce(0) { max($0, DisplayWidth.of($1.0)) }
        return facts.map { name, text in
            name + String(repeating: " ", count: width - DisplayWidth.of(name) + 2) + text
        }
    }
}

extension Console {
    func json(_ value: some Encodable) throws {
        line(String(decoding: try PortalJSON.encode(value, pretty: true), as: UTF8.self))
    }
}
