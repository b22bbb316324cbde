import Testing

@testable import Quality

/// ITU-T G.107 (06/2015).
@Suite struct EModelTests {
    /// Table 2: with every default R is 93.2, and by Annex B that is a MOS of 4.41.
    @Test func theDefaultsGiveTheRatingOfTheRecommendation() {
        #expect(abs(EModel().rating - 93.2) < 0.05)
        #expect(abs(EModel.opinionScore(rating: 93.2) - 4.41) < 0.005)
    }

    /// Table B.1: R and the lowest MOS of each category.
    @Test(arguments: [(90.0, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)])
    func scoresAreThoseOfTableB1(_ rating: Double, _ score: Double) {
        #expect(abs(EModel.opinionScore(rating: rating) - score) < 0.0065)
    }

    @Test func scoresStayWithinTheirScaleAndNeverFallAsTheRatingRises() {
        var last = 1.0
        for rating in stride(from: -50.0, through: 150, by: 0.25) {
            let score = EModel.opinionScore(rating: rating)
            #expect((1...4.5).contains(score))
            #expect(score >= last)
            last = score
        }
        #expect(last == 4.5)
    }

    /// G.113 Appendix I: G.729A with silence suppression has Ie 11 and Bpl 19.
    @Test func aCodecCostsItsImpairmentAndLossWhatItsRobustnessSays() {
        var model = EModel()
        model.equipmentImpairment = 11
        model.lossRobustness = 19
        #expect(abs(model.rating - 82.2) < 0.05)
        model.lossPercent = 2
        // 11 + 84 · 2 / (2 + 19).
        #expect(abs(model.rating - (93.2 - 19)) < 0.05)
        model.burstRatio = 2
        #expect(abs(model.rating - (93.2 - 11 - 84 * 2 / 20)) < 0.05)
    }

    /// §7.4: below 100 ms delay alone is nothing; at 200 ms X is 1.
    @Test func delayCostsNothingAtFirstAndMuchLater() {
        var model = EModel()
        let clear = model.rating
        model.delayMilliseconds = 100
        #expect(model.rating == clear)
        model.delayMilliseconds = 200
        // 25 · (2^(1/6) − 3 · (1 + 3^−6)^(1/6) + 2).
        #expect(abs(clear - model.rating - 3.044) < 0.01)
        var last = clear
        for delay in stride(from: 110.0, through: 1000, by: 10) {
            model.delayMilliseconds = delay
            #expect(model.rating < last)
            last = model.rating
        }
    }

    @Test func anEchoIsWorseTheLaterItComes() {
        var model = EModel(delayMilliseconds: 50)
        model.talkerEchoLoudness = 40
        let early = model.rating
        model.echoDelayMilliseconds = 150
        #expect(model.rating < early - 5)
        model.talkerEchoLoudness = 65
        #expect(model.rating > early)
    }

    @Test func aCleanLineIsGoodInEveryCodec() {
        for codec in [SpeechQuality.Codec.g711, .g722, .opus(bitrate: 40_000), .opus(bitrate: 24_000)] {
            let quality = SpeechQuality(codec, lossPercent: 0, delayMilliseconds: 60)
            #expect((4.1...4.5).contains(quality.opinionScore), "\(codec): \(quality.opinionScore)")
        }
    }

    @Test func lossCostsEachCodecWhatItsFiguresSay() {
        // R of 129 − 13 on the wideband scale.
        let wide = SpeechQuality(.g722, lossPercent: 0, delayMilliseconds: 0)
        #expect(abs(wide.rating - 116 / 1.29) < 1e-9)
        let lossy = SpeechQuality(.g722, lossPercent: 5, delayMilliseconds: 0)
        #expect(abs(lossy.rating - (116 - 82 * 5 / 9.3) / 1.29) < 1e-9)
        let opus = SpeechQuality(.opus(bitrate: 40_000), lossPercent: 10, delayMilliseconds: 0)
        #expect(abs(opus.rating - (148 - 10.67 - (132 - 10.67) * 10 / 19.79) / 1.48) < 1e-9)
        // A rate between two that were measured.
        let between = SpeechQuality(.opus(bitrate: 31_000), lossPercent: 0, delayMilliseconds: 0)
        #expect(abs(between.rating - (148 - 16.62) / 1.48) < 1e-9)
    }

    @Test func aTwentiethLostIsUsableAndAFifthIsNot() {
        let bounds = LineThresholds().opinionScore
        for codec in [SpeechQuality.Codec.g711, .g722, .opus(bitrate: 28_000)] {
            let fifth = SpeechQuality(codec, lossPercent: 20, delayMilliseconds: 60).opinionScore
            #expect(bounds.grade(atLeast: fifth) == .notFit, "\(codec): \(fifth)")
        }
        let twentieth = SpeechQuality(.opus(bitrate: 28_000), lossPercent: 3, delayMilliseconds: 60).opinionScore
        #expect(bounds.grade(atLeast: twentieth) == .usable)
    }

    @Test func whateverIsMeasuredTheScoreIsOne() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let codec =
                [SpeechQuality.Codec.g711, .g722, .opus(bitrate: .random(in: -1e6...1e6, using: &random))]
                .randomElement(using: &random) ?? .g711
            let score = SpeechQuality(
                codec, lossPercent: .random(in: -200...400, using: &random),
                burstRatio: .random(in: -1...50, using: &random),
                delayMilliseconds: .random(in: -1e4...1e6, using: &random)
            ).opinionScore
            #expect((1...4.5).contains(score))
        }
    }
}
