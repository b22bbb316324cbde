import Testing

@testable import Recorder

/// What a stream's clock makes of networks and senders that misbehave. Times in milliseconds.
@Suite struct StreamClockTests {
    /// Gives times to packets of 20 ms; each is (the sender's time, when it arrives).
    private func times(
        _ packets: [(sent: Int64, arrives: Int64)], reports: [Int: (ntp: Int64, ticks: Int64, arrives: Int64)] = [:]
    ) -> [Int64] {
        var clock = StreamClock(clockRate: 1_000, floor: .min)
        let sender = SenderClock()
        return packets.enumerated().map { index, packet in
            if let report = reports[index] {
                sender.report(ntp: report.ntp * milli, arrival: report.arrives * milli)
                clock.report(ntp: report.ntp * milli, ticks: report.ticks)
            }
            return clock.time(ofTicks: packet.sent, arrival: packet.arrives * milli, sender: sender) / milli
        }
    }

    private func isMonotonic(_ times: [Int64]) -> Bool { zip(times, times.dropFirst()).allSatisfy { $0 <= $1 } }

    @Test func aNetworkThatStallsMovesNothing() {
        // For three seconds nothing arrives, then all of it at once.
        let packets = (0..<500 as Range<Int64>).map { index in
            let sent = index * 20
            return (sent, (4_000..<7_000).contains(sent) ? 7_030 + index / 50 : sent + 30)
        }
        let times = times(packets)
        for (packet, time) in zip(packets, times) { #expect(abs(time - packet.0 - 30) <= 2) }
        #expect(isMonotonic(times))
    }

    @Test func timestampsThatStoodStillAreFollowedAfterASecond() {
        // The sender pauses for four seconds and counts on as if it had not.
        let packets = (0..<600 as Range<Int64>).map { index in
            (index * 20, index * 20 + 30 + (index >= 200 ? 4_000 : 0))
        }
        let times = times(packets)
        #expect(isMonotonic(times))
        for index in 255..<600 { #expect(abs(times[index] - packets[index].1) <= 5) }
    }

    @Test func timestampsThatJumpAreFollowedAtOnce() {
        for jump in [-500_000, -20_000, 5_000, 3_600_000] as [Int64] {
            let packets = (0..<300 as Range<Int64>).map { index in
                (10_000_000 + index * 20 + (index >= 100 ? jump : 0), index * 20 + 30)
            }
            let times = times(packets)
            #expect(isMonotonic(times), "jump of \(jump)")
            for (packet, time) in zip(packets, times) { #expect(abs(time - packet.1) <= 5, "jump of \(jump)") }
        }
    }

    @Test func aStreamThatBeginsInAQueueNeverRunsBack() {
        // The first two seconds arrive together at their end.
        let packets = (0..<500 as Range<Int64>).map { index in (index * 20, max(2_000 + index / 10, index * 20 + 30)) }
        let times = times(packets)
        #expect(isMonotonic(times))
        for index in 150..<500 { #expect(abs(times[index] - packets[index].1) <= 300) }
        for index in 400..<500 { #expect(abs(times[index] - packets[index].1) <= 5) }
    }

    @Test func reportsThatCannotBeTrueAreNotBelieved() {
        let packets = (0..<500 as Range<Int64>).map { (index: Int64) in (index * 20, index * 20 + 30) }
        let lies: [(ntp: Int64, ticks: Int64, arrives: Int64)] = [
            (0, 2_000, 2_030), (1, 2_000, 2_030), (9_000_000_000, 2_000, 2_030), (9_000_000_000, 2_000_000, 2_030),
            (9_000_000_000, -2_000_000, 2_030), (9_000_000_000, 1_000, 2_030),
        ]
        for lie in lies {
            let times = times(packets, reports: [100: lie])
            #expect(isMonotonic(times))
            for (packet, time) in zip(packets, times) where lie.ticks != 2_000 || lie.ntp == 0 {
                #expect(abs(time - packet.1) <= 5, "\(lie)")
            }
        }
    }

    @Test func aReportThatWaitedInAQueueDoesNotMoveTheSender() {
        let sender = SenderClock()
        sender.report(ntp: 1_000 * milli, arrival: 1_040 * milli)
        sender.report(ntp: 6_000 * milli, arrival: 6_900 * milli)
        #expect(sender.offset == 40 * milli)
        // Its clock is set: all is measured anew.
        sender.report(ntp: 100_000 * milli, arrival: 11_040 * milli)
        #expect(sender.offset == -88_960 * milli)
    }

    @Test func randomTimesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var clock = StreamClock(clockRate: UInt32.random(in: 0...(.max), using: &random), floor: .min)
            let sender = SenderClock()
            for _ in 0..<100 {
                sender.report(
                    ntp: .random(in: .min ... .max, using: &random), arrival: .random(in: 0 ... .max, using: &random))
                clock.report(
                    ntp: .random(in: .min ... .max, using: &random),
                    ticks: Int64(UInt64.random(in: 0...(1 << 40), using: &random)))
                _ = clock.time(
                    ofTicks: Int64(UInt64.random(in: 0...(1 << 40), using: &random)),
                    arrival: .random(in: 0 ... .max, using: &random),
                    sender: sender)
            }
        }
    }
}
