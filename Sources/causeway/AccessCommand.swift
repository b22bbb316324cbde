import ArgumentParser
import Foundation
import Office
import PortalAPI

struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Who has which right, its half-yearly review, and the yearly figures.",
        subcommands: [Review.self, Confirm.self, Reviews.self, Figures.self, Incident.self],
        defaultSubcommand: Review.self)

    struct Review: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List who has which right now, and what changed since the last review.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            let sheet = try await PortalClient.with(connection) {
                try await $0.get(AccessReviewSheet.self, "access-review")
            }
            let console = Console.current
            if connection.json { return try console.json(sheet) }
            for line in AccessCommand.text(sheet, width: console.width()) { console.line(line) }
        }
    }

    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that the list was looked through: in whose name, the token says.",
            discussion: "The digest stands at the end of the list; where anything has changed since, it is refused.")
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The digest of the list that was looked through.") var digest: String
        @Option(help: "What was found.") var remark: String?

        func run() async throws {
            let order = AccessReviewOrder(digest: digest, remark: remark)
            let made = try await PortalClient.with(connection) {
                try await $0.post(AccessReviewSummary.self, "access-reviews", order)
            }
            let console = Console.current
            if connection.json { return try console.json(made) }
            console.line("Review \(made.number) of \(made.count) rights is noted, by \(made.by).")
        }
    }

    struct Reviews: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the reviews that were made, newest first.")
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            let reviews = try await PortalClient.with(connection) {
                try await $0.get([AccessReviewSummary].self, "access-reviews")
            }
            let console = Console.current
            if connection.json { return try console.json(reviews) }
            var table = TextTable([
                .init(title: "NUMBER", alignment: .right), .init(title: "AT"), .init(title: "BY"),
                .init(title: "RIGHTS", alignment: .right), .init(title: "REMARK", givesWay: true),
            ])
            for review in reviews {
                table.add([
                    "\(review.number)", Formats.time(review.at), review.by, "\(review.count)", review.remark,
                ])
            }
            for line in table.lines(width: console.width()) { console.line(line) }
        }
    }

    struct Figures: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What happened in a year of security, from 15 December to 14 December.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "In which it ends; this one where left out.") var year: Int?

        func run() async throws {
            let figures = try await PortalClient.with(connection) {
                try await $0.get(SecurityFigures.self, "security-figures", query: [("year", year.map(String.init))])
            }
            let console = Console.current
            if connection.json { return try console.json(figures) }
            console.line("\(figures.year)\(figures.isRunning ? " (running)" : "")")
            var table = TextTable([.init(title: "FIGURE", givesWay: true), .init(title: "COUNT", alignment: .right)])
            for figure in figures.figures { table.add([figure.english, "\(figure.count)"]) }
            for line in table.lines(width: console.width()) { console.line(line) }
        }
    }

    struct Incident: AsyncParsableCommand {
        enum Form: String, ExpressibleByArgument, CaseIterable { case notice, report }
        enum Format: String, ExpressibleByArgument, CaseIterable { case pdf, odt, html, csv, json }

        static let configuration = CommandConfiguration(
            abstract: "Make what is sent of a security incident, of the journal of its span.",
            discussion: """
                The notice is due within 24 hours of the incident's being noticed, the report within 72; what the journal \
                cannot know is left to be written in.
                """)
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "notice or report.") var form = Form.notice
        @Option(help: "What it is to be.") var format = Format.pdf
        @Option(help: ArgumentHelp("When it was noticed; now where left out.", valueName: "2026-11-27T08:30:00+07:00"))
        var noticed: String?
        @Option(help: "The beginning of the span; a day before it was noticed.") var from: String?
        @Option(help: "The end of the span; now where left out.") var until: String?
        @Option(help: "The language of pages.") var lang = GuideCommand.Language.vi
        @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file")) var output: String

        func run() async throws {
            let document = try await PortalClient.with(connection) { client in
                try await client.document(
                    "GET", "security-incident",
                    query: [
                        ("form", form.rawValue), ("format", format.rawValue), ("lang", lang.rawValue),
                        ("noticed", noticed), ("from", from), ("until", until),
                    ])
            }
            try OutputFile.write(document, to: output)
        }
    }

    static func text(_ sheet: AccessReviewSheet, width: Int?) -> [String] {
        var table = TextTable([
            .init(title: "KIND"), .init(title: "ID"), .init(title: "NAME", givesWay: true), .init(title: "RIGHT"),
            .init(title: "UNTIL"), .init(title: "LAST USED"), .init(title: "STATE"), .init(title: "SINCE THEN"),
        ])
        for right in sheet.rights {
            let line = right.line
            let over = line.roles.map(\.rawValue).joined(separator: " ")
            table.add([
                line.kind.rawValue, line.id,
                [line.name, line.agency ?? ""].filter { !$0.isEmpty }.joined(separator: ", "),
                line.recording ?? over, line.endsAt.map { Formats.time($0) } ?? "",
                line.lastUsedAt.map { Formats.time($0) } ?? "", line.state ?? "",
                right.change == .same ? "" : right.change.rawValue,
            ])
        }
        let last = sheet.last.map { "Last reviewed \(Formats.time($0.at)) by \($0.by)." } ?? "Never reviewed."
        let due = sheet.isDue ? " A review is due." : sheet.dueAt.map { " Due \(Formats.time($0))." } ?? ""
        return table.lines(width: width) + ["", last + due, "Digest \(sheet.digest)"]
    }
}
