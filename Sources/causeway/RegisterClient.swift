import ArgumentParser
import Foundation
import Office
import PortalAPI

/// What the commands of units, points, rooms and people do alike.
enum RegisterClient {
    static func list<Entry: Codable & Sendable & Equatable>(
        _ type: Entry.Type, _ path: String, _ connection: ConnectionOptions, columns: [TextTable.Column],
        cells: (Entry) -> [String]
    ) async throws {
        let items = try await PortalClient.with(connection) { try await $0.get([Listed<Entry>].self, path) }
        let console = Console.current
        if connection.json { return try console.json(items) }
        var table = TextTable(columns + [.init(title: "IN")])
        for item in items { table.add(cells(item.entry) + [item.isFixed ? "file" : "office"]) }
        for line in table.lines(width: console.width()) { console.line(line) }
    }

    static func find<Entry: Codable & Sendable & Equatable & Identifiable<String>>(
        _ type: Entry.Type, _ path: String, _ id: String, _ client: PortalClient
    ) async throws -> Entry {
        let items = try await client.get([Listed<Entry>].self, path)
        guard let item = items.first(where: { $0.entry.id == id }) else {
            throw CommandFailure.refused(APIError(error: "There is no \(id).", hint: "List \(path) to see which are."))
        }
        return item.entry
    }

    static func put<Entry: Codable & Sendable & Equatable & Identifiable<String>>(
        _ entry: Entry, _ path: String, mode: String, _ client: PortalClient
    ) async throws -> RegisterAnswer {
        try await client.put(
            RegisterAnswer.self, "\(path)/\(PortalClient.encoded(entry.id))", query: [("mode", mode)], entry)
    }

    static func remove(
        _ path: String, _ id: String, into target: String? = nil, _ connection: ConnectionOptions
    ) async throws {
        let answer = try await PortalClient.with(connection) {
            try await $0.delete(
                RegisterAnswer.self, "\(path)/\(PortalClient.encoded(id))", query: [("into", target)])
        }
        print(answer, "\(id) is removed.", connection)
    }

    static func take(
        _ path: String, file: String, isTrial: Bool, _ connection: ConnectionOptions
    ) async throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandFailure.local("\(file) cannot be read.")
        }
        let report = try await PortalClient.with(connection) {
            try await $0.send(
                ImportReport.self, "\(path)/import", query: [("dryRun", String(isTrial))],
                headers: [("Content-Type", "text/csv")], data)
        }
        let console = Console.current
        if connection.json {
            try console.json(report)
        } else {
            for fault in report.faults {
                let place = fault.line.map { "\(file):\($0): " } ?? "\(file): "
                console.errorLine(DisplayWidth.harmless("\(place)\(fault.words.vietnamese) — \(fault.words.english)"))
            }
            if report.faults.isEmpty {
                let counts = RegisterImport.Line.Outcome.allCounts(report.lines)
                print(report.issued, (report.isApplied ? "Imported: " : "Would be imported: ") + counts, connection)
            }
        }
        if !report.faults.isEmpty {
            throw CommandFailure.refused(
                APIError(error: "Nothing was imported from \(file).", hint: "Mend its lines and try again."))
        }
    }

    /// Says what was done, and what is to be written down now.
    static func print(_ answer: RegisterAnswer, _ done: String, _ connection: ConnectionOptions) {
        let console = Console.current
        if connection.json { return (try? console.json(answer)) ?? () }
        console.line(DisplayWidth.harmless(done))
        for issued in answer.passwords {
            console.line(DisplayWidth.harmless("\(issued.point)\t\(issued.username)\t\(issued.password)"))
        }
        for link in answer.links {
            console.line(
                DisplayWidth.harmless(
                    "\(link.person)\t\(link.url ?? link.token)\tuntil \(Formats.time(link.expiresAt))"))
        }
        if !answer.passwords.isEmpty || !answer.links.isEmpty {
            console.errorLine("Write these down: they are shown only once.")
        }
    }
}

extension RegisterImport.Line.Outcome {
    fileprivate static func allCounts(_ lines: [RegisterImport.Line]) -> String {
        func count(_ outcome: Self) -> Int { lines.count { $0.outcome == outcome } }
        return "\(count(.new)) new, \(count(.changed)) changed, \(count(.same)) as they were."
    }
}

/// Options that change an entry only where they are given.
struct UnitOptions: ParsableArguments {
    @Option(help: "The agency's name.") var name: String?
    @Option(help: "Place in the order of protocol; lower comes first.") var order: Int?
    @Option(help: "province, district or commune.") var level: UnitEntry.Level?

    func apply(to unit: inout UnitEntry) {
        unit.name = name ?? unit.name
        unit.order = order ?? unit.order
        unit.level = level ?? unit.level
    }
}

extension UnitEntry.Level: ExpressibleByArgument {}
extension PointEntry.Device: ExpressibleByArgument {}
extension Role: ExpressibleByArgument {}
extension TokenScope: ExpressibleByArgument {}

struct UnitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "units", abstract: "Manage agencies.",
        subcommands: [List.self, Add.self, Set.self, Remove.self, Import.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List agencies in the order of protocol.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await RegisterClient.list(
                UnitEntry.self, "units", connection,
                columns: [
                    .init(title: "ID"), .init(title: "NAME", givesWay: true), .init(title: "LEVEL"),
                    .init(title: "ORDER", alignment: .right),
                ]
            ) { [$0.id, $0.name, $0.level?.rawValue ?? "", "\($0.order)"] }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add an agency.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its code.") var id: String
        @OptionGroup var options: UnitOptions

        func run() async throws {
            var unit = UnitEntry(id: id, name: "")
            options.apply(to: &unit)
            let answer = try await PortalClient.with(connection) { [unit] in
                try await RegisterClient.put(unit, "units", mode: "add", $0)
            }
            RegisterClient.print(answer, "\(id) is added.", connection)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change an agency.", discussion: "Past meetings go on showing the name that it had then.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its code.") var id: String
        @OptionGroup var options: UnitOptions

        func run() async throws {
            let answer = try await PortalClient.with(connection) { client in
                var unit = try await RegisterClient.find(UnitEntry.self, "units", id, client)
                options.apply(to: &unit)
                return try await RegisterClient.put(unit, "units", mode: "set", client)
            }
            RegisterClient.print(answer, "\(id) is changed.", connection)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an agency, or merge it into another.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its code.") var id: String
        @Option(help: ArgumentHelp("The agency that takes over its points and people.", valueName: "unit"))
        var into: String?

        func run() async throws { try await RegisterClient.remove("units", id, into: into, connection) }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import agencies from a CSV file.",
            discussion: RegisterClient.importHelp("id, name, order, level"))
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The file.") var file: String
        @Flag(help: "Only say what would be done.") var dryRun = false

        func run() async throws {
            try await RegisterClient.take("units", file: file, isTrial: dryRun, connection)
        }
    }
}

extension RegisterClient {
    static func importHelp(_ columns: String) -> String {
        """
        UTF-8, with commas or semicolons, headings in Vietnamese or English: \(columns). Entries that are there already are \
        changed in what the file speaks of. Where one line is wrong, none is taken.
        """
    }
}
