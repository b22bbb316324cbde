import ArgumentParser
import Foundation
import PortalAPI

struct FixityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fixity", abstract: "Show what the daily check of sealed packages came to, or have it made now.",
        discussion: """
            Exit status 1 where the report that is shown has a package that is damaged still or was not read; with --due, \
            where the archive has any.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The report's number, for what was wrong; the list of reports where it is left out.")
    var number: Int64?
    @Option(help: "At most so many, 1 to 500.")
    var limit = 30
    @Option(help: "Begin before this report: the last of the page before.")
    var before: Int64?
    @Flag(
        help: ArgumentHelp(
            "Has each package checked that is due now, and waits until that is done.",
            discussion: "What causeway-fixity.timer does each night. Interrupted, only the waiting ends."))
    var due = false

    func validate() throws {
        if due, number != nil || before != nil { throw ValidationError("--due goes with no report.") }
    }

    func run() async throws {
        let console = Console.current
        if due { return try await checkDue(console) }
        guard let number else {
            let page = try await PortalClient.with(connection) { client in
                try await client.get(
                    FixityReportPage.self, "fixity",
                    query: [("limit", String(limit)), ("before", before.map { String($0) })])
            }
            guard !connection.json else { return try console.json(page) }
            for line in Self.list(page, width: console.width()) { console.line(line) }
            return
        }
        let detail = try await PortalClient.with(connection) {
            try await $0.get(FixityReportDetail.self, "fixity/\(number)", query: [])
        }
        if connection.json {
            try console.json(detail)
        } else {
            for line in Self.detail(detail) { console.line(line) }
        }
        let report = detail.report
        guard report.damaged == report.restored, report.unread == 0 else {
            throw CommandFailure.verification(
                "\(report.damaged - report.restored) packages are damaged still, \(report.unread) were not read.")
        }
    }

    private func checkDue(_ console: Console) async throws {
        let result = try await PortalClient.with(connection) {
            try await $0.round(FixityRoundResult.self, "fixity/due", "checking", console, isQuiet: connection.json)
        }
        if connection.json { try console.json(result) }
        var faults: [String] = []
        if result.damaged.count > 0 { faults.append("damaged still: \(result.damaged.text)") }
        if result.unread.count > 0 { faults.append("not readable: \(result.unread.text)") }
        guard faults.isEmpty else {
            throw CommandFailure.verification(
                "\(faults.joined(separator: "; ")). causeway recordings fixity says more; once a package is repaired, causeway recordings verify takes note."
            )
        }
        guard !connection.json else { return }
        let restored = result.restored.count > 0 ? ", of which restored: \(result.restored.text)" : ""
        console.line(
            result.isElsewhere
                ? "Another bridge is checking; \(result.packages) packages were checked by this one\(restored)."
                : result.packages == 0
                    ? "No package is due, and none is damaged."
                    : "All that was due is intact: \(result.packages) packages\(restored).")
    }

    private static func list(_ page: FixityReportPage, width: Int?) -> [String] {
        guard !page.reports.isEmpty else { return ["No package was due yet."] }
        var table = TextTable([
            .init(title: "NUMBER", alignment: .right), .init(title: "BEGAN"), .init(title: "ENDED"),
            .init(title: "PACKAGES", alignment: .right), .init(title: "READ", alignment: .right),
            .init(title: "A SECOND", alignment: .right), .init(title: "DAMAGED", alignment: .right),
            .init(title: "RESTORED", alignment: .right), .init(title: "NOT READ", alignment: .right),
        ])
        for report in page.reports {
            table.add([
                String(report.number), Formats.time(report.startedAt), report.endedAt.map(Formats.time) ?? "goes on",
                String(report.packages), Formats.bytes(report.bytes), rate(report), String(report.damaged),
                String(report.restored), String(report.unread),
            ])
        }
        return table.lines(width: width) + (page.next.map { ["", "There are more: --before \($0)"] } ?? [])
    }

    private static func rate(_ report: FixityReport) -> String {
        report.rate.map { Formats.bytes(Int64($0)) } ?? "-"
    }

    private static func detail(_ detail: FixityReportDetail) -> [String] {
        let report = detail.report
        var facts = Facts()
        facts.add("report", String(report.number))
        facts.add("began", Formats.time(report.startedAt))
        facts.add("ended", report.endedAt.map(Formats.time) ?? "goes on")
        facts.add("packages", String(report.packages))
        facts.add(
            "read",
            "\(Formats.bytes(report.bytes)), \(rate(report)) a second (at most \(Formats.bytes(Int64(report.rateLimit))))"
        )
        facts.add("damaged", "\(report.damaged), of which \(report.restored) are whole again")
        facts.add("not read", String(report.unread))
        var lines = facts.lines
        for finding in detail.findings {
            lines += ["", "\(finding.recording)  \(finding.title)  \(Formats.time(finding.at))"]
            lines += finding.damaged.map { file in
                "  \(file.verdict): \(file.path)\(file.reason.map { " (\($0))" } ?? "")"
            }
            lines += finding.details.map { "  \($0)" }
            lines += finding.restored.map { "  restored from \(finding.source ?? "the second location"): \($0)" }
            lines += finding.hindrances.map { "  not restored: \($0)" }
            lines += (finding.failure.map { ["  NOT READ: \($0)"] } ?? [])
            lines.append(finding.isWhole ? "  whole again" : "  NOT WHOLE")
        }
        if detail.hidden > 0 { lines += ["", "\(detail.hidden) more of meetings that you may not know."] }
        return lines.map(DisplayWidth.harmless)
    }
}
