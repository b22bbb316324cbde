import CoreMetrics
import Foundation
import Testing

@testable import Metering

/// What is written, read by Prometheus' own Python client.
@Suite struct PrometheusTests {
    private static let program = """
        import json, sys
        from prometheus_client.parser import text_string_to_metric_families
        print(json.dumps([[f.name, f.type, [[s.name, s.labels, s.value] for s in f.samples]]
                          for f in text_string_to_metric_families(sys.stdin.read())]))
        """

    private static func read(_ text: String) throws -> [String: [String: Double]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", program]
        let output = Pipe()
        let input = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        input.fileHandleForWriting.write(Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let families = try #require(try JSONSerialization.jsonObject(with: said) as? [[Any]])
        var result: [String: [String: Double]] = [:]
        for family in families {
            for sample in family[2] as? [[Any]] ?? [] {
                let labels = (sample[1] as? [String: String] ?? [:]).sorted { $0.key < $1.key }
                let name =
                    (sample[0] as? String ?? "") + "{" + labels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                    + "}"
                result[family[1] as? String ?? "", default: [:]][name] = sample[2] as? Double
            }
        }
        return result
    }

    private static let hasReader: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", "import prometheus_client"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: hasReader, "needs python3-prometheus-client")) func othersReadWhatIsWritten() throws {
        let registry = PrometheusRegistry()
        Counter(label: "causeway_sip_requests_total", dimensions: [("method", "INVITE")], factory: registry).increment(
            by: 3)
        Counter(label: "hb.requests", dimensions: [("path", "/a\"b\\c\n")], factory: registry).increment()
        Meter(label: "level", factory: registry).set(-1.5)
        let timer = Timer(label: "hb.request.duration", factory: registry)
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(60_000_000_000)
        let seen = try Self.read(
            PrometheusText.write(
                registry.families + [
                    MetricFamily("causeway_meetings", .gauge, "Meetings, \\ in progress.", 7),
                    MetricFamily("empty", .gauge, "Left out."),
                    MetricFamily(
                        "causeway_forwarding_seconds", histogram: [0.001, 0.01], counts: [4, 0, 2], sum: 0.5, "Held."),
                ]))
        #expect(seen["counter"]?["causeway_sip_requests_total{method=INVITE}"] == 3)
        #expect(seen["counter"]?["hb_requests_total{path=/a\"b\\c\n}"] == 1)
        #expect(seen["gauge"]?["level{}"] == -1.5)
        #expect(seen["gauge"]?["causeway_meetings{}"] == 7)
        let histogram = seen["histogram"]
        #expect(histogram?["hb_request_duration_seconds_bucket{le=0.0025}"] == 1)
        #expect(histogram?["hb_request_duration_seconds_bucket{le=+Inf}"] == 2)
        #expect(histogram?["hb_request_duration_seconds_count{}"] == 2)
        #expect(abs((histogram?["hb_request_duration_seconds_sum{}"] ?? 0) - 60.002) < 1e-6)
        #expect(histogram?["causeway_forwarding_seconds_bucket{le=0.001}"] == 4)
        #expect(histogram?["causeway_forwarding_seconds_bucket{le=+Inf}"] == 6)
    }

    @Test func nobodyMakesAnyNumberOfSeries() {
        let registry = PrometheusRegistry()
        for index in 0..<3_000 {
            Counter(label: "c", dimensions: [("peer", "\(index)")], factory: registry).increment()
        }
        let families = registry.families
        #expect(families.first { $0.name == "c_total" }?.samples.count == 2_000)
        #expect(families.first { $0.name == "causeway_metrics_refused_total" }?.samples.first?.value == 1_000)
    }

    @Test func oneSeriesIsKeptHoweverOftenItIsMade() {
        let registry = PrometheusRegistry()
        for _ in 0..<5 { Counter(label: "c", factory: registry).increment() }
        #expect(registry.families.first { $0.name == "c_total" }?.samples.first?.value == 5)
    }
}
