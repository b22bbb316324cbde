import ArgumentParser
import Foundation
import PortalAPI

struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "For how long recordings are kept, and their destruction by two persons.",
        discussion: """
            One person proposes, another reviews; so these two commands need --server and a token of one's own. \
            docs/evidence.md says what a destruction leaves.
            """,
        subcommands: [
            List.self, Set.self, Hold.self, Release.self, Submitted.self, Propose.self, Proposals.self, Review.self,
            Withdraw.self, CarryOut.self,
        ])

    enum Choice: String, ExpressibleByArgument, CaseIterable { case all, due, clocks, held }
    enum Receiver: String, ExpressibleByArgument, CaseIterable { case current, historical }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List recordings with their terms, the oldest first.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(
            help: "all; due: whose term ends this year or has; clocks: to be submitted within 60 days; held.")
        var choice = Choice.all
        @Option(help: "At most so many, 1 to 500.") var limit = 100
        @Option(help: "Begin after this recording: the last of the page before.") var after: String?

        func run() async throws {
            let console = Console.current
            let list = try await PortalClient.with(connection) { client in
                try await client.get(
                    RetentionList.self, "retention",
                    query: [("choice", choice.rawValue), ("limit", String(limit)), ("after", after)])
            }
            guard !connection.json else { return try console.json(list) }
            for line in RetentionText.list(list, width: console.width()) { console.line(line) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a recording a class of the retention table.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The recording's id.") var id: String
        @Argument(help: "The class's code; the standard class where it is left out.") var code: String?

        func run() async throws {
            try await change("PUT", id, "retention", RetentionOrder.Class(code: code), connection)
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hold a recording: it is not destroyed meanwhile.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The recording's id.") var id: String
        @Option(help: "Why.") var reason: String
        @Option(help: "Number and date of the document by which it was ordered.") var document: String?

        func run() async throws {
            let order = RetentionOrder.Hold(reason: reason, document: document)
            try await change("POST", id, "holds", order, connection)
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a hold.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The recording's id.") var id: String
        @Argument(help: "The hold's number.") var hold: Int64
        @Option(help: "Why.") var reason: String

        func run() async throws {
            try await change("POST", id, "holds/\(hold)/release", RetentionOrder.Hold(reason: reason), connection)
        }
    }

    struct Submitted: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Note that a recording was submitted to an archive.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The recording's id.") var id: String
        @Argument(help: "current or historical.") var archive: Receiver
        @Option(help: "Number and date of the record of handing over.") var document: String

        func run() async throws {
            let order = RetentionOrder.Submission(document: document)
            try await change("PUT", id, "submissions/\(archive.rawValue)", order, connection)
        }
    }

    /// Sends an order on a recording, and shows what is kept of it then.
    private static func change(
        _ method: String, _ id: String, _ path: String, _ order: some Encodable & Sendable,
        _ connection: ConnectionOptions
    ) async throws {
        let console = Console.current
        let path = "recordings/\(PortalClient.encoded(id))/\(path)"
        let status = try await PortalClient.with(connection) { client in
            method == "PUT"
                ? try await client.put(RetentionStatus.self, path, order)
                : try await client.post(RetentionStatus.self, path, order)
        }
        guard !connection.json else { return try console.json(status) }
        for line in RetentionText.facts(status) { console.line(line) }
    }
}
