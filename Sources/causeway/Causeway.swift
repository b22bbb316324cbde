import ArgumentParser
import Foundation

/// The command line of the bridge and its archive.
struct Causeway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "causeway",
        abstract: "Manage the conference bridge and its meetings, look at it, and fetch what it recorded.",
        discussion: """
            Speaks to causewayd through its socket on this machine, or elsewhere with --server and --token-file.

            Exit status: 0 done; 1 a recording or a copy of it is not what was sealed; 2 wrong usage; 3 the daemon \
            cannot be reached; 4 the daemon refused; 5 a file on this machine cannot be read or written.
            """,
        subcommands: [
            StatusCommand.self, MeetingsCommand.self, UnitsCommand.self, PointsCommand.self, RoomsCommand.self,
            PeopleCommand.self, ScheduleCommand.self, ChecksCommand.self, GuideCommand.self, RecordingsCommand.self,
            RetentionCommand.self, SupplyCommand.self, ReportCommand.self, StatisticsCommand.self, SearchCommand.self,
            VerifyPackageCommand.self, TokensCommand.self, AccessCommand.self, ConfigCommand.self, DoctorCommand.self,
            DrainCommand.self, AuditCommand.self, TraceCommand.self, TopCommand.self,
        ])
}

extension Causeway {
    /// Parses, runs, prints what went wrong, and gives the exit status.
    static func run(_ arguments: [String]) async -> CommandStatus {
        let console = Console.current
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .success
        } catch let failure as CommandFailure {
            console.errorLine("causeway: \(DisplayWidth.harmless(failure.description))")
            return failure.status
        } catch {
            // Help and version come as errors too, with status 0.
            let isHelp = exitCode(for: error) == .success
            let message = fullMessage(for: error)
            if isHelp { console.line(message) } else { console.errorLine(message) }
            return isHelp ? .success : .usage
        }
    }
}

@main
enum Main {
    static func main() async {
        // A reader that goes away (`causeway … | head`) ends the command by a failed write, not by a signal.
        signal(SIGPIPE, SIG_IGN)
        exit(await Causeway.run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}
