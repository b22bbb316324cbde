import ArgumentParser
import Foundation
import PortalAPI

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Find meetings by what is known of them, best first.",
        discussion: """
            Marks need not be typed; words that are typed with marks come first. "Words in quotes" follow each other, \
            -word leaves out (after --, so that it is no option), numbers of documents are found whole or in parts.
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The words; several are joined.")
    var words: [String]
    @Option(help: ArgumentHelp("Opened on this day or later.", valueName: "2026-11-24"))
    var from: String?
    @Option(help: ArgumentHelp("Opened on this day or earlier.", valueName: "2026-11-24"))
    var to: String?
    @Option(help: "In this room.")
    var room: String?
    @Option(help: "With this unit present.")
    var unit: String?
    @Option(help: "In this field.")
    var field: String?
    @Option(help: "In meeting, agenda, speech, chapter, paper or report only.")
    var kind: String?
    @Option(help: "Of this level: ordinary, restricted, secret, highly-secret or top-secret.")
    var level: String?
    @Option(help: "best or newest first.")
    var order = Order.best
    @Option(help: "At most so many, 1 to 100.")
    var limit = 20
    @Option(help: "Go on after the page that ended with this.")
    var after: String?

    enum Order: String, CaseIterable, ExpressibleByArgument { case best, newest }

    func run() async throws {
        let console = Console.current
        let answer = try await PortalClient.with(connection) { client in
            try await client.get(
                SearchAnswer.self, "search",
                query: [
                    ("q", words.joined(separator: " ")), ("from", from), ("to", to), ("room", room), ("unit", unit),
                    ("field", field), ("kind", kind), ("level", level),
                    ("order", order == .best ? nil : order.rawValue), ("limit", String(limit)), ("after", after),
                ])
        }
        guard !connection.json else { return try console.json(answer) }
        for line in Self.text(answer) { console.line(line) }
    }

    static func text(_ answer: SearchAnswer) -> [String] {
        var lines: [String] = []
        for meeting in answer.meetings {
            let title = DisplayWidth.harmless(meeting.title.text)
            lines.append("\(meeting.id)  \(Formats.time(meeting.openedAt))  \(title)")
            for passage in meeting.passages {
                let place = [
                    passage.page.map { "page \($0)" }, passage.beginMilliseconds.map { "at \(clock($0))" },
                ].compactMap { $0 }.joined(separator: ", ")
                let parts = [
                    passage.kind + (place.isEmpty ? "" : " (\(place))"), passage.heading.text, passage.text.text,
                ]
                lines.append("    " + DisplayWidth.harmless(parts.filter { !$0.isEmpty }.joined(separator: ": ")))
            }
        }
        if answer.meetings.isEmpty { lines.append("Nothing was found.") }
        if answer.isIndexing { lines.append("The index is being built: there may be more.") }
        if let next = answer.next { lines += ["", "There are more: --after \(DisplayWidth.harmless(next))"] }
        return lines
    }

    /// `1:02:03`
    private static func clock(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }
}
