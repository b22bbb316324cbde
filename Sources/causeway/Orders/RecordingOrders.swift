import ArgumentParser
import PortalAPI

extension Orders {
    struct Record: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Order a meeting to be recorded, pause, resume or stop that.",
            subcommands: [Start.self, Pause.self, Resume.self, Stop.self])

        struct Options: ParsableArguments {
            @OptionGroup var connection: ConnectionOptions
            @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
            var id: String
            @Option(help: "Why; it is written down.")
            var reason: String

            func send(_ kind: MeetingOrder.Kind, document: String? = nil) async throws {
                try await connection.send(MeetingOrder(kind, reason: reason, document: document), to: id)
            }
        }

        struct Start: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Order a recording.")
            @OptionGroup var options: Options
            @Option(help: "Number and date of the decision.")
            var document: String?
            func run() async throws { try await options.send(.record, document: document) }
        }

        struct Pause: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Write nothing until it is resumed.")
            @OptionGroup var options: Options
            func run() async throws { try await options.send(.pauseRecording) }
        }

        struct Resume: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Go on after a pause.")
            @OptionGroup var options: Options
            func run() async throws { try await options.send(.resumeRecording) }
        }

        struct Stop: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "End the recording.")
            @OptionGroup var options: Options
            func run() async throws { try await options.send(.stopRecording) }
        }
    }

    struct Vote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a question to the vote, or close it.", subcommands: [Open.self, Close.self])

        struct Open: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Open a vote: keys 1 for, 2 against, 3 abstain.")

            @OptionGroup var connection: ConnectionOptions
            @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
            var id: String
            @Argument(help: "The question.")
            var question: String
            @Flag(help: "Keep who voted what from everybody.")
            var secret = false
            @Option(name: .customLong("for"), help: ArgumentHelp("Closes after this time: 60s, 2m.", valueName: "time"))
            var period: String?

            func validate() throws {
                guard period.map({ PointsCommand.Invite.seconds($0) != nil }) ?? true else {
                    throw ValidationError("--for is a time such as 60s or 2m.")
                }
            }

            func run() async throws {
                let seconds = period.flatMap(PointsCommand.Invite.seconds).map(Double.init)
                try await connection.send(
                    MeetingOrder(.openVote, text: question, seconds: seconds, isSecret: secret), to: id)
            }
        }

        struct Close: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Close the vote and show its result.")

            @OptionGroup var connection: ConnectionOptions
            @Argument(help: "The meeting's id, as `causeway meetings` shows it.")
            var id: String

            func run() async throws { try await connection.send(MeetingOrder(.closeVote), to: id) }
        }
    }
}
