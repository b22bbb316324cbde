import ArgumentParser
import Office
import PortalAPI

extension PointsCommand {
    struct Options: ParsableArguments {
        @Option(help: "As it is written on pictures and on the roll.") var name: String?
        @Option(help: ArgumentHelp("The agency it belongs to.", valueName: "unit")) var unit: String?
        @Option(help: "The officer who answers for it.") var officer: String?
        @Option(help: "The officer's telephone.") var telephone: String?
        @Option(help: "By which it signs in; its code where this is left out.") var username: String?
        @Option(
            parsing: .upToNextOption,
            help: "room-system, computer, tablet, phone, browser, telephone; several may be given.")
        var devices: [PointEntry.Device] = []
        @Option(help: "Place in the order of protocol; lower comes first.") var order: Int?
        @Option(help: ArgumentHelp("Where it is called when it has not registered.", valueName: "sip:…"))
        var address: String?
        @Flag(help: "Its tablet or phone has a 4G SIM that the Office issued.") var issuedSim = false
        @Option(help: ArgumentHelp("Why it uses another SIM.", valueName: "reason")) var otherSim: String?

        func validate() throws {
            if issuedSim, otherSim != nil { throw ValidationError("--issued-sim and --other-sim exclude each other.") }
        }

        func apply(to point: inout PointEntry) {
            point.name = name ?? point.name
            point.unit = unit ?? point.unit
            point.officer = officer ?? point.officer
            point.telephone = telephone ?? point.telephone
            point.username = username ?? point.username
            if !devices.isEmpty { point.devices = Swift.Set(devices) }
            point.order = order ?? point.order
            point.address = address ?? point.address
            if issuedSim { point.mobileLine = .issuedSIM }
            if let otherSim { point.mobileLine = .exception(reason: otherSim) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List points in the order of protocol.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await RegisterClient.list(
                PointEntry.self, "points", connection,
                columns: [
                    .init(title: "ID"), .init(title: "NAME", givesWay: true), .init(title: "UNIT"),
                    .init(title: "ACCOUNT"), .init(title: "OFFICER"), .init(title: "ORDER", alignment: .right),
                ]
            ) { [$0.id, $0.name, $0.unit ?? "", $0.username, $0.officer, "\($0.order)"] }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a point, and print the password of its account once.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its code.") var id: String
        @OptionGroup var options: Options

        func run() async throws {
            var point = PointEntry(id: id, name: "")
            options.apply(to: &point)
            let answer = try await PortalClient.with(connection) { [point] in
                try await RegisterClient.put(point, "points", mode: "add", $0)
            }
            RegisterClient.print(answer, "\(id) is added.", connection)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a point.", discussion: "Another --username takes another password, which is printed once."
        )
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its code.") var id: String
        @OptionGroup var options: Options

        func run() async throws {
            let answer = try await PortalClient.with(connection) { client in
                var point = try await RegisterClient.find(PointEntry.self, "points", id, client)
                options.apply(to: &point)
                return try await RegisterClient.put(point, "points", mode: "set", client)
            }
            RegisterClient.print(answer, "\(id) is changed.", connection)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a point and its account.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its code.") var id: String

        func run() async throws { try await RegisterClient.remove("points", id, connection) }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import points from a CSV file, and print the passwords of new ones once.",
            discussion: RegisterClient.importHelp(
                "id, name, unit, officer, telephone, username, devices, order, sip address, sim, place, latitude, longitude"
            ))
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The file.") var file: String
        @Flag(help: "Only say what would be done.") var dryRun = false

        func run() async throws {
            try await RegisterClient.take("points", file: file, isTrial: dryRun, connection)
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a point a new password, and print it once.", discussion: "The old one is void from then on."
        )
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "Its code.") var id: String

        func run() async throws {
            let issued = try await PortalClient.with(connection) {
                try await $0.post(
                    IssuedPassword.self, "points/\(PortalClient.encoded(id))/password", [String: String]())
            }
            RegisterClient.print(RegisterAnswer(passwords: [issued]), "\(id) has a new password.", connection)
        }
    }
}
