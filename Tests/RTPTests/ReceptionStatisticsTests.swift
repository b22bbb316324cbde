import RTP
import Testing

@Suite struct ReceptionStatisticsTests {
    private func feed(
        _ statistics: inout ReceptionStatistics, _ numbers: [Int], spacing: UInt64 = 20_000_000, jitter: [UInt64] = [0]
    ) {
        for (index, number) in numbers.enumerated() {
            statistics.receive(
                sequenceNumber: UInt16(truncatingIfNeeded: number),
                timestamp: UInt32(truncatingIfNeeded: number &* 160),
                arrivalNanoseconds: 1_000_000_000 + UInt64(number) * spacing + jitter[index % jitter.count],
                payloadOctets: 160)
        }
    }

    @Test func countsLossAcrossAWrap() {
        var statistics = ReceptionStatistics(ssrc: 1, clockRate: 8000, isTrusted: true)
        feed(&statistics, Array(65_500..<65_600).filter { $0 % 10 != 5 })
        let block = statistics.makeReportBlock(atNanoseconds: 0)
        #expect(block.extendedHighestSequence == 65_599)
        #expect(block.cumulativeLost == 10)
        #expect(block.fractionLost == 25)
        #expect(block.jitter == 0)
        #expect(statistics.packets == 90 && statistics.octets == 90 * 160)
        feed(&statistics, Array(65_600..<65_700))
        let second = statistics.makeReportBlock(atNanoseconds: 0)
        #expect(second.fractionLost == 0 && second.cumulativeLost == 10)
    }

    @Test func duplicatesMakeLossNegative() {
        var statistics = ReceptionStatistics(ssrc: 1, clockRate: 8000, isTrusted: true)
        feed(&statistics, [1, 2, 2, 3, 3])
        let block = statistics.makeReportBlock(atNanoseconds: 0)
        #expect(block.cumulativeLost == -2 && block.fractionLost == 0)
    }

    @Test func untrustedSourceIsOnProbation() {
        var statistics = ReceptionStatistics(ssrc: 1, clockRate: 8000)
        feed(&statistics, [10])
        #expect(!statistics.isValid)
        feed(&statistics, [20])
        #expect(!statistics.isValid)
        feed(&statistics, [21])
        #expect(statistics.isValid && statistics.expected == 1)
    }

    @Test func jumpNeedsASecondPacket() {
        var statistics = ReceptionStatistics(ssrc: 1, clockRate: 8000, isTrusted: true)
        feed(&statistics, [1, 2, 3])
        let receive = { (number: UInt16) in
            statistics.receive(sequenceNumber: number, timestamp: 0, arrivalNanoseconds: 0, payloadOctets: 1)
        }
        #expect(receive(30_000) == .jumped)
        #expect(receive(4) == .accepted)
        #expect(receive(40_000) == .jumped)
        #expect(receive(40_001) == .restarted)
        #expect(statistics.extendedHighestSequence == 40_001 && statistics.cumulativeLost == 0)
    }

    @Test func jitterApproachesTheMeanDifference() {
        var statistics = ReceptionStatistics(ssrc: 1, clockRate: 8000, isTrusted: true)
        // Every second packet 5 ms late: |D| is always 40 ticks, and so is the mean.
        feed(&statistics, Array(0..<400), jitter: [0, 5_000_000])
        #expect((38...40).contains(statistics.jitter))
        #expect(abs(statistics.jitterMilliseconds - 5) < 0.3)
    }

    @Test func senderReportIsAnsweredWithItsDelay() {
        var statistics = ReceptionStatistics(ssrc: 1, clockRate: 8000, isTrusted: true)
        feed(&statistics, [1])
        statistics.receiveSenderReport(NTPTime(rawValue: 0x1111_b705_2000_0000), arrivalNanoseconds: 1_000_000_000)
        let block = statistics.makeReportBlock(atNanoseconds: 6_250_000_000)
        #expect(block.lastSenderReport == 0xb705_2000 && block.delaySinceLastSenderReport == 0x0005_4000)
    }

    @Test func randomNumbersNeverTrap() {
        var generator = SeededGenerator(seed: 3)
        var statistics = ReceptionStatistics(ssrc: 1, clockRate: 90_000)
        for _ in 0..<50_000 {
            statistics.receive(
                sequenceNumber: .random(in: 0...UInt16.max, using: &generator),
                timestamp: .random(in: 0...UInt32.max, using: &generator),
                arrivalNanoseconds: .random(in: 0...UInt64.max, using: &generator), payloadOctets: 10)
            _ = statistics.makeReportBlock(atNanoseconds: .random(in: 0...UInt64.max, using: &generator))
        }
    }

    @Test func senderReportExtrapolatesItsTimestamp() {
        var sender = SenderState(ssrc: 4, clockRate: 48_000)
        #expect(sender.report(atNanoseconds: 0, ntp: NTPTime(rawValue: 0)) == nil)
        sender.sent(timestamp: 0xffff_ff00, payloadOctets: 100, atNanoseconds: 1_000_000_000)
        let report = sender.report(atNanoseconds: 1_010_000_000, ntp: NTPTime(rawValue: 7))
        #expect(report?.rtpTimestamp == 0xffff_ff00 &+ 480 && report?.packetCount == 1 && report?.octetCount == 100)
    }

    @Test func extendersFollowWraps() {
        var sequences = SequenceExtender()
        let indices = ([65_534, 1, 65_535] as [UInt16]).map { sequences.extend($0) }
        #expect(indices == [131_070, 131_073, 131_071] as [UInt64])
        #expect(sequences.distance(to: 0) == -1)
        var timestamps = TimestampExtender()
        let ticks = ([0xffff_fff0, 0x10, 0xffff_ffff] as [UInt32]).map { timestamps.extend($0) }
        #expect(ticks[1] - ticks[0] == 0x20)
        #expect(ticks[2] - ticks[0] == 0xf)
    }
}
