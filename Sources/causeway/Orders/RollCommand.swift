import ArgumentParser
import Foundation
import PortalAPI

extension Orders {
    struct Roll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the roll of a meeting in the order of protocol, and how the meeting stands.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String

        func run() async throws {
            let control = try await connection.control(of: id)
            let console = Console.current
            guard !connection.json else { return try console.json(control) }
            for line in RollTable.lines(control, at: Date(), width: console.width()) { console.line(line) }
        }
    }

    struct Queue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show who asks for the word, in order.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String

        func run() async throws {
            let control = try await connection.control(of: id)
            let console = Console.current
            guard !connection.json else { return try console.json(control.queue) }
            for line in RollTable.queue(control, at: Date()) { console.line(line) }
        }
    }
}

extension ConnectionOptions {
    func control(of meeting: String) async throws -> MeetingControl {
        try await PortalClient.with(self) {
            try await $0.get(MeetingControl.self, "meetings/\(PortalClient.encoded(meeting))/control")
        }
    }
}

/// A meeting's roll as text.
enum RollTable {
    static func lines(_ control: MeetingControl, at now: Date, width: Int?) -> [String] {
        var facts = [
            control.title, control.isInSession ? "in session" : "rehearsal", "recording \(control.recording)",
            "\(control.roll.count { $0.presentSince != nil }) of \(control.roll.count) in",
        ]
        if control.isLocked { facts.append("locked") }
        if let speech = control.speech {
            let limit = speech.limitSeconds.map { " of \(Formats.duration($0))" } ?? ""
            facts.append("\(speech.point) speaks for \(Formats.duration(speech.elapsedSeconds))\(limit)")
        }
        if let vote = control.vote { facts.append("vote \(vote.number): \(vote.cast) cast") }
        var table = TextTable([
            .init(title: " "), .init(title: "POINT"), .init(title: "NAME", givesWay: true), .init(title: "PRESENT"),
            .init(title: "TIME", alignment: .right), .init(title: "MICROPHONE"), .init(title: "SOUND"),
            .init(title: "PICTURE"), .init(title: "NOTE"),
        ])
        for line in control.roll { table.add(cells(line, control, at: now)) }
        let heading = facts.map(DisplayWidth.harmless).joined(separator: "  ")
        return [width.map { DisplayWidth.truncated(heading, to: $0) } ?? heading] + table.lines(width: width)
            + queue(control, at: now)
    }

    static func queue(_ control: MeetingControl, at now: Date) -> [String] {
        guard !control.queue.isEmpty else { return ["Nobody asks for the word."] }
        return control.queue.enumerated().map { index, hand in
            let waits = Formats.duration(now.timeIntervalSince(hand.since))
            return "\(index + 1). \(DisplayWidth.harmless(hand.point))  waits for \(waits)"
        }
    }

    private static func cells(_ line: MeetingControl.RollLine, _ control: MeetingControl, at now: Date) -> [String] {
        let mark = line.isSpeaking ? "▶" : line.handRaisedAt != nil ? "✋" : line.point == control.spotlight ? "★" : " "
        let presence =
            switch line.place {
            case "hall": "yes"
            case "waiting": "waits"
            case "side": "in \(line.sideRoom ?? "")"
            default: line.excuse != nil ? "excused" : line.isExpected ? "MISSING" : "no"
            }
        let call = line.call.flatMap { $0 == "answered" ? nil : "called: \($0) \(line.callFailure ?? "")" }
        let notes = [line.excuse, line.place == nil ? call : nil, line.wasMissingAtOpening ? "came late" : nil]
        return [
            mark, line.point, line.name, presence,
            line.presentSince.map { Formats.duration(now.timeIntervalSince($0)) } ?? "", line.microphone ?? "",
            line.hasSound ? "yes" : "", line.hasPicture ? "yes" : "",
            notes.compactMap { $0 }.joined(separator: "; "),
        ]
    }
}
