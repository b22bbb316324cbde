import Glibc

/// The E-model: how people would judge a conversation over a line of these properties (ITU-T G.107, 06/2015).
///
/// Every parameter has the default of G.107 Table 2; with all of them R is 93.2.
public struct EModel: Sendable, Equatable {
    /// Loudness ratings of sending and receiving, in dB.
    public var sendLoudness = 8.0
    public var receiveLoudness = 2.0
    /// Sidetone masking, and what the listener hears of the room so, in dB.
    public var sidetoneMasking = 15.0
    public var listenerSidetone = 18.0
    /// D-values of the telephones at both ends.
    public var sendDValue = 3.0
    public var receiveDValue = 3.0
    /// How much the talker's echo, and the listener's, are damped, in dB.
    public var talkerEchoLoudness = 65.0
    public var weightedEchoPathLoss = 110.0
    /// One way, between the ends as the echo goes (T), round the four-wire loop (Tr), and from mouth to ear (Ta), in
    /// milliseconds.
    public var echoDelayMilliseconds = 0.0
    public var roundTripMilliseconds = 0.0
    public var delayMilliseconds = 0.0
    /// Quantizing distortion units.
    public var quantizingDistortion = 1.0
    /// Noise of the circuit (dBm0p), floor at the receiver (dBmp), and of the rooms (dB(A)).
    public var circuitNoise = -70.0
    public var receiverNoiseFloor = -64.0
    public var sendRoomNoise = 35.0
    public var receiveRoomNoise = 35.0
    /// What the codec takes away, and how it bears loss: Ie and Bpl of G.113.
    public var equipmentImpairment = 0.0
    public var lossRobustness = 4.3
    /// Packets lost, of a hundred, and how much more than by chance they are lost in a row (1: by chance).
    public var lossPercent = 0.0
    public var burstRatio = 1.0
    /// What users forgive for the advantage of being reachable.
    public var advantage = 0.0

    public init() {}

    /// A conversation whose every delay is the one-way delay given, the echo's too (G.107 §7.7).
    public init(delayMilliseconds: Double) {
        self.delayMilliseconds = max(0, delayMilliseconds)
        echoDelayMilliseconds = self.delayMilliseconds
        roundTripMilliseconds = 2 * self.delayMilliseconds
    }

    /// R, at most 100 and mostly 0 or more (§7.1).
    public var rating: Double {
        basicRatio - simultaneousImpairment - delayImpairment - effectiveEquipmentImpairment + advantage
    }

    // MARK: Ro (§7.2)

    private var overallLoudness: Double { sendLoudness + receiveLoudness }

    /// Of all sources, referred to the 0 dBr point.
    private var noise: Double {
        let ofSender =
            sendRoomNoise - sendLoudness - sendDValue - 100
            + 0.004 * squared(sendRoomNoise - overallLoudness - sendDValue - 14)
        let effective = receiveRoomNoise + 10 * log10(1 + pow(10, (10 - listenerSidetone) / 10))
        let ofReceiver = receiveLoudness - 121 + effective + 0.008 * squared(effective - 35)
        let levels = [circuitNoise, ofSender, ofReceiver, receiverNoiseFloor + receiveLoudness]
        return 10 * log10(levels.reduce(0) { $0 + pow(10, $1 / 10) })
    }

    var basicRatio: Double { 15 - 1.5 * (sendLoudness + noise) }

    // MARK: Is (§7.3)

    private var sidetoneImpairment: Double {
        let masking =
            -10
            * log10(
                pow(10, -sidetoneMasking / 10)
                    + exp(-echoDelayMilliseconds / 4) * pow(10, -talkerEchoLoudness / 10))
        return 12 * pow(1 + pow((masking - 13) / 6, 8), 1 / 8)
            - 28 * pow(1 + pow((masking + 1) / 19.4, 35), 1 / 35)
            - 13 * pow(1 + pow((masking - 3) / 33, 13), 1 / 13) + 29
    }

    var simultaneousImpairment: Double {
        let excess = overallLoudness + 0.2 * (64 + noise - receiveLoudness)
        let ofLoudness = 20 * (pow(1 + pow(excess / 8, 8), 1 / 8) - excess / 8)
        let distance = 37 - 15 * log10(max(quantizingDistortion, 1))
        let distortion = 1.07 + 0.258 * distance + 0.0602 * squared(distance)
        let y = (basicRatio - 100) / 15 + 46 / 8.4 - distortion / 9
        let z = 46.0 / 30 - distortion / 40
        return ofLoudness + sidetoneImpairment + 15 * log10(1 + pow(10, y) + pow(10, z))
    }

    // MARK: Id (§7.4)

    var delayImpairment: Double { talkerEchoImpairment + listenerEchoImpairment + pureDelayImpairment }

    private var talkerEchoImpairment: Double {
        let delay = echoDelayMilliseconds
        let withoutEcho = -1.5 * (noise - receiveLoudness)
        var loudness =
            talkerEchoLoudness - 40 * log10((1 + delay / 10) / (1 + delay / 150)) + 6 * exp(-0.3 * delay * delay)
        if sidetoneMasking < 9 { loudness += sidetoneImpairment / 2 }
        let ratio = 80 + 2.5 * (loudness - 14)
        let difference = (withoutEcho - ratio) / 2
        let impairment = (difference + (squared(difference) + 100).squareRoot() - 1) * (1 - exp(-delay))
        guard sidetoneMasking > 20 else { return impairment }
        return (squared(impairment) + squared(sidetoneImpairment)).squareRoot()
    }

    private var listenerEchoImpairment: Double {
        let ratio = 10.5 * (weightedEchoPathLoss + 7) * pow(roundTripMilliseconds + 1, -0.25)
        let difference = (basicRatio - ratio) / 2
        return difference + (squared(difference) + 169).squareRoot()
    }

    /// Below 100 ms nobody minds.
    private var pureDelayImpairment: Double {
        guard delayMilliseconds > 100 else { return 0 }
        let x = log2(delayMilliseconds / 100)
        return 25 * (pow(1 + pow(x, 6), 1 / 6) - 3 * pow(1 + pow(x / 3, 6), 1 / 6) + 2)
    }

    // MARK: Ie,eff (§7.5)

    var effectiveEquipmentImpairment: Double {
        EModel.effectiveImpairment(
            equipmentImpairment, robustness: lossRobustness, lossPercent: lossPercent, burstRatio: burstRatio,
            most: 95)
    }

    /// What is left of a codec on a line that loses: from its own impairment up to `most`, as loss grows.
    static func effectiveImpairment(
        _ impairment: Double, robustness: Double, lossPercent: Double, burstRatio: Double, most: Double
    ) -> Double {
        let loss = min(max(lossPercent, 0), 100)
        guard loss > 0 else { return impairment }
        return impairment + (most - impairment) * loss / (loss / max(burstRatio, 1) + robustness)
    }

    // MARK: MOS (Annex B)

    /// What listeners would say on average, 1 (bad) to 4.5 (excellent), by G.107 Annex B.
    public static func opinionScore(rating: Double) -> Double {
        guard rating > 0 else { return 1 }
        guard rating < 100 else { return 4.5 }
        // Below R of 6.5 the polynomial goes under 1.
        return max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
    }

    private func squared(_ value: Double) -> Double { value * value }
}
