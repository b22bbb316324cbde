import ArgumentParser
import Foundation
import Office
import PortalAPI

extension MeetingsCommand {
    struct Absence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write down why a point was absent from a meeting that is over.",
            discussion: """
                It is told with the meeting's report, with who wrote it and when. What is sealed stays as it is. While a \
                meeting goes on, `causeway meetings excuse` does it.
                """)

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The recording's id.")
        var meeting: String
        @Argument(help: "The point's code.")
        var point: String
        @Option(help: "Why it was absent; empty takes back what was written.")
        var reason: String

        func run() async throws {
            let noted = try await PortalClient.with(connection) {
                try await $0.put(
                    [NotedAbsence].self,
                    "recordings/\(PortalClient.encoded(meeting))/absences/\(PortalClient.encoded(point))",
                    AbsenceRequest(reason: reason))
            }
            let console = Console.current
            if connection.json { return try console.json(noted) }
            var table = TextTable([
                .init(title: "POINT"), .init(title: "REASON", givesWay: true), .init(title: "BY"), .init(title: "AT"),
            ])
            for each in noted { table.add([each.point, each.reason, each.by, Formats.time(each.at)]) }
            for line in table.lines(width: console.width()) { console.line(line) }
        }
    }
}
