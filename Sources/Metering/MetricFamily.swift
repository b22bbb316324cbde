/// Measurements of one name, as Prometheus has them (text format 0.0.4).
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    public struct Sample: Sendable {
        /// Behind the family's name: empty, or of a histogram `_bucket`, `_sum`, `_count`.
        public var suffix: String
        public var labels: [(name: String, value: String)]
        public var value: Double

        public init(_ value: Double, _ labels: [(name: String, value: String)] = [], suffix: String = "") {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// By Prometheus' conventions: a unit at the end (`_seconds`, `_bytes`), counters end in `_total`.
    public var name: String
    public var help: String
    public var kind: Kind
    public var samples: [Sample]

    public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample] = []) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    public init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.init(name, kind, help, [Sample(value)])
    }

    /// - Parameters:
    ///   - bounds: upper ends of all buckets but the last, rising.
    ///   - counts: of each bucket alone; one more than there are bounds.
    public init(
        _ name: String, histogram bounds: [Double], counts: [UInt64], sum: Double, _ help: String,
        labels: [(name: String, value: String)] = []
    ) {
        self.init(name, .histogram, help)
        append(histogram: bounds, counts: counts, sum: sum, labels: labels)
    }

    mutating func append(
        histogram bounds: [Double], counts: [UInt64], sum: Double, labels: [(name: String, value: String)]
    ) {
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total &+= count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            samples.append(Sample(Double(total), labels + [("le", bound)], suffix: "_bucket"))
        }
        samples.append(Sample(sum, labels, suffix: "_sum"))
        samples.append(Sample(Double(total), labels, suffix: "_count"))
    }
}
