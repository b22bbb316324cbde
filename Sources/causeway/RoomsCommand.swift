import ArgumentParser
import Office
import PortalAPI

struct RoomsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rooms", abstract: "Manage meeting rooms.",
        subcommands: [List.self, Add.self, Set.self, Remove.self], defaultSubcommand: List.self)

    struct Options: ParsableArguments {
        @Option(help: "As it is written in the archive.") var title: String?
        @Flag(inversion: .prefixedNo, help: "Whether anybody is let in.") var open: Bool?
        @Option(
            parsing: .upToNextOption, help: "Who comes in while no meeting is convened there; all where none is named.")
        var points: [String] = []
        @Option(help: ArgumentHelp("Who decided that every meeting here is recorded.", valueName: "name"))
        var orderedBy: String?
        @Option(help: "Number and date of that decision.") var document: String?
        @Option(
            help: ArgumentHelp(
                "The document on the cipher service's line, without which no secret is spoken.", valueName: "text"))
        var cipherLine: String?
        @Option(help: ArgumentHelp("How long it waits, empty.", valueName: "seconds")) var linger: Double?
        @Option(help: "Points in it at once.") var maxPoints: Int?

        func validate() throws {
            if (orderedBy == nil) != (document == nil) {
                throw ValidationError("--ordered-by and --document go together.")
            }
        }

        func apply(to room: inout RoomEntry) {
            room.title = title ?? room.title
            room.isOpen = open ?? room.isOpen
            if !points.isEmpty { room.points = Swift.Set(points) }
            if let orderedBy, let document { room.standingOrder = .init(orderedBy: orderedBy, document: document) }
            room.cipherLine = cipherLine ?? room.cipherLine
            room.lingerSeconds = linger ?? room.lingerSeconds
            room.maximumPoints = maxPoints ?? room.maximumPoints
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List rooms.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await RegisterClient.list(
                RoomEntry.self, "rooms", connection,
                columns: [
                    .init(title: "ID"), .init(title: "TITLE", givesWay: true), .init(title: "DOOR"),
                    .init(title: "RECORDING"),
                ]
            ) { [$0.id, $0.title, $0.isOpen ? "open" : "closed", $0.standingOrder == nil ? "by order" : "standing"] }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a room.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The part before @ in its address.") var id: String
        @OptionGroup var options: Options

        func run() async throws {
            var room = RoomEntry(id: id, title: id)
            options.apply(to: &room)
            let answer = try await PortalClient.with(connection) { [room] in
                try await RegisterClient.put(room, "rooms", mode: "add", $0)
            }
            RegisterClient.print(answer, "\(id) is added.", connection)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change a room.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its id.") var id: String
        @OptionGroup var options: Options

        func run() async throws {
            let answer = try await PortalClient.with(connection) { client in
                var room = try await RegisterClient.find(RoomEntry.self, "rooms", id, client)
                options.apply(to: &room)
                return try await RegisterClient.put(room, "rooms", mode: "set", client)
            }
            RegisterClient.print(answer, "\(id) is changed.", connection)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a room.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its id.") var id: String

        func run() async throws { try await RegisterClient.remove("rooms", id, connection) }
    }
}
