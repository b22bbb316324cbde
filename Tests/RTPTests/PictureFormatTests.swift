import RTP
import Testing

@Suite struct PictureFormatTests {
    @Test func aReceiverShowsWhatItsFormatIncludes() {
        for format in PictureFormat.allCases {
            #expect(format.includes(format))
            #expect(format.includes(format.single) && format.fragmented.includes(format))
            #expect(format.single.codec == format.codec && format.fragmented.codec == format.codec)
        }
        #expect(PictureFormat.h264High.includes(.h264Baseline))
        #expect(!PictureFormat.h264Baseline.includes(.h264HighSingle))
        #expect(!PictureFormat.h264HighSingle.includes(.h264Baseline))
        #expect(!PictureFormat.vp8.includes(.h264BaselineSingle) && !PictureFormat.h264High.includes(.vp8))
        #expect(PictureFormat(.opus) == nil && PictureFormat(.vp8) == .vp8)
    }

    @Test func aStreamThatPausedGoesOnWithoutAGap() {
        var rewriter = StreamRewriter(clockRate: 90_000, firstSequence: 10, firstTimestamp: 0)
        rewriter.switchSource(to: 1)
        let last = rewriter.rewrite(source: 1, sequenceNumber: 500, timestamp: 1_000, atNanoseconds: 1_000_000_000)
        rewriter.interrupt()
        #expect(rewriter.source == nil)
        let unseen = rewriter.rewrite(
            source: 1, sequenceNumber: 501, timestamp: 4_600, atNanoseconds: 1_040_000_000)
        #expect(unseen == nil)
        rewriter.switchSource(to: 1)
        let next = rewriter.rewrite(source: 1, sequenceNumber: 900, timestamp: 181_000, atNanoseconds: 3_000_000_000)
        #expect(next?.sequenceNumber == last.map { $0.sequenceNumber &+ 1 })
        #expect(next?.timestamp == last.map { $0.timestamp &+ 180_000 })
        // What came before the pause is too old for what follows it.
        let late = rewriter.rewrite(source: 1, sequenceNumber: 502, timestamp: 8_200, atNanoseconds: 3_000_000_000)
        #expect(late == nil)
    }
}
