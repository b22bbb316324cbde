import ArgumentParser
import Foundation
import NIOFoundationCompat
import PortalAPI

struct PackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package", abstract: "Make a package of a recording for an archive or for who asked.",
        discussion: """
            sip is for submission, aip for keeping, dip for giving out; docs/packages.md says what is in them. The daemon \
            writes the package on its own machine, as the user it runs as.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The recording's id.")
    var id: String
    @Option(help: "What it is for: sip, aip or dip.")
    var kind: PackageOrder.Kind
    @Option(
        help: ArgumentHelp(
            "The directory in which the package gets its own; an administrator's choice. Else the archive's outgoing.",
            valueName: "dir"))
    var to: String?
    @Option(help: ArgumentHelp("With dip: the request, as JSON (docs/packages.md).", valueName: "file.json"))
    var request: String?

    func validate() throws {
        guard (kind == .dip) == (request != nil) else {
            throw ValidationError("--request goes with --kind dip, and with no other.")
        }
    }

    func run() async throws {
        let console = Console.current
        let order = PackageOrder(
            kind: kind, to: to.map { URL(fileURLWithPath: $0).standardizedFileURL.path }, request: try readRequest())
        let outcome = try await PortalClient.with(connection) { try await make(order, $0, console) }
        guard !connection.json else { return try console.json(outcome) }
        console.line(
            DisplayWidth.harmless("\(outcome.objectID): \(outcome.files) files, \(Formats.bytes(outcome.bytes))"))
        console.line(DisplayWidth.harmless(outcome.directory))
    }

    private func readRequest() throws -> PackageOrder.Request? {
        guard let request else { return nil }
        guard let data = FileManager.default.contents(atPath: request) else {
            throw ValidationError("\(request) cannot be read.")
        }
        do { return try PortalJSON.decode(PackageOrder.Request.self, from: data) } catch {
            throw ValidationError("\(request) is no request: docs/packages.md shows one.")
        }
    }

    private func make(
        _ order: PackageOrder, _ client: PortalClient, _ console: Console
    ) async throws -> PackageOutcome {
        let response = try await client.open(
            "POST", "recordings/\(PortalClient.encoded(id))/packages", body: try PortalJSON.encode(order))
        var lines = LineSplitter()
        var shown = false
        defer { if shown { console.writeError("\r\u{1B}[K") } }
        do {
            for try await piece in response.body {
                for line in try lines.add(Data(buffer: piece)) {
                    let line = try PortalJSON.decode(PackageLine.self, from: line)
                    if let progress = line.progress, console.drawsProgress {
                        console.writeError("\r" + Self.text(progress) + "\u{1B}[K")
                        shown = true
                    }
                    if let failure = line.failure { throw CommandFailure.refused(failure) }
                    if let outcome = line.outcome { return outcome }
                }
            }
        } catch {
            throw client.unreachable(error)
        }
        throw CommandFailure.unreachable("causewayd stopped before the package was made; ask again.")
    }

    static func text(_ progress: PackageLine.Progress) -> String {
        let stage =
            switch progress.stage {
            case .film: "encoding the copy"
            case .package: "writing and reading again"
            }
        let left = progress.remainingSeconds.map { ", \($0 / 60):\($0 % 60 < 10 ? "0" : "")\($0 % 60) left" } ?? ""
        return "\(stage)  \(Formats.percent(min(1, max(0, progress.done))))\(left)"
    }
}

extension PackageOrder.Kind: ExpressibleByArgument {}
