import ArgumentParser
import PortalAPI

extension Orders {
    struct Speak: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a point the word: its microphone opens and all see it.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String
        @Argument(help: "The point's code.")
        var point: String
        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("How long it may speak: 90s, 5m; as the agenda plans if left out.", valueName: "time"))
        var period: String?

        func validate() throws {
            guard period.map({ PointsCommand.Invite.seconds($0) != nil }) ?? true else {
                throw ValidationError("--for is a time such as 90s or 5m.")
            }
        }

        func run() async throws {
            let seconds = period.flatMap(PointsCommand.Invite.seconds).map(Double.init)
            try await connection.send(MeetingOrder(.speak, point: point, seconds: seconds), to: id)
        }
    }

    struct Spotlight: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have all see one point, whoever speaks; without a point, whoever speaks.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String
        @Argument(help: "The point's code.")
        var point: String?

        func run() async throws { try await connection.send(MeetingOrder(.spotlight, point: point), to: id) }
    }

    struct Aside: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a point to a side room of its meeting.", discussion: "`recall` brings it back.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String
        @Argument(help: "The point's code.")
        var point: String
        @Argument(help: "The side room's name; whoever is in the same one talk to each other.")
        var room: String

        func run() async throws {
            try await connection.send(MeetingOrder(.moveAside, point: point, name: room), to: id)
        }
    }

    struct Message: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a message on everybody's picture; without a text, none.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String
        @Argument(help: "What is shown.")
        var text: String?

        func run() async throws { try await connection.send(MeetingOrder(.message, text: text), to: id) }
    }

    struct Layout: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Choose what all see, or one point.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
        var id: String
        @Argument(help: "speaker, gallery (by protocol), gallery-activity, speaker-strip, content-speaker or chair.")
        var name: String
        @Option(help: "The point's code; all where this is left out.")
        var point: String?
        @Option(
            help: "With chair: the codes of the points that are seen, with commas, in this order.",
            transform: { $0.split(separator: ",").map(String.init) })
        var show: [String]?

        func validate() throws {
            if show != nil, name != "chair" { throw ValidationError("--show goes with the layout chair alone") }
        }

        func run() async throws {
            try await connection.send(MeetingOrder(.layout, point: point, name: name, points: show), to: id)
        }
    }
}
