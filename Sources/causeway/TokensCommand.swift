import ArgumentParser
import Office
import PortalAPI

struct TokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Tokens of systems and services that use the portal's interface.",
        discussion: "Tokens in the configuration file are not among them. Scopes: docs/api.md.",
        subcommands: [List.self, Add.self, Revoke.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List tokens, newest first; what they are is nowhere kept.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            let tokens = try await PortalClient.with(connection) { try await $0.get([TokenStatus].self, "tokens") }
            let console = Console.current
            if connection.json { return try console.json(tokens) }
            var table = TextTable([
                .init(title: "ID"), .init(title: "NAME", givesWay: true), .init(title: "ROLE"),
                .init(title: "SCOPES", givesWay: true), .init(title: "STATE"), .init(title: "UNTIL"),
            ])
            for token in tokens {
                table.add([
                    token.id, token.name, token.role.rawValue,
                    token.scopes?.map(\.rawValue).joined(separator: " ") ?? "all", token.state.rawValue,
                    Formats.time(token.expiresAt),
                ])
            }
            for line in table.lines(width: console.width()) { console.line(line) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a token, and print it, once.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Who is to have it; the journal says this name.") var name: String
        @Option(help: "administrator, convener, chair, technician, archivist, agency-reader or auditor.")
        var role: Role = .agencyReader
        @Option(parsing: .upToNextOption, help: "What of the role it may, such as harvest search; all where left out.")
        var scopes: [TokenScope] = []
        @Option(help: "Days until it expires, up to 366.") var days: Int64 = 90

        func run() async throws {
            guard (1...366).contains(days) else { throw ValidationError("--days is from 1 to 366.") }
            let order = TokenOrder(
                name: name, role: role, scopes: scopes.isEmpty ? nil : scopes, validSeconds: days * 86_400)
            let made = try await PortalClient.with(connection) { try await $0.post(NewToken.self, "tokens", order) }
            let console = Console.current
            if connection.json { return try console.json(made) }
            console.line("\(made.status.id) for \(made.status.name), until \(Formats.time(made.status.expiresAt)):")
            console.line(made.token)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a token: its next request is refused.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its id, as the list has it.") var id: String

        func run() async throws {
            let status = try await PortalClient.with(connection) {
                try await $0.delete(TokenStatus.self, "tokens/\(PortalClient.encoded(id))", query: [])
            }
            let console = Console.current
            if connection.json { return try console.json(status) }
            console.line("\(status.id) of \(status.name) is revoked.")
        }
    }
}
