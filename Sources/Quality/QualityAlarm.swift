/// Whether one figure of a leg is under its threshold, told once when it begins and once when it is over.
///
/// It takes several bad samples to raise the alarm, and more good ones, by a margin, to end it, so that a figure about the
/// threshold does not ring for ever.
public struct QualityAlarm: Sendable, Equatable {
    public enum Figure: String, Sendable, Codable, CaseIterable {
        case lossUp, lossDown, roundTrip, opinionScore, picture
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
        func judge(_ figure: QualityAlarm.Figure, _ value: Double?, isBad: (Double) -> Bool, isWell: (Double) -> Bool) {
            guard let value else { return }
            let change = alarms[figure, default: QualityAlarm()].take(isBad: isBad(value), isWell: isWell(value))
            if let change { changes.append(Change(figure: figure, change: change, value: value)) }
        }
        let (loss, trip) = (thresholds.lossPercent.usable, thresholds.roundTripMilliseconds.usable)
        let score = thresholds.opinionScore.usable
        let less = 1 - Self.margin
        judge(.lossUp, sample.lossUp, isBad: { $0 > loss }, isWell: { $0 <= loss * less })
        judge(.lossDown, sample.lossDown, isBad: { $0 > loss }, isWell: { $0 <= loss * less })
        judge(.roundTrip, sample.roundTripMilliseconds, isBad: { $0 > trip }, isWell: { $0 <= trip * less })
        judge(.opinionScore, sample.opinionScore, isBad: { $0 < score }, isWell: { $0 >= score + Self.margin })
        judge(.picture, sample.frameRate.map { _ in Double(sample.freezes) }, isBad: { $0 > 0 }, isWell: { $0 == 0 })
        return changes
    }
}
