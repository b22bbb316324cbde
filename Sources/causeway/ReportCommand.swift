import ArgumentParser
import Foundation
import PortalAPI

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Fetch the report of a meeting, or the skeleton of its minutes.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case pdf, odt, html, csv, json }

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The recording's id.")
    var meeting: String
    @Option(help: "What it is to be.")
    var format = Format.pdf
    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String
    @Option(help: "The language of pages.")
    var lang = GuideCommand.Language.vi
    @Flag(help: "The skeleton of the minutes, to be written on: pdf, odt or html.")
    var minutes = false

    func validate() throws {
        if minutes, format == .csv || format == .json {
            throw ValidationError("--minutes goes with --format pdf, odt or html.")
        }
    }

    func run() async throws {
        let document = try await PortalClient.with(connection) { client in
            try await client.document(
                "GET",
                "recordings/\(PortalClient.encoded(meeting))/\(minutes ? "minutes" : "report").\(format.rawValue)",
                query: [("lang", lang.rawValue)])
        }
        try OutputFile.write(document, to: output)
    }
}

struct StatisticsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics", abstract: "Count meetings, hours, points and kilometres saved, month by month.",
        discussion: "Prints CSV, or JSON with --json.")

    @OptionGroup var connection: ConnectionOptions
    @Option(help: ArgumentHelp("Meetings opened on this day or later.", valueName: "2026-01-01"))
    var from: String?
    @Option(help: ArgumentHelp("Meetings opened before this day.", valueName: "2027-01-01"))
    var to: String?

    func run() async throws {
        let statistics = try await PortalClient.with(connection) { client in
            try await client.document(
                "GET", "statistics", query: [("from", from), ("to", to), ("format", connection.json ? "json" : "csv")])
        }
        // The byte order mark is for spreadsheets.
        let text = String(decoding: statistics, as: UTF8.self).replacingOccurrences(of: "\u{FEFF}", with: "")
        for line in text.split(whereSeparator: \.isNewline) { Console.current.line(String(line)) }
    }
}
