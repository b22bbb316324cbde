/// How speech of a codec is judged over a line.
///
/// Each codec is judged on the scale of its own bandwidth: G.711 by G.107, G.722 by the wideband G.107.1 (R up to 129), Opus
/// by the fullband G.107.2 (R up to 148); R is then brought back to 100, so that scores can be compared as scores of the
/// *line*. A simplification: the wider models' own formulas for noise, loudness and echo are left out, and delay costs what it
/// costs in narrowband.
///
/// In-band redundancy of Opus is not credited: where it is on, speech is somewhat better than said.
public struct SpeechQuality: Sendable, Equatable {
    public enum Codec: Sendable, Equatable {
        case g711
        case g722
        /// bit/s of payload.
        case opus(bitrate: Double)
    }

    public enum Bandwidth: Double, Sendable {
        case narrow = 100
        case wide = 129
        case full = 148
    }

    public let bandwidth: Bandwidth
    /// R of 100.
    public let rating: Double
    /// 1 to 4.5.
    public var opinionScore: Double { EModel.opinionScore(rating: rating) }

    /// - Parameters:
    ///   - delayMilliseconds: from mouth to ear, one way.
    ///   - burstRatio: how much longer runs of loss are than by chance; 1 where it is not known.
    public init(_ codec: Codec, lossPercent: Double, burstRatio: Double = 1, delayMilliseconds: Double) {
        bandwidth = codec.bandwidth
        let (impairment, robustness) = codec.impairment
        var model = EModel(delayMilliseconds: delayMilliseconds)
        let delay = model.delayImpairment - EModel().delayImpairment
        guard bandwidth != .narrow else {
            model.equipmentImpairment = impairment
            model.lossRobustness = robustness
            model.lossPercent = lossPercent
            model.burstRatio = burstRatio
            rating = min(max(model.rating, 0), 100)
            return
        }
        let effective = EModel.effectiveImpairment(
            impairment, robustness: robustness, lossPercent: lossPercent, burstRatio: burstRatio,
            most: bandwidth == .wide ? 95 : 132)
        let scale = bandwidth.rawValue / 100
        rating = min(max((bandwidth.rawValue - effective) / scale - delay, 0), 100)
    }
}

extension SpeechQuality.Codec {
    var bandwidth: SpeechQuality.Bandwidth {
        switch self {
        case .g711: .narrow
        case .g722: .wide
        case .opus: .full
        }
    }

    /// Ie and Bpl on the scale of the bandwidth: G.711 without concealment and G.722 at 64 kbit/s as ITU-T G.113 has them, with
    /// the default Bpl of G.107.1; Opus as M. Al-Ahmadi, P. Počta and H. Melvin estimated them for super-wideband VBR by POLQA
    /// under random loss (ISSC 2019; their `Opus_emodel`), between whose rates they are interpolated.
    var impairment: (impairment: Double, robustness: Double) {
        switch self {
        case .g711: (0, 4.3)
        case .g722: (13, 4.3)
        case .opus(let bitrate): Self.opus(bitrate / 1000)
        }
    }

    private static let opusFits: [(kilobits: Double, impairment: Double, robustness: Double)] = [
        (16, 30.16, 11.83), (19, 23.81, 10.67), (22, 20.22, 10.47), (28, 18.48, 10.63), (34, 14.76, 10.12),
        (40, 10.67, 9.79),
    ]

    /// Beyond the rates that were measured, the nearest stands.
    private static func opus(_ kilobits: Double) -> (Double, Double) {
        var before = opusFits[0]
        for fit in opusFits {
            if kilobits <= fit.kilobits {
                guard fit.kilobits > before.kilobits else { return (fit.impairment, fit.robustness) }
                let share = max(0, (kilobits - before.kilobits) / (fit.kilobits - before.kilobits))
                return (
                    before.impairment + share * (fit.impairment - before.impairment),
                    before.robustness + share * (fit.robustness - before.robustness)
                )
            }
            before = fit
        }
        return (before.impairment, before.robustness)
    }
}
