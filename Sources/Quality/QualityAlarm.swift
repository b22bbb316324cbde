/// Whether one figure of a leg is beyond its threshold, told once when it begins and once when it is over.
///
/// It takes several bad samples to raise the alarm, and more good ones, by a margin, to end it, so that a figure about the
/// threshold does not ring for ever.
public struct QualityAlarm: Sendable, Equatable {
    public enum Figure: String, Sendable, Codable, CaseIterable {
        case lossUp, lossDown, jitterUp, jitterDown, roundTrip, opinionScore
        /// What comes of a point that sends a picture, and how large that is.
        case rate, resolution
        /// It stands still.
        case picture
    }
    public enum Change: Sendable, Equatable { case raised, ended }

    static let samplesToRaise = 2
    static let samplesToEnd = 3

    public private(set) var isRaised = false
    private var run = 0

    public init() {}

    /// - Parameters:
    ///   - isBad: beyond the threshold.
    ///   - isWell: on this side of it, by the margin.
    public mutating func take(isBad: Bool, isWell: Bool) -> Change? {
        let counts = isRaised ? isWell : isBad
        run = counts ? run + 1 : 0
        guard run >= (isRaised ? Self.samplesToEnd : Self.samplesToRaise) else { return nil }
        run = 0
        isRaised.toggle()
        return isRaised ? .raised : .ended
    }
}

/// The alarms of one leg.
public struct QualityAlarms: Sendable, Equatable {
    public struct Change: Sendable, Equatable {
        public var figure: QualityAlarm.Figure
        public var change: QualityAlarm.Change
        public var value: Double
    }

    /// A figure that does better than its threshold by this share of it does well.
    private static let margin = 0.2
    private var alarms: [QualityAlarm.Figure: QualityAlarm] = [:]

    public init() {}

    public var raised: [QualityAlarm.Figure] {
        QualityAlarm.Figure.allCases.filter { alarms[$0]?.isRaised ?? false }
    }

    /// Judges a sample; figures that it does not have stay as they are.
    public mutating func take(_ sample: QualitySample, _ thresholds: LineThresholds) -> [Change] {
        var changes: [Change] = []
        func judge(_ figure: QualityAlarm.Figure, _ value: Double?, atMost most: Double) {
            judge(figure, value, isBad: { $0 > most }, isWell: { $0 <= most * (1 - Self.margin) })
        }
        func judge(_ figure: QualityAlarm.Figure, _ value: Double?, atLeast least: Double, margin: Double) {
            judge(figure, value, isBad: { $0 < least }, isWell: { $0 >= least + margin })
        }
        func judge(_ figure: QualityAlarm.Figure, _ value: Double?, isBad: (Double) -> Bool, isWell: (Double) -> Bool) {
            guard let value else { return }
            let change = alarms[figure, default: QualityAlarm()].take(isBad: isBad(value), isWell: isWell(value))
            if let change { changes.append(Change(figure: figure, change: change, value: value)) }
        }
        let loss = thresholds.lossPercent.usable
        judge(.lossUp, sample.lossUp, atMost: loss)
        judge(.lossDown, sample.lossDown, atMost: loss)
        let jitter = thresholds.jitterMilliseconds.usable
        judge(.jitterUp, sample.jitterUpMilliseconds, atMost: jitter)
        judge(.jitterDown, sample.jitterDownMilliseconds, atMost: jitter)
        judge(.roundTrip, sample.roundTripMilliseconds, atMost: thresholds.roundTripMilliseconds.usable)
        judge(.opinionScore, sample.opinionScore, atLeast: thresholds.opinionScore.usable, margin: Self.margin)
        // Of a point that sends a picture; sizes come in steps, so that the next one is well.
        let rate = thresholds.kilobits.usable
        let kilobits = sample.frameRate.map { _ in sample.bitrateUp / 1000 }
        judge(.rate, kilobits, atLeast: rate, margin: rate * Self.margin)
        judge(
            .resolution, sample.pictureHeight.map(Double.init), atLeast: thresholds.pictureHeight.usable, margin: 0)
        judge(.picture, sample.frameRate.map { _ in Double(sample.freezes) }, isBad: { $0 > 0 }, isWell: { $0 == 0 })
        return changes
    }
}
