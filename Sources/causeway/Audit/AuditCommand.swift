import ArgumentParser
import Evidence
import Foundation
import NIOCore
import NIOFoundationCompat
import PortalAPI

/// The audit log: who did what to which meeting, point, recording and setting.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who did what: list it, give it out, and prove that it is what was written.",
        subcommands: [List.self, Verify.self, Export.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List who did what, newest first.")
        @OptionGroup var connection: ConnectionOptions
        @Option(help: "So many entries at most.") var limit = 50
        @Option(help: "Only what somebody did whose name has this in it.") var by: String?
        @Option(help: ArgumentHelp("Only this action.", valueName: "sign in")) var action: String?
        @Option(help: "Only what was done to something with this in it.") var about: String?
        @Option(help: ArgumentHelp("Not what is older.", valueName: "2026-11-27T08:30:00+07:00")) var from: String?

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit is 1 to 100000.") }
            if let from, AuditCommand.moment(from) == nil { throw ValidationError("--from is no moment.") }
        }

        func run() async throws {
            let begin = from.flatMap(AuditCommand.moment)
            let entries = try await PortalClient.with(connection) { client -> [JournalEntry] in
                try await self.entries(from: begin, client)
            }
            let console = Console.current
            if connection.json { return try console.json(entries) }
            var table = TextTable([
                .init(title: "NUMBER", alignment: .right), .init(title: "AT"), .init(title: "BY"),
                .init(title: "ACTION"), .init(title: "ABOUT", givesWay: true),
            ])
            for entry in entries {
                table.add(["\(entry.number)", Formats.time(entry.at), entry.by, entry.action, entry.subject])
            }
            for line in table.lines(width: console.width()) { console.line(line) }
        }

        private func entries(from begin: Date?, _ client: PortalClient) async throws(CommandFailure) -> [JournalEntry] {
            var found: [JournalEntry] = []
            var before: Int64?
            while found.count < limit {
                let page = try await client.get(
                    [JournalEntry].self, "journal", query: [("before", before.map(String.init))])
                for entry in page {
                    if let begin, entry.at < begin { return found }
                    if isWanted(entry), found.count < limit { found.append(entry) }
                }
                guard let last = page.last else { break }
                before = last.number
            }
            return found
        }

        private func isWanted(_ entry: JournalEntry) -> Bool {
            (by.map { entry.by.localizedCaseInsensitiveContains($0) } ?? true)
                && (action.map { entry.action == $0 } ?? true)
                && (about.map { entry.subject.localizedCaseInsensitiveContains($0) } ?? true)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all of it to a file that proves itself.",
            discussion: """
                A line of JSON for each entry, and for each signature that stands over them; docs/audit.md says how anybody \
                verifies it. Of entries about secret meetings of which you may not know, what they are about is left out; the rest \
                is proved all the same.
                """)
        @OptionGroup var connection: ConnectionOptions
        @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file")) var output: String

        func run() async throws {
            let octets = try await PortalClient.with(connection) { client -> Int in
                let response = try await client.open("GET", "audit/export")
                return try await AuditCommand.save(response.body.map { Data(buffer: $0) }, to: output)
            }
            Console.current.errorLine(
                "\(output): \(octets) octets. Prove it by: causeway audit verify \(output) --key FILE")
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that nothing of it was changed, removed, put in, moved or cut off.",
            discussion: """
                Without a file the daemon looks through its own, and compares it with what was signed and is kept in the second \
                location. With a file that was exported no daemon is needed, but the public key, which has to come by another way: \
                keys/seal.pub.pem of the archive. --against takes older exports, or files and folders of the second location's \
                audit/, and shows what was taken away since. Exit status 0 when all is as it was written, 1 when not.
                """)
        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "An exported file; the daemon's own log where left out.") var file: String?
        @Option(help: ArgumentHelp("Public keys in PEM.", valueName: "file")) var key: String?
        @Option(help: ArgumentHelp("Older exports, or heads that were kept elsewhere.", valueName: "path"))
        var against: [String] = []

        func validate() throws {
            if file != nil, key == nil { throw ValidationError("A file is verified by --key.") }
            if file == nil, key != nil || !against.isEmpty {
                throw ValidationError("--key and --against go with a file.")
            }
        }

        func run() async throws {
            let report: AuditReport
            if let file, let key {
                report = try AuditFile.inspect(file, key: key, against: against)
            } else {
                report = try await PortalClient.with(connection) { try await $0.get(AuditReport.self, "audit/report") }
            }
            let console = Console.current
            if connection.json {
                try console.json(report)
            } else {
                for line in AuditCommand.text(report, isFile: file != nil) { console.line(DisplayWidth.harmless(line)) }
            }
            guard report.isWhole else {
                throw CommandFailure.verification(
                    "The audit log is NOT what was written: \(report.findings.count) findings.")
            }
        }
    }

    /// An entry as the portal tells it.
    struct JournalEntry: Codable {
        var number: Int64
        var at: Date
        var by: String
        var action: String
        var subject: String
    }

    static func moment(_ text: String) -> Date? { ISO8601DateFormatter().date(from: text) }

    static func text(_ report: AuditReport, isFile: Bool) -> [String] {
        var lines: [String] = []
        if let first = report.first, let last = report.last {
            lines.append("\(report.entries) entries, \(first) to \(last).")
        } else {
            lines.append("No entries.")
        }
        if let cut = report.cutTo {
            lines.append("Up to entry \(cut) they were cut when their term was over; that is signed.")
        }
        if let to = report.signedTo, let at = report.signedAt {
            let behind = (report.last ?? to) - to
            lines.append(
                "Signed up to entry \(to) at \(at)." + (behind > 0 ? " \(behind) since are not signed yet." : ""))
        } else {
            lines.append("Nothing is signed yet.")
        }
        if report.withheld > 0 { lines.append("Of \(report.withheld) entries it is not told what they are about.") }
        lines += report.findings.map { "\($0.kind.rawValue): \($0.text)" }
        guard report.isWhole else { return lines }
        let compared = report.isCompared ? " What was kept elsewhere agrees." : ""
        lines.append("Whole: nothing was changed, removed, put in, moved or cut off." + compared)
        return lines
    }

    /// Writes pieces to a file as they come, beside it, and gives it its name when all have come.
    private static func save<Pieces: AsyncSequence>(_ pieces: Pieces, to path: String) async throws -> Int
    where Pieces.Element == Data {
        let half = path + ".part"
        let file = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw CommandFailure.local("\(half): \(String(cString: strerror(errno)))") }
        var octets = 0
        do {
            defer { close(file) }
            for try await piece in pieces {
                octets += piece.count
                let code = SafeFile.write(piece, to: file)
                guard code == 0 else { throw CommandFailure.local("\(half): \(String(cString: strerror(code)))") }
            }
            guard fsync(file) == 0, rename(half, path) == 0 else {
                throw CommandFailure.local("\(path): \(String(cString: strerror(errno)))")
            }
        } catch {
            unlink(half)
            throw error as? CommandFailure ?? .unreachable("The log did not come whole (\(error)); ask again.")
        }
        return octets
    }
}
