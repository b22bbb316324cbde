import ArgumentParser
import Foundation
import PortalAPI

struct RecordingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recordings",
        abstract: "List, show, fetch, verify, look after, package and merge what was recorded.",
        subcommands: [
            List.self, Show.self, WatchCommand.self, GetCommand.self, VerifyCommand.self, FixityCommand.self,
            PackageCommand.self,
            MergeCommand.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List recordings, newest first.")

        @OptionGroup var connection: ConnectionOptions
        @Option(help: ArgumentHelp("Opened on this day (or at this time) or later.", valueName: "2026-11-24"))
        var from: String?
        @Option(help: ArgumentHelp("Opened on this day or earlier, or before this time.", valueName: "2026-11-24"))
        var to: String?
        @Option(help: "In this room.")
        var room: String?
        @Option(help: "With these words in title, convener, document or room; marks need not be typed.")
        var text: String?
        @Option(help: "In these states, for example sealed,failed.")
        var state: String?
        @Option(help: "At most so many, 1 to 500.")
        var limit = 50
        @Option(help: "Begin after this recording: the last of the page before.")
        var after: String?

        func run() async throws {
            let console = Console.current
            let page = try await PortalClient.with(connection) { client in
                try await client.get(
                    RecordingPage.self, "recordings",
                    query: [
                        ("from", from), ("to", to), ("room", room), ("text", text), ("state", state),
                        ("limit", String(limit)), ("after", after),
                    ])
            }
            guard !connection.json else { return try console.json(page) }
            for line in RecordingText.list(page, width: console.width()) { console.line(line) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all that is known of a recording.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The recording's id.")
        var id: String

        func run() async throws {
            let console = Console.current
            let detail = try await PortalClient.with(connection) { try await $0.recording(id) }
            guard !connection.json else { return try console.json(detail) }
            for line in RecordingText.detail(detail, width: console.width()) { console.line(line) }
        }
    }
}

extension PortalClient {
    func recording(_ id: String) async throws(CommandFailure) -> RecordingDetail {
        try await get(RecordingDetail.self, "recordings/" + Self.encoded(id))
    }
}
