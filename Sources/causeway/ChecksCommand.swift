import ArgumentParser
import Foundation
import PortalAPI
import Quality

struct ChecksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checks", abstract: "Show the line checks of points, the newest first.",
        discussion: "A point has its line checked by dialling sip:kiemtra@DOMAIN, or on the join page.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The point's code; all points where none is named.")
    var point: String?

    func run() async throws {
        let console = Console.current
        let path = point.map { "checks?point=\(PortalClient.encoded($0))" } ?? "checks"
        let checks = try await PortalClient.with(connection) { try await $0.get([LineCheck].self, path) }
        guard !connection.json else { return try console.json(checks) }
        guard !checks.isEmpty else { return console.line("No line was checked.") }
        for line in Self.table(checks).lines(width: console.width()) { console.line(line) }
        guard point != nil, let newest = checks.first else { return }
        for finding in newest.findings {
            console.line(DisplayWidth.harmless("\(finding.words["en"] ?? "")\(Self.figure(finding))."))
            console.line("  " + DisplayWidth.harmless(finding.advice["en"] ?? ""))
        }
    }

    private static func figure(_ finding: LineCheck.Finding) -> String {
        finding.value.map { " (\(number($0)) \(finding.unit))" } ?? ""
    }

    static func table(_ checks: [LineCheck]) -> TextTable {
        var table = TextTable([
            .init(title: "AT"), .init(title: "POINT", givesWay: true), .init(title: "LINE"),
            .init(title: "MOS", alignment: .right), .init(title: "LOSS %", alignment: .right),
            .init(title: "JITTER", alignment: .right), .init(title: "TRIP", alignment: .right),
            .init(title: "KBIT/S", alignment: .right), .init(title: "SOUND"), .init(title: "PICTURE"),
            .init(title: "KEYS"),
        ])
        for check in checks {
            let measured = check.measured
            func ways(_ value: (LineMeasurement.Way) -> Double?) -> String {
                "\(value(measured.up).map(number) ?? "–")/\(value(measured.down).map(number) ?? "–")"
            }
            table.add([
                Formats.time(check.at), check.name, grade(check.grade), ways(\.opinionScore), ways(\.lossPercent),
                ways(\.jitterMilliseconds), measured.roundTripMilliseconds.map(number) ?? "–",
                ways { ($0.bitrate / 1000).rounded() }, measured.soundCodec ?? "none",
                measured.picture.map(picture) ?? "none", measured.keying.suite ?? measured.keying.method.rawValue,
            ])
        }
        return table
    }

    private static func grade(_ grade: LineGrade) -> String {
        switch grade {
        case .good: "good"
        case .usable: "usable"
        case .notFit: "not fit"
        }
    }

    private static func picture(_ picture: LineMeasurement.Picture) -> String {
        let size = picture.width.flatMap { width in picture.height.map { "\(width)x\($0)" } } ?? "broken"
        return "\(picture.codec) \(size) \(number(picture.frameRate.rounded()))/s"
    }

    private static func number(_ value: Double) -> String {
        abs(value) >= 100 || value.rounded() == value
            ? String(format: "%.0f", value) : String(format: "%.1f", value)
    }
}
