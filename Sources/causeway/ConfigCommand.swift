import ArgumentParser
import Foundation
import SiteConfiguration

/// The daemon's configuration: what is in force, and what may stand in it.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show the daemon's configuration, and what may stand in it.",
        subcommands: [Show.self, Schema.self, Reference.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print the configuration; secrets are not shown.")

        @Option(help: ArgumentHelp("The daemon's configuration.", valueName: "file"))
        var config = "/etc/causeway/causeway.yaml"
        @Flag(help: "With every key that nobody set, which is marked as a default.")
        var effective = false

        func run() async throws {
            let settings: Configuration
            do { settings = try Configuration.load(path: config) } catch { throw CommandFailure.local("\(error)") }
            let text = settings.text(withDefaults: effective)
            Console.current.write(
                text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayWidth.harmless(String($0)) }
                    .joined(separator: "\n"))
        }
    }

    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "schema", abstract: "Print a JSON Schema of the configuration, for editors and programs.")

        func run() async throws { Console.current.write(Configuration.schemaText()) }
    }

    struct Reference: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reference", abstract: "Print every key with its meaning, bounds, unit and default.")

        func run() async throws { Console.current.write(Configuration.referenceText()) }
    }
}
