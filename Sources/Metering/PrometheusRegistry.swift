public import CoreMetrics
import Synchronization

/// What counts behind swift-metrics: the daemon's own counters, and those of the libraries that it uses.
///
/// Each name with its labels is a series; there are at most 2,000, so that no peer can have any number made. What comes beyond
/// is counted nowhere, and how often that was stands in `causeway_metrics_refused_total`.
public final class PrometheusRegistry: MetricsFactory {
    private static let mostSeries = 2_000
    /// Of what is timed: 1 ms to 10 s.
    static let timerBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Key: Hashable {
        var name: String
        var labels: [String]
    }

    private struct State {
        var counters: [Key: Count] = [:]
        var gauges: [Key: Level] = [:]
        var timers: [Key: Spread] = [:]
        var refused: UInt64 = 0
        var series: Int { counters.count + gauges.count + timers.count }
    }

    private let state = Mutex(State())

    public init() {}

    /// All that was counted so far.
    public var families: [MetricFamily] {
        state.withLock { state in
            var families: [String: MetricFamily] = [:]
            func family(
                _ key: Key, _ kind: MetricFamily.Kind,
                _ fill: (inout MetricFamily, [(name: String, value: String)]) -> Void
            ) {
                let labels = key.labels.map { pair in
                    let parts = pair.split(separator: "\u{0}", maxSplits: 1, omittingEmptySubsequences: false)
                    return (name: String(parts[0]), value: String(parts.last ?? ""))
                }
                var its = families[key.name] ?? MetricFamily(key.name, kind, Self.help[key.name] ?? key.name)
                // One name is of one kind.
                guard its.kind == kind else { return }
                fill(&its, labels)
                families[key.name] = its
            }
            for (key, count) in state.counters.sorted(by: Self.inOrder) {
                family(key, .counter) { $0.samples.append(.init(Double(count.value.load(ordering: .relaxed)), $1)) }
            }
            for (key, level) in state.gauges.sorted(by: Self.inOrder) {
                family(key, .gauge) { $0.samples.append(.init(level.current, $1)) }
            }
            for (key, spread) in state.timers.sorted(by: Self.inOrder) {
                let (counts, sum) = spread.content
                family(key, .histogram) {
                    $0.append(histogram: Self.timerBounds, counts: counts, sum: sum, labels: $1)
                }
            }
            return Array(families.values) + [
                MetricFamily(
                    "causeway_metrics_refused_total", .counter, "Series that were too many to be kept.",
                    Double(state.refused))
            ]
        }
    }

    private static let help = [
        "causeway_recorder_packets_lost_total": "Packets that are missing in recordings, for the disk was too slow.",
        "causeway_sip_requests_total": "SIP requests, by method and direction.",
        "causeway_sip_responses_total": "SIP responses, by the method that they answer, code and direction.",
    ]

    private static func inOrder<Value>(_ one: (key: Key, value: Value), _ other: (key: Key, value: Value)) -> Bool {
        (one.key.name, one.key.labels.joined()) < (other.key.name, other.key.labels.joined())
    }

    private static func key(_ label: String, _ dimensions: [(String, String)], unit: String = "") -> Key {
        Key(
            name: PrometheusText.name(label) + unit,
            labels: dimensions.map { "\($0.0)\u{0}\($0.1)" })
    }

    private func series<Value: Sendable>(
        _ table: WritableKeyPath<State, [Key: Value]>, _ key: Key, make: () -> Value
    ) -> Value {
        state.withLock { state in
            if let there = state[keyPath: table][key] { return there }
            let made = make()
            if state.series < Self.mostSeries { state[keyPath: table][key] = made } else { state.refused &+= 1 }
            return made
        }
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let isNamed = label.hasSuffix("_total")
        return series(\.counters, Self.key(label, dimensions, unit: isNamed ? "" : "_total")) { Count() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(\.gauges, Self.key(label, dimensions)) { Level() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(\.gauges, Self.key(label, dimensions)) { Level() }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(\.timers, Self.key(label, dimensions, unit: "_seconds")) { Spread() }
    }

    // Counters live as long as the process: that is how they are read.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}

private final class Count: CounterHandler {
    let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }
}

private final class Level: MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    var current: Double { value.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

private final class Spread: TimerHandler {
    private struct Content {
        var counts = [UInt64](repeating: 0, count: PrometheusRegistry.timerBounds.count + 1)
        var sum = 0.0
    }
    private let inner = Mutex(Content())

    var content: (counts: [UInt64], sum: Double) { inner.withLock { ($0.counts, $0.sum) } }

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(max(0, duration)) / 1e9
        let bounds = PrometheusRegistry.timerBounds
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        inner.withLock {
            $0.counts[bucket] &+= 1
            $0.sum += seconds
        }
    }
}
