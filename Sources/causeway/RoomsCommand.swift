import ArgumentParser
import Foundation
import Office
import PortalAPI

struct RoomsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rooms", abstract: "Manage meeting rooms.",
        subcommands: [List.self, Add.self, Set.self, Remove.self, PIN.self, Import.self], defaultSubcommand: List.self)

    enum Microphones: String, ExpressibleByArgument, CaseIterable { case muted, open }

    struct Options: ParsableArguments {
        @Option(help: "As it is written in the archive.") var title: String?
        @Flag(inversion: .prefixedNo, help: "Whether anybody is let in.") var open: Bool?
        @Option(
            parsing: .upToNextOption, help: "Who comes in while no meeting is convened there; all where none is named.")
        var points: [String] = []
        @Option(help: ArgumentHelp("Who decided that every meeting here is recorded.", valueName: "name"))
        var orderedBy: String?
        @Option(help: "Number and date of that decision.") var document: String?
        @Flag(help: "Nothing is recorded here any more but by the chair's order.") var noStandingOrder = false
        @Option(help: "How points come in that nothing else is said of.") var microphones: Microphones?
        @Option(help: ArgumentHelp("The point that leads meetings which nobody convened.", valueName: "point"))
        var chair: String?
        @Flag(inversion: .prefixedNo, help: "Whether a point that drops is called at once.") var callBack: Bool?
        @Option(help: "The class of meetings here in the retention table; '' for the standard one.")
        var retentionClass: String?
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
            if noStandingOrder, orderedBy != nil {
                throw ValidationError("There is either a standing order or none.")
            }
        }

        func apply(to room: inout RoomEntry) {
            room.title = title ?? room.title
            room.isOpen = open ?? room.isOpen
            if !points.isEmpty { room.points = Swift.Set(points) }
            if let orderedBy, let document { room.standingOrder = .init(orderedBy: orderedBy, document: document) }
            if noStandingOrder { room.standingOrder = nil }
            if let microphones { room.opensMicrophones = microphones == .open }
            // A room of nobody's: `--chair ''`.
            if let chair { room.chair = chair.isEmpty ? nil : chair }
            if let retentionClass { room.retentionClass = retentionClass.isEmpty ? nil : retentionClass }
            room.callsBack = callBack ?? room.callsBack
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

    struct PIN: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pin", abstract: "Set what telephones are asked for, or take it away.",
            discussion: """
                The PIN, 4 to 16 digits, is read from standard input, so that it stands in no list of processes and no \
                history. Nobody can read it again.
                """)
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The room's id.") var id: String
        @Flag(help: "Telephones are asked for nothing any more.") var remove = false

        func run() async throws {
            let pin = remove ? nil : readLine()?.trimmingCharacters(in: .whitespaces)
            guard remove || pin?.isEmpty == false else {
                throw CommandFailure.local("No PIN came by standard input: causeway rooms pin \(id) < FILE")
            }
            let answer = try await PortalClient.with(connection) {
                try await $0.put(
                    RegisterAnswer.self, "rooms/\(PortalClient.encoded(id))/pin", query: [], PINRequest(pin: pin))
            }
            RegisterClient.print(answer, remove ? "\(id) has no PIN any more." : "\(id) has another PIN.", connection)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import rooms from a CSV file.",
            discussion: RegisterClient.importHelp(
                "id, title, door, points, ordered by, document, cipher line, microphones, chair, call back, max points, linger, retention class"
            ))
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The file.") var file: String
        @Flag(help: "Only say what would be done.") var dryRun = false

        func run() async throws {
            try await RegisterClient.take("rooms", file: file, isTrial: dryRun, connection)
        }
    }
}
