/// How a point's line did in a meeting, put together from what the record has of each of its calls (`line-quality`).
struct LineRecord {
    private struct Mean {
        private var sum = 0.0
        private var weight = 0.0

        mutating func take(_ text: String?, _ seconds: Double) {
            guard let value = text.flatMap(Double.init), value.isFinite, abs(value) < 1e9 else { return }
            sum += value * seconds
            weight += seconds
        }
        var value: Double? { weight > 0 ? sum / weight : nil }
    }

    private var loss = Mean()
    private var jitter = Mean()
    private var roundTrip = Mean()
    private var opinion = Mean()

    mutating func take(_ fields: [String: String]) {
        guard let seconds = fields["seconds"].flatMap(Double.init), (0...1e9).contains(seconds) else { return }
        // Whatever was measured counts.
        let weight = max(seconds, 1)
        loss.take(fields["lossPercent"], weight)
        jitter.take(fields["jitterMilliseconds"], weight)
        roundTrip.take(fields["roundTripMilliseconds"], weight)
        opinion.take(fields["opinionScore"], weight)
    }

    /// Nil where nothing was measured.
    func quality(of point: String, named name: String) -> MeetingReport.Quality? {
        let quality = MeetingReport.Quality(
            point: point, name: name, lossPercent: loss.value, jitterMilliseconds: jitter.value,
            roundTripMilliseconds: roundTrip.value, opinionScore: opinion.value)
        let figures = [loss.value, jitter.value, roundTrip.value, opinion.value]
        return figures.contains { $0 != nil } ? quality : nil
    }
}
