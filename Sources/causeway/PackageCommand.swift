import ArgumentParser
import Foundation
import NIOFoundationCompat
import PortalAPI

struct PackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package", abstract: "Make a package of a recording for an archive.",
        discussion: """
            sip is for submission, aip for keeping; docs/packages.md says what is in them. The daemon writes the package on \
            its own machine, as the user it runs as. One for giving out is made for a grant: causeway supply package.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The recording's id.")
    var id: String
    @Option(help: "What it is for: sip or aip.")
    var kind: PackageOrder.Kind
    @Option(
        help: ArgumentHelp(
            "The directory in which the package gets its own; an administrator's choice. Else the archive's outgoing.",
            valueName: "dir"))
    var to: String?

    func run() async throws {
        let console = Console.current
        let order = PackageOrder(
            kind: kind, to: to.map { URL(fileURLWithPath: $0).standardizedFileURL.path })
        let outcome = try await PortalClient.with(connection) {
            try await Self.make(
                "recordings/\(PortalClient.encoded(id))/packages", try PortalJSON.encode(order), $0, console)
        }
        try Self.show(outcome, connection, console)
    }

    static func show(_ outcome: PackageOutcome, _ connection: ConnectionOptions, _ console: Console) throws {
        guard !connection.json else { return try console.json(outcome) }
        console.line(
            DisplayWidth.harmless("\(outcome.objectID): \(outcome.files) files, \(Formats.bytes(outcome.bytes))"))
        console.line(DisplayWidth.harmless(outcome.directory))
        if let sha256 = outcome.sha256 { console.line("SHA-256 \(DisplayWidth.harmless(sha256))") }
    }

    /// Has a package made, and shows how far that is.
    static func make(
        _ path: String, _ body: Data, _ client: PortalClient, _ console: Console
    ) async throws -> PackageOutcome {
        let response = try await client.open("POST", path, body: body)
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
