import Testing

@testable import Quality

@Suite struct LineVerdictTests {
    static let clean = LineMeasurement(
        seconds: 20, up: .init(bitrate: 500_000, lossPercent: 0, jitterMilliseconds: 3, opinionScore: 4.3),
        down: .init(bitrate: 500_000, lossPercent: 0.2, jitterMilliseconds: 4, opinionScore: 4.3),
        roundTripMilliseconds: 40, soundCodec: "opus", hasSound: true,
        picture: .init(codec: "VP8", width: 640, height: 360, frameRate: 25, lossPercent: 0, freezes: 0),
        keying: Keying(.sdes, suite: "AEAD_AES_128_GCM"))

    static func verdict(_ change: (inout LineMeasurement) -> Void) -> LineVerdict {
        var measured = clean
        change(&measured)
        return LineVerdict(measured, LineThresholds())
    }

    @Test func aCleanLineIsGoodAndNothingIsToBeDone() {
        let verdict = Self.verdict { _ in }
        #expect(verdict.grade == .good)
        #expect(verdict.findings.isEmpty)
        #expect(verdict.soundPasses && verdict.picturePasses && verdict.linePasses)
    }

    @Test(arguments: [
        (1.0, LineGrade.good), (1.01, .usable), (5, .usable), (5.01, .notFit), (100, .notFit),
    ])
    func thresholdsAreInclusive(_ loss: Double, _ grade: LineGrade) {
        #expect(Self.verdict { $0.up.lossPercent = loss }.grade == grade)
        #expect(Self.verdict { $0.down.lossPercent = loss }.grade == grade)
    }

    @Test func whatIsWorstIsSaidFirstAndCausesBeforeWhatFollows() {
        let verdict = Self.verdict {
            $0.up.lossPercent = 20
            $0.up.opinionScore = 1.8
            $0.roundTripMilliseconds = 400
            $0.keying = Keying(.none)
        }
        #expect(verdict.findings.map(\.fault) == [.lossUp, .scoreUp, .roundTrip, .clear])
        #expect(verdict.grade == .notFit)
        #expect(verdict.soundPasses && verdict.picturePasses && !verdict.linePasses)
    }

    @Test func thePartsOfTheGateFailEachByItself() {
        let mute = Self.verdict { $0.hasSound = false }
        #expect(!mute.soundPasses && mute.picturePasses && mute.linePasses)
        let blind = Self.verdict { $0.picture?.height = nil }
        #expect(blind.soundPasses && !blind.picturePasses && blind.linePasses)
        let soundOnly = Self.verdict { $0.picture = nil }
        #expect(soundOnly.grade == .good)
        #expect(!soundOnly.picturePasses)
    }

    @Test func everyFaultHasWordsInBothLanguages() {
        for fault in LineFault.allCases {
            var seen: Set<String> = []
            for language in LineLanguage.allCases {
                #expect(fault.words(language).count > 8)
                #expect(fault.advice(language).hasSuffix("."))
                seen.formUnion([fault.words(language), fault.advice(language)])
            }
            #expect(seen.count == 4)
        }
    }
}

@Suite struct QualityWatchTests {
    @Test func aRingKeepsTheNewest() {
        var ring = QualityRing(capacity: 3)
        #expect(ring.latest == nil)
        for count in 1...5 {
            var sample = QualitySample()
            sample.freezes = count
            ring.append(sample)
            #expect(ring.latest?.freezes == count)
        }
        #expect(ring.samples.map(\.freezes) == [3, 4, 5])
    }

    private func run(_ scores: [Double]) -> [QualityAlarm.Change] {
        var alarms = QualityAlarms()
        return scores.flatMap { score in
            var sample = QualitySample()
            sample.opinionScore = score
            return alarms.take(sample, LineThresholds()).map(\.change)
        }
    }

    @Test func oneBadSampleRaisesNothing() { #expect(run([4, 2, 4, 4, 2, 4]) == []) }

    @Test func anAlarmIsToldOnceAndEndsOnceItIsWellForAWhile() {
        #expect(run([2, 2, 2, 2]) == [.raised])
        #expect(run([2, 2, 4, 4, 4]) == [.raised, .ended])
        // About the threshold of 3.1 it does not ring again and again.
        #expect(run([3.0, 3.0, 3.2, 3.0, 3.2, 3.2, 3.2, 3.0, 3.0]) == [.raised])
    }

    @Test func raisedAndEndedAlwaysTakeTurns() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let changes = run((0..<100).map { _ in .random(in: 1...4.5, using: &random) })
            for (index, change) in changes.enumerated() {
                #expect(change == (index.isMultiple(of: 2) ? .raised : .ended))
            }
        }
    }

    /// Changes that a figure's alarm makes over good samples, three bad ones, and good ones again.
    private func changes(
        _ thresholds: LineThresholds = LineThresholds(), _ spoil: (inout QualitySample) -> Void
    ) -> [QualityAlarms.Change] {
        var alarms = QualityAlarms()
        return (0..<10).flatMap { index in
            var sample = QualitySample()
            (sample.jitterUpMilliseconds, sample.jitterDownMilliseconds) = (10, 10)
            (sample.bitrateUp, sample.pictureHeight, sample.frameRate) = (800_000, 720, 25)
            if (3..<6).contains(index) { spoil(&sample) }
            return alarms.take(sample, thresholds)
        }
    }

    @Test func jitterRateAndResolutionRingWhereTheyAreBeyondTheThresholds() {
        func told(_ figure: QualityAlarm.Figure, _ value: Double, _ well: Double) -> [QualityAlarms.Change] {
            [.init(figure: figure, change: .raised, value: value), .init(figure: figure, change: .ended, value: well)]
        }
        #expect(changes { $0.jitterUpMilliseconds = 81 } == told(.jitterUp, 81, 10))
        #expect(changes { $0.jitterDownMilliseconds = 81 } == told(.jitterDown, 81, 10))
        #expect(changes { $0.bitrateUp = 49_000 } == told(.rate, 49, 800))
        #expect(changes { $0.pictureHeight = 120 } == told(.resolution, 120, 720))
        #expect(changes { $0.jitterUpMilliseconds = 80 } == [])
        #expect(changes { ($0.bitrateUp, $0.pictureHeight) = (50_000, 144) } == [])
    }

    @Test func aSiteSaysWhatIsTooLittle() {
        var thresholds = LineThresholds()
        thresholds.jitterMilliseconds = .init(good: 5, usable: 20)
        thresholds.kilobits = .init(good: 700, usable: 600)
        thresholds.pictureHeight = .init(good: 720, usable: 480)
        let raised = changes(thresholds) {
            ($0.jitterUpMilliseconds, $0.bitrateUp, $0.pictureHeight) = (21, 500_000, 360)
        }.filter { $0.change == .raised }
        #expect(raised.map(\.figure) == [.jitterUp, .rate, .resolution])
    }

    @Test func whoSendsNoPictureSendsNotTooLittle() {
        let silent = changes { ($0.bitrateUp, $0.pictureHeight, $0.frameRate) = (24_000, nil, nil) }
        #expect(silent == [])
    }
}
