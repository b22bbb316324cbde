/// How a leg did over a time: its samples, each weighed by how long it took.
public struct QualityTally: Sendable, Equatable {
    private struct Mean: Sendable, Equatable {
        private var sum = 0.0
        private var weight = 0.0

        mutating func take(_ value: Double?, _ seconds: Double) {
            guard let value else { return }
            sum += value * seconds
            weight += seconds
        }
        var value: Double? { weight > 0 ? sum / weight : nil }
    }

    public private(set) var seconds = 0.0
    private var loss = Mean()
    private var jitter = Mean()
    private var roundTrip = Mean()
    private var opinion = Mean()
    public private(set) var freezes = 0

    public init() {}

    public mutating func take(_ sample: QualitySample, seconds: Double) {
        guard seconds > 0, seconds.isFinite else { return }
        self.seconds += seconds
        loss.take([sample.lossUp, sample.lossDown].compactMap { $0 }.max(), seconds)
        jitter.take([sample.jitterUpMilliseconds, sample.jitterDownMilliseconds].compactMap { $0 }.max(), seconds)
        roundTrip.take(sample.roundTripMilliseconds, seconds)
        opinion.take(sample.opinionScore, seconds)
        freezes += sample.freezes
    }

    /// Packets of sound lost, of a hundred; of both ways the worse, as in all that follow. Nil where nothing told.
    public var lossPercent: Double? { loss.value }
    public var jitterMilliseconds: Double? { jitter.value }
    public var roundTripMilliseconds: Double? { roundTrip.value }
    /// Mean opinion score, 1 to 4.5.
    public var opinionScore: Double? { opinion.value }
}
