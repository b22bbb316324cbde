import ArgumentParser
import Foundation
import Office
import PortalAPI
import Vietnamese

extension ScheduledMeeting.Confidentiality: ExpressibleByArgument {}
extension RehearsalCheck: ExpressibleByArgument {}

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Call meetings together, look at those to come, and at their rehearsals.",
        subcommands: [
            List.self, Show.self, Add.self, Move.self, Cancel.self, Invitation.self, Calendar.self, Attach.self,
            Check.self,
            Waive.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the sittings to come.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: ArgumentHelp("From this day or time on.", valueName: "time")) var from: String?
        @Option(help: ArgumentHelp("Up to this day or time; 60 days if left out.", valueName: "time")) var to: String?

        func run() async throws {
            let items = try await PortalClient.with(connection) {
                try await $0.get([ScheduleItem].self, "schedule", query: [("from", from), ("to", to)])
            }
            let console = Console.current
            if connection.json { return try console.json(items) }
            var table = TextTable([
                .init(title: "SITTING"), .init(title: "BEGINS"), .init(title: "ROOM"),
                .init(title: "TITLE", givesWay: true), .init(title: "POINTS", alignment: .right),
                .init(title: "REHEARSAL"),
            ])
            for item in items {
                table.add([
                    item.sitting.id, Formats.time(item.sitting.starts), item.room, item.title, "\(item.points)",
                    item.isCancelled ? "cancelled" : item.isGreen ? "green" : "red",
                ])
            }
            for line in table.lines(width: console.width()) { console.line(line) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a meeting with its clashes and papers.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id.") var id: String

        func run() async throws {
            let detail = try await PortalClient.with(connection) {
                try await $0.get(MeetingDetail.self, "schedule/\(PortalClient.encoded(id))")
            }
            ScheduleCommand.print(detail, connection)
        }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move the sittings of a meeting that have not begun.",
            discussion: "The next sitting goes to the new time, and those after it as far. What began stays as it is.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id.") var id: String
        @Option(help: ArgumentHelp("When the next sitting begins, in Vietnam: '2026-12-01 08:00'.", valueName: "time"))
        var to: String

        func validate() throws {
            guard Add.time(to) != nil else { throw ValidationError("--to is a time such as '2026-12-01 08:00'.") }
        }

        func run() async throws {
            guard let starts = Add.time(to) else { return }
            let detail = try await PortalClient.with(connection) {
                try await $0.post(
                    MeetingDetail.self, "schedule/\(PortalClient.encoded(id))/move", MoveRestRequest(starts: starts))
            }
            ScheduleCommand.print(detail, connection)
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancel a meeting, or one sitting of it.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id.") var id: String
        @Option(help: "Only this sitting.") var sitting: String?

        func run() async throws {
            let detail = try await PortalClient.with(connection) {
                try await $0.delete(
                    MeetingDetail.self, "schedule/\(PortalClient.encoded(id))", query: [("sitting", sitting)])
            }
            let console = Console.current
            if connection.json { return try console.json(detail) }
            console.line("\(DisplayWidth.harmless(sitting ?? id)) is cancelled.")
        }
    }

    struct Invitation: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the invitation, in Vietnamese.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id.") var id: String
        @Option(help: "To this point.") var point: String?

        func run() async throws { try await ScheduleCommand.text("invitation", id, point, connection) }
    }

    struct Calendar: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the calendar file (RFC 5545), in Vietnamese.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id.") var id: String
        @Option(help: "For this point.") var point: String?

        func run() async throws { try await ScheduleCommand.text("calendar", id, point, connection) }
    }

    struct Attach: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Attach a paper to a meeting.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id.") var id: String
        @Argument(help: "The file.") var file: String

        func run() async throws {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw CommandFailure.local("\(file) cannot be read.")
            }
            let paper = try await PortalClient.with(connection) {
                try await $0.send(
                    Paper.self, "schedule/\(PortalClient.encoded(id))/papers",
                    query: [("name", (file as NSString).lastPathComponent)],
                    headers: [("Content-Type", "application/octet-stream")], data)
            }
            let console = Console.current
            if connection.json { return try console.json(paper) }
            console.line(DisplayWidth.harmless("\(paper.name)\t\(Formats.bytes(paper.size))\t\(paper.sha256)"))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write down what a rehearsal found at a point.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The sitting's id.") var sitting: String
        @Argument(help: "The point's code.") var point: String
        @Argument(help: "equipment, line, sound or picture.") var check: RehearsalCheck
        @Flag(help: "It did not pass.") var failed = false
        @Option(help: "What was measured, or what is wrong.") var note = ""

        func run() async throws {
            let gate = try await PortalClient.with(connection) {
                try await $0.put(
                    RehearsalGate.self,
                    "sittings/\(PortalClient.encoded(sitting))/rehearsal/\(PortalClient.encoded(point))",
                    RehearsalRequest(check: check, isPassed: !failed, note: note))
            }
            ScheduleCommand.print(gate, connection)
        }
    }

    struct Waive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a point as it is, by decision of a named officer.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The sitting's id.") var sitting: String
        @Argument(help: "The point's code.") var point: String
        @Option(help: "Who decided.") var officer: String
        @Option(help: "Why.") var reason: String

        func run() async throws {
            let gate = try await PortalClient.with(connection) {
                try await $0.put(
                    RehearsalGate.self,
                    "sittings/\(PortalClient.encoded(sitting))/rehearsal/\(PortalClient.encoded(point))/waiver",
                    WaiverRequest(officer: officer, reason: reason))
            }
            ScheduleCommand.print(gate, connection)
        }
    }
}

extension ScheduleCommand {
    static func text(_ what: String, _ id: String, _ point: String?, _ connection: ConnectionOptions) async throws {
        let text = try await PortalClient.with(connection) {
            try await $0.text("schedule/\(PortalClient.encoded(id))/\(what)", query: [("point", point)])
        }
        Console.current.write(text)
    }

    static func print(_ detail: MeetingDetail, _ connection: ConnectionOptions) {
        let console = Console.current
        if connection.json { return (try? console.json(detail)) ?? () }
        let meeting = detail.meeting
        var lines = [
            "\(meeting.id)\(meeting.isCancelled ? " (cancelled)" : "")", meeting.title,
            "Room: \(meeting.room) (\(detail.roomTitle))",
            "Convened by \(meeting.convener), \(meeting.document.number) of \(meeting.document.date)",
            "Chair: \(meeting.chair?.name ?? "-")",
            "Points: "
                + meeting.invited.map { $0.necessity == .required ? $0.point : "\($0.point) (optional)" }
                .joined(separator: ", "),
        ]
        lines += detail.sittings.map { "Sitting: \($0.id)  \(Formats.time($0.starts))  \(meeting.minutes) min" }
        lines += meeting.agenda.enumerated().map { "\($0 + 1). \($1.title) \($1.speaker)" }
        lines += detail.papers.map {
            "Paper: \($0.id)  \($0.name)  \(Formats.bytes($0.size))\($0.hasCode ? "  contains code or files" : "")"
        }
        lines += detail.clashes.map {
            "Clash of \($0.kind.rawValue) \($0.subject): \($0.otherTitle), \(Formats.time($0.other.starts))"
        }
        for line in lines { console.line(DisplayWidth.harmless(line)) }
    }

    static func print(_ gate: RehearsalGate, _ connection: ConnectionOptions) {
        let console = Console.current
        if connection.json { return (try? console.json(gate)) ?? () }
        console.line(gate.isGreen ? "green" : "red")
        var table = TextTable([.init(title: "POINT"), .init(title: "NECESSITY"), .init(title: "STATE")])
        for point in gate.points { table.add([point.point, point.necessity.rawValue, point.state.rawValue]) }
        for line in table.lines(width: console.width()) { console.line(line) }
    }
}
