import ArgumentParser
import Foundation
import PortalAPI
import Vietnamese

struct SupplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supply",
        abstract: "Give recordings out to agencies: requests, grants, and whose copy somebody has.",
        discussion: "Agencies ask in the portal. docs/supply.md says what a grant gives and what its copy carries.",
        subcommands: [
            Requests.self, Grant.self, Refuse.self, Grants.self, Show.self, Revoke.self, Remake.self, Package.self,
            Register.self, SupplyTraceCommand.self,
        ])

    enum RequestState: String, ExpressibleByArgument, CaseIterable { case waiting, granted, refused, withdrawn }
    enum Level: String, ExpressibleByArgument, CaseIterable { case reading, unauthenticated, authenticated, package }

    struct Requests: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List requests, the newest first.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "Only those that are waiting, granted, refused or withdrawn.") var state: RequestState?
        @Option(help: "Older than the one with this number.") var before: Int64?

        func run() async throws {
            let console = Console.current
            let list = try await PortalClient.with(connection) { client in
                try await client.get(
                    [AccessRequestStatus].self, "access/requests",
                    query: [("state", state?.rawValue), ("before", before.map(String.init))])
            }
            guard !connection.json else { return try console.json(list) }
            for line in SupplyText.requests(list, width: console.width()) { console.line(line) }
        }
    }

    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Grant a request: all of its recording, or a span, for a time.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The request's number.") var request: Int64
        @Option(help: "reading: watched in the portal; unauthenticated, authenticated, package: may be taken away.")
        var level = Level.reading
        @Option(help: "For so many days from now.") var days: Double
        @Option(help: "The recording, where the request names none.") var recording: String?
        @Option(help: "Seconds of the recording at which the span begins.") var from: Double?
        @Option(help: "Seconds of the recording at which it ends.") var to: Double?
        @Option(help: "What goes with it.") var remark: String?

        func run() async throws {
            guard days > 0, days <= 366 else { throw ValidationError("--days is not 0 to 366.") }
            let terms = AccessTerms(
                recording: recording, level: level.rawValue, from: from, to: to,
                validUntil: Date().addingTimeInterval(days * 86_400), remark: remark)
            try await showGrant(connection) { client in
                try await client.post(AccessGrantStatus.self, "access/requests/\(request)/grant", terms)
            }
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a request.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The request's number.") var request: Int64
        @Option(help: "Why.") var reason: String

        func run() async throws {
            let console = Console.current
            let status = try await PortalClient.with(connection) { client in
                try await client.post(
                    AccessRequestStatus.self, "access/requests/\(request)/refuse", AccessReason(reason: reason))
            }
            guard !connection.json else { return try console.json(status) }
            for line in SupplyText.requests([status], width: console.width()) { console.line(line) }
        }
    }

    struct Grants: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List grants, the newest first.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "Of this recording alone.") var recording: String?
        @Option(help: "Older than the one with this number.") var before: Int64?

        func run() async throws {
            let console = Console.current
            let list = try await PortalClient.with(connection) { client in
                try await client.get(
                    [AccessGrantStatus].self, "access/grants",
                    query: [("recording", recording), ("before", before.map(String.init))])
            }
            guard !connection.json else { return try console.json(list) }
            for line in SupplyText.grants(list, width: console.width()) { console.line(line) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a grant with each use of it.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The grant's number.") var grant: Int64

        func run() async throws {
            try await showGrant(connection) { client in
                try await client.get(AccessGrantStatus.self, "access/grants/\(grant)")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a grant back, at once.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The grant's number.") var grant: Int64
        @Option(help: "Why.") var reason: String

        func run() async throws {
            try await showGrant(connection) { client in
                try await client.post(
                    AccessGrantStatus.self, "access/grants/\(grant)/revoke", AccessReason(reason: reason))
            }
        }
    }

    struct Remake: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the copy of a grant made again, after all attempts failed.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The grant's number.") var grant: Int64

        func run() async throws {
            try await showGrant(connection) { client in
                try await client.post(AccessGrantStatus.self, "access/grants/\(grant)/copy", [String: String]())
            }
        }
    }

    struct Package: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a package for who has a grant of that level: its copy, papers that may go along, a seal.",
            discussion: "The holder fetches it from the portal; it is removed when the grant is over.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The grant's number.") var grant: Int64

        func run() async throws {
            let console = Console.current
            let outcome = try await PortalClient.with(connection) {
                try await PackageCommand.make("access/grants/\(grant)/package", Data("{}".utf8), $0, console)
            }
            try PackageCommand.show(outcome, connection, console)
        }
    }

    struct Register: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write the supply register as CSV.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            let console = Console.current
            let text = try await PortalClient.with(connection) { try await $0.text("access/register.csv") }
            for line in text.split(whereSeparator: \.isNewline) { console.line(String(line)) }
        }
    }

    private static func showGrant(
        _ connection: ConnectionOptions, _ act: (PortalClient) async throws -> AccessGrantStatus
    ) async throws {
        let console = Console.current
        let status = try await PortalClient.with(connection) { try await act($0) }
        guard !connection.json else { return try console.json(status) }
        for line in SupplyText.facts(status) { console.line(line) }
    }
}
