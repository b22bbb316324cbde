import ArgumentParser
import Foundation
import PortalAPI

struct MeetingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meetings", abstract: "Show the meetings in progress, and lead them.",
        subcommands: [Show.self, Call.self, Move.self, End.self, Absence.self]
            + [
                Orders.Roll.self, Orders.Queue.self, Orders.Speak.self, Orders.Spotlight.self, Orders.Aside.self,
                Orders.Record.self, Orders.Message.self, Orders.Vote.self, Orders.Layout.self,
            ] + Orders.subcommands, defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the meetings in progress.")

        @OptionGroup var connection: ConnectionOptions
        @Flag(help: "Draw anew every interval until interrupted; with --json, a line each time.")
        var watch = false
        @Option(help: ArgumentHelp("Seconds between two looks, with --watch.", valueName: "seconds"))
        var interval = 1.0
        @Option(name: .customLong("for"), help: ArgumentHelp("Stop watching after this time.", valueName: "seconds"))
        var period: Double?

        func validate() throws {
            guard (0.1...3600).contains(interval) else { throw ValidationError("--interval is 0.1 to 3600 seconds.") }
            if let period, !(period > 0 && period < 1e7) {
                throw ValidationError("--for is a positive number of seconds.")
            }
            if period != nil, !watch { throw ValidationError("--for goes with --watch.") }
        }

        func run() async throws {
            try await PortalClient.with(connection) { client in
                watch ? try await self.watch(client) : try await once(client)
            }
        }

        private func once(_ client: PortalClient) async throws {
            let console = Console.current
            let meetings = try await client.get([LiveMeeting].self, "meetings")
            guard !connection.json else { return try console.json(meetings) }
            for line in LiveTable.lines(meetings, at: Date(), width: console.width()) { console.line(line) }
        }

        private func watch(_ client: PortalClient) async throws {
            let console = Console.current
            let screen = LiveScreen(console: console, isDrawn: !connection.json && console.width() != nil)
            defer { screen.leave() }
            let end = period.map { ContinuousClock.now + .seconds($0) }
            var last: [String] = []
            while true {
                let meetings = try await client.get([LiveMeeting].self, "meetings")
                if connection.json {
                    console.line(String(decoding: try PortalJSON.encode(meetings), as: UTF8.self))
                } else {
                    last = LiveTable.lines(meetings, at: Date(), width: console.width())
                    screen.draw(last)
                }
                let next = ContinuousClock.now + .seconds(interval)
                if let end, next > end { break }
                try await Task.sleep(until: next)
            }
            screen.leave()
            if screen.isDrawn { for line in last { console.line(line) } }
        }
    }

    struct Call: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Call points into a room.", discussion: "Opens a meeting there if none is in progress.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The room's id.")
        var room: String
        @Argument(help: "The points' codes; all that are invited and not there where none is named.")
        var points: [String] = []

        func run() async throws {
            let answer = try await PortalClient.with(connection) {
                try await $0.post(
                    CallAnswer.self, "rooms/\(PortalClient.encoded(room))/call",
                    CallRequest(points: points.isEmpty ? nil : points))
            }
            let console = Console.current
            if connection.json { return try console.json(answer) }
            console.line("Calling \(answer.called.map(DisplayWidth.harmless).joined(separator: ", ")).")
        }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send a point to another room.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String
        @Argument(help: "The point's code.")
        var point: String
        @Argument(help: "The room's id.")
        var room: String

        func run() async throws {
            let request = MoveRequest(point: point, room: room)
            try await PortalClient.with(connection) {
                try await $0.post("meetings/\(PortalClient.encoded(id))/move", request)
            }
            let console = Console.current
            if connection.json { return try console.json(request) }
            console.line("Sending \(DisplayWidth.harmless(point)) to \(DisplayWidth.harmless(room)).")
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a meeting in order.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String

        func run() async throws {
            try await PortalClient.with(connection) { try await $0.post("meetings/\(PortalClient.encoded(id))/end") }
            let console = Console.current
            if connection.json {
                try console.json(["ended": id])
            } else {
                console.line("Meeting \(DisplayWidth.harmless(id)) is ended.")
            }
        }
    }
}
