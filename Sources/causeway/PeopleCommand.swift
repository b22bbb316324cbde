import ArgumentParser
import Office
import PortalAPI

struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Manage who signs in to the portal.",
        discussion: "The first administrator: causeway people add quantri --name 'Nguyễn Văn A' --roles administrator",
        subcommands: [List.self, Add.self, Set.self, Remove.self, Import.self, Link.self, ForgetApp.self],
        defaultSubcommand: List.self)

    struct Options: ParsableArguments {
        @Option(help: "Full name.") var name: String?
        @Option(help: "Office held.") var position: String?
        @Option(help: ArgumentHelp("The agency.", valueName: "unit")) var unit: String?
        @Option(help: "Telephone.") var telephone: String?
        @Option(help: "Who this is to the site's identity provider.") var identity: String?
        @Option(
            parsing: .upToNextOption,
            help: "administrator, convener, chair, technician, archivist, agency-reader, auditor; several may be given."
        )
        var roles: [Role] = []

        func apply(to person: inout PersonEntry) {
            person.name = name ?? person.name
            person.position = position ?? person.position
            person.unit = unit ?? person.unit
            person.telephone = telephone ?? person.telephone
            person.identity = identity ?? person.identity
            if !roles.isEmpty { person.roles = Swift.Set(roles) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List people.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await RegisterClient.list(
                PersonEntry.self, "people", connection,
                columns: [
                    .init(title: "ID"), .init(title: "NAME", givesWay: true), .init(title: "ROLES"),
                    .init(title: "UNIT"),
                ]
            ) { [$0.id, $0.name, $0.roles.map(\.rawValue).sorted().joined(separator: ", "), $0.unit ?? ""] }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a person, and print the link by which the password is set, once.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "By which the person signs in.") var id: String
        @OptionGroup var options: Options

        func run() async throws {
            var person = PersonEntry(id: id, name: "")
            options.apply(to: &person)
            let answer = try await PortalClient.with(connection) { [person] in
                try await RegisterClient.put(person, "people", mode: "add", $0)
            }
            RegisterClient.print(answer, "\(id) is added.", connection)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change a person.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "By which the person signs in.") var id: String
        @OptionGroup var options: Options

        func run() async throws {
            let answer = try await PortalClient.with(connection) { client in
                var person = try await RegisterClient.find(PersonEntry.self, "people", id, client)
                options.apply(to: &person)
                return try await RegisterClient.put(person, "people", mode: "set", client)
            }
            RegisterClient.print(answer, "\(id) is changed.", connection)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a person; open sessions end.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "By which the person signs in.") var id: String

        func run() async throws { try await RegisterClient.remove("people", id, connection) }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import people from a CSV file, and print their links once.",
            discussion: RegisterClient.importHelp("id, name, position, unit, telephone, roles"))
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The file.") var file: String
        @Flag(help: "Only say what would be done.") var dryRun = false

        func run() async throws {
            try await RegisterClient.take("people", file: file, isTrial: dryRun, connection)
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a new link by which a person sets a password, once.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "By which the person signs in.") var id: String

        func run() async throws {
            let link = try await PortalClient.with(connection) {
                try await $0.post(IssuedLink.self, "people/\(PortalClient.encoded(id))/link", [String: String]())
            }
            RegisterClient.print(RegisterAnswer(links: [link]), "\(id) has a new link.", connection)
        }
    }

    struct ForgetApp: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forget-app",
            abstract: "Take away somebody's authenticator app, where it and the recovery codes are lost.",
            discussion: "Make sure that it is this person who asks. Open sessions end; signing in sets up another app.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "By which the person signs in.") var id: String

        func run() async throws {
            let answer = try await PortalClient.with(connection) {
                try await $0.delete(RegisterAnswer.self, "people/\(PortalClient.encoded(id))/second-factor")
            }
            RegisterClient.print(answer, "\(id) has no authenticator app any more.", connection)
        }
    }
}
