import Foundation
import InteropSupport
import Testing

/// What the samples ask of the daemon's metrics.
enum Monitoring {
    private struct Board: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable { var expr: String }
            var title: String
            var targets: [Target]
        }
        var panels: [Panel]
    }

    static func boardExpressions() throws -> [String] {
        let text = try Handbook.text("samples/monitoring/causeway-board.json")
        return try JSONDecoder().decode(Board.self, from: Data(text.utf8)).panels.flatMap { $0.targets.map(\.expr) }
    }

    /// Names of the daemon's metrics in a text.
    static func names(in text: String) -> Set<String> {
        Set(text.matches(of: /\b(causeway|process|hb)_[a-z_]+/).map { String($0.0) })
    }

    /// Those that the table of docs/operating.md has by their whole names.
    static func documented() throws -> Set<String> {
        names(
            in: try Handbook.text("docs/operating.md").components(separatedBy: "\n")
                .filter { $0.hasPrefix("| `causeway_") }.joined(separator: "\n"))
    }

    static func asked() throws -> Set<String> {
        let alerts = try Handbook.text("samples/monitoring/causeway-alerts.yml").components(separatedBy: "\n")
            .filter { $0.contains("expr:") }.joined(separator: "\n")
        return try boardExpressions().reduce(names(in: alerts)) { $0.union(names(in: $1)) }
    }

    /// Names that a scrape has, with those that a histogram gives.
    static func told(in scrape: String) -> Set<String> {
        var told: Set<String> = []
        for match in scrape.matches(of: /(?m)^# TYPE ([a-z_]+) ([a-z]+)$/) {
            let name = String(match.1)
            told.formUnion(match.2 == "histogram" ? ["", "_bucket", "_sum", "_count"].map { name + $0 } : [name])
        }
        return told
    }
}

@Suite struct MonitoringTests {
    @Test func namesAreFoundWhereTheyAre() throws {
        #expect(
            Monitoring.names(in: "rate(causeway_a_total{job=\"x\"}[5m]) / process_b") == [
                "causeway_a_total", "process_b",
            ])
        #expect(
            Monitoring.told(in: "# TYPE a_seconds histogram\n# TYPE b gauge\n") == [
                "a_seconds", "a_seconds_bucket", "a_seconds_sum", "a_seconds_count", "b",
            ])
        #expect(try Monitoring.asked().count > 20)
        #expect(try Monitoring.documented().isSuperset(of: ["causeway_heap_in_use_bytes", "causeway_room_legs"]))
    }

    @Test func theAlertsLeadToCommandsThatThereAre() throws {
        let alerts = try Handbook.text("samples/monitoring/causeway-alerts.yml")
        #expect(alerts.matches(of: /causeway (doctor|status)/).count >= 3)
    }
}
