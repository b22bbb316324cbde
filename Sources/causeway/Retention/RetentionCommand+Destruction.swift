import ArgumentParser
import Foundation
import PortalAPI

extension RetentionCommand {
    struct Propose: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that recordings be destroyed.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The recordings' ids.") var ids: [String]
        @Option(help: "Why.") var reason: String?
        @Flag(help: "Only say what stands in the way.") var dryRun = false

        func validate() throws {
            if !dryRun, reason == nil { throw ValidationError("--reason is needed, or --dry-run.") }
        }

        func run() async throws {
            let order = RetentionOrder.Proposal(meetings: ids, reason: reason)
            guard dryRun else { return try await decide("retention/proposals", order, connection) }
            try await RetentionCommand.judge("retention/proposals/judge", order, connection)
        }
    }

    struct Proposals: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List proposals, the newest first.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "In these states: proposed, approved, refused, withdrawn, destroyed.") var state: String?

        func run() async throws {
            let console = Console.current
            let found = try await PortalClient.with(connection) { client in
                try await client.get([DestructionStatus].self, "retention/proposals", query: [("state", state)])
            }
            guard !connection.json else { return try console.json(found) }
            for line in RetentionText.proposals(found, width: console.width()) { console.line(line) }
        }
    }

    struct Review: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide on somebody else's proposal.",
            discussion: "What is approved is destroyed at once, and nothing brings it back.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The proposal's number.") var number: Int64
        @Option(help: ArgumentHelp("Approve it, by the decision with this number and date.", valueName: "document"))
        var approve: String?
        @Option(help: ArgumentHelp("Refuse it, for this reason.", valueName: "reason")) var refuse: String?
        @Flag(help: "Only say what stands in the way.") var dryRun = false

        func validate() throws {
            guard [approve != nil, refuse != nil, dryRun].filter({ $0 }).count == 1 else {
                throw ValidationError("One of --approve, --refuse and --dry-run is needed.")
            }
        }

        func run() async throws {
            let path = "retention/proposals/\(number)"
            if dryRun {
                return try await RetentionCommand.judge(
                    path + "/judge", RetentionOrder.Proposal(meetings: []), connection)
            }
            let order = RetentionOrder.Review(
                verdict: approve == nil ? .refuse : .approve, text: approve ?? refuse ?? "")
            try await decide(path + "/review", order, connection)
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take one's own proposal back.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The proposal's number.") var number: Int64

        func run() async throws {
            let order = RetentionOrder.Proposal(meetings: [])
            try await decide("retention/proposals/\(number)/withdraw", order, connection)
        }
    }

    struct CarryOut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "carry-out",
            abstract:
                "Carry out what is approved and overdue, wait until that is done, and say what waits for persons.",
            discussion: """
                What causeway-retention.timer does each night. Exit status 1 where a destruction is approved and cannot be \
                carried out.
                """)
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            let console = Console.current
            let result = try await PortalClient.with(connection) {
                try await $0.round(
                    RetentionRoundResult.self, "retention/due", "destroying", console, isQuiet: connection.json)
            }
            if connection.json { try console.json(result) } else { console.line(RetentionText.round(result)) }
            guard result.overdue.count == 0 else {
                throw CommandFailure.verification(
                    "approved for destruction, and not destroyed: \(result.overdue.text). The daemon's log says why.")
            }
        }
    }

    private static func decide(
        _ path: String, _ order: some Encodable & Sendable, _ connection: ConnectionOptions
    ) async throws {
        let console = Console.current
        let status = try await PortalClient.with(connection) {
            try await $0.post(DestructionStatus.self, path, order)
        }
        guard !connection.json else { return try console.json(status) }
        for line in RetentionText.facts(status) { console.line(line) }
    }

    private static func judge(
        _ path: String, _ order: RetentionOrder.Proposal, _ connection: ConnectionOptions
    ) async throws {
        let console = Console.current
        let found = try await PortalClient.with(connection) {
            try await $0.post(DestructionJudgement.self, path, order)
        }
        guard !connection.json else { return try console.json(found) }
        for line in RetentionText.judgement(found) { console.line(line) }
    }
}
