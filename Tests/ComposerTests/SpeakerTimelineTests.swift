import Matroska
import Testing

@testable import Composer

@Suite struct SpeakerTimelineTests {
    private static let frame: Int64 = 40_000_000

    /// Levels in dBFS of each point, by the time in milliseconds.
    private func timeline(
        seconds: Int64, spotlights: [MatroskaChapter] = [], _ levels: (Int64) -> [Double]
    ) -> SpeakerTimeline {
        var timeline = SpeakerTimeline(spotlights: spotlights, names: ["A", "B"])
        for time in stride(from: 0, to: seconds * 1_000_000_000, by: Int(Self.frame)) {
            timeline.take(levels(time / 1_000_000), at: time)
        }
        return timeline
    }

    /// Syllables of 240 ms with pauses of 120 ms.
    private func speech(_ time: Int64, _ span: Range<Int64>, level: Double = -22) -> Double {
        span.contains(time) && time % 360 < 240 ? level : -75
    }

    @Test func eachTurnIsAChapterFromItsFirstWord() {
        let timeline = timeline(seconds: 12) { [speech($0, 1_080..<5_000), speech($0, 6_120..<10_000)] }
        let chapters = timeline.chapters(names: ["A", "B"], end: 12_000_000_000)
        #expect(chapters.map(\.title) == ["A", "B"])
        #expect(chapters.map { $0.startNanoseconds / 1_000_000 } == [1_080, 6_120])
        #expect(chapters.map { $0.endNanoseconds / 1_000_000 } == [6_120, 12_000])
    }

    @Test func theTileIsLitFromTheFirstWordUntilSoonAfterTheLast() {
        let timeline = timeline(seconds: 12) { [speech($0, 1_080..<5_000), -75] }
        let lit = (0..<12_000).filter { timeline.speaker(at: Int64($0) * 1_000_000) == 0 }
        #expect(lit.first == 1_080)
        #expect((5_500...6_100).contains(lit.last ?? 0))
    }

    @Test func whoIsInTheSpotlightIsTheSpeakerWhoeverIsHeard() {
        func second(_ time: UInt64) -> UInt64 { time * 1_000_000_000 }
        let spotlights = [
            MatroskaChapter(title: "B", startNanoseconds: second(4), endNanoseconds: second(8)),
            MatroskaChapter(title: "nobody", startNanoseconds: second(8), endNanoseconds: .max),
        ]
        let timeline = timeline(seconds: 14, spotlights: spotlights) {
            [speech($0, 1_080..<3_000) + 75 + speech($0, 5_040..<6_800), speech($0, 9_000..<12_000)]
        }
        #expect(timeline.speaker(at: 2_000_000_000) == 0)
        #expect((4_000..<8_000).allSatisfy { timeline.speaker(at: Int64($0) * 1_000_000) == 1 })
        let chapters = timeline.chapters(names: ["A", "B"], end: 14_000_000_000)
        #expect(chapters.map(\.title) == ["A", "B"])
        #expect(chapters.map { $0.startNanoseconds / 1_000_000 } == [1_080, 4_000])
    }

    @Test func aCoughIsNoTurnAndLightsNothing() {
        let timeline = timeline(seconds: 8) { [-75, (2_000..<2_400).contains($0) ? -15 : -75] }
        #expect(timeline.chapters(names: ["A", "B"], end: 8_000_000_000).isEmpty)
        #expect((0..<8_000).allSatisfy { timeline.speaker(at: Int64($0) * 1_000_000) == nil })
    }

    @Test func aCoughDoesNotTakeTheTurnFromTheSpeaker() {
        let timeline = timeline(seconds: 10) {
            [speech($0, 1_000..<9_000), (4_000..<4_400).contains($0) ? -10 : -75]
        }
        #expect(timeline.chapters(names: ["A", "B"], end: 10_000_000_000).map(\.title) == ["A"])
        #expect(timeline.speaker(at: 4_300_000_000) == 0)
    }

    @Test func theNoiseOfARoomIsNotTakenForSpeech() {
        let timeline = timeline(seconds: 60) { [-38, speech($0, 40_000..<50_000, level: -34)] }
        // The room's fan is heard as such within some seconds; from then on only who speaks is lit.
        #expect(timeline.speaker(at: 30_000_000_000) == nil)
        #expect(timeline.speaker(at: 45_000_000_000) == 1)
    }

    @Test func whoIsMuchLouderTakesOverFromWhoStillSpeaks() {
        let timeline = timeline(seconds: 14) {
            [speech($0, 1_000..<13_000, level: -35), speech($0, 5_040..<13_000, level: -18)]
        }
        #expect(timeline.speaker(at: 4_000_000_000) == 0)
        #expect(timeline.speaker(at: 9_000_000_000) == 1)
        #expect(timeline.chapters(names: ["A", "B"], end: 14_000_000_000).map(\.title) == ["A", "B"])
    }

    @Test func aTurnGoesOnAfterAPause() {
        let timeline = timeline(seconds: 20) { [speech($0, 1_000..<5_000) + speech($0, 10_000..<15_000) + 75] }
        let chapters = timeline.chapters(names: ["A"], end: 20_000_000_000)
        #expect(chapters.count == 1)
    }
}
