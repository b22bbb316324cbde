import Congestion
import Foundation
import RTP
import Testing

private func kilobits(_ rate: Double) -> String { String(format: "%.0f kbit/s", rate / 1000) }

/// The estimate over a simulated line with 60 ms of round trip beyond its queue, feedback ten times a second, sound of
/// 40 kbit/s and a picture of thirty frames a second that takes the rest. What each printed when it was written:
///
///     steady, from 20 s on        300 kbit/s: 288    1 Mbit/s: 952    3 Mbit/s: 2897    longest wait 103...190 ms
///     2 Mbit/s to 300 kbit/s      under 330 after 0.4 s, no wait over 158 ms from 3 s on, mean 276; back over 1600 in 2.1 s
///     random loss on 1 Mbit/s     5 %: 947    10 %: 913    20 %: 859    in bursts, 9 % in the mean: 818
///     a queue of 64 ms, 1 Mbit/s  1261, received 989
///     two flows                   shares of 0.62...0.86 of each other, together 0.91...0.95 of the line
@Suite struct BandwidthEstimatorTests {
    @Test(arguments: [300_000.0, 1_000_000, 3_000_000])
    func convergesToTheLinesRate(rate: Double) {
        let flow = SimulatedFlow(0)
        simulate(SimulatedLink(seed: 1) { _ in rate }, [flow], seconds: 40)
        let mean = flow.mean(20..<40)
        print(
            "steady \(kilobits(rate)): mean \(kilobits(mean)), longest wait \(flow.longestWait(20..<40)) ms,",
            "received \(kilobits(Double(flow.octetsReceived) * 8 / 40))")
        #expect(mean > rate * 0.85 && mean < rate * 1.15)
    }

    @Test func followsALineThatFallsAndRecovers() {
        let flow = SimulatedFlow(0, RateLimits(least: 30_000, start: 300_000, most: 3_000_000))
        let link = SimulatedLink(seed: 2) { now in (30...60).contains(Double(now) / 1e9) ? 300_000 : 2_000_000 }
        simulate(link, [flow], seconds: 100)
        let fall = flow.time(from: 30, until: 0...330_000)
        let recovery = flow.time(from: 60.1, until: 1_600_000...3_000_000)
        print(
            "2 Mbit/s to 300 kbit/s: under 330 after \(fall ?? -1) s, longest wait from 3 s on \(flow.longestWait(33..<60)) ms,",
            "mean \(kilobits(flow.mean(35..<60))), back over 1600 after \(recovery ?? -1) s")
        #expect(fall ?? 99 < 3)
        #expect(flow.longestWait(33..<60) < 300)
        #expect(flow.mean(35..<60) > 200_000)
        #expect(recovery ?? 99 < 15)
    }

    @Test(arguments: [0.05, 0.1, 0.2]) func randomLossDoesNotCollapseIt(part: Double) {
        let flow = SimulatedFlow(0)
        var link = SimulatedLink(seed: 3) { _ in 1_000_000 }
        link.loss = .random(part)
        simulate(link, [flow], seconds: 60)
        print("\(Int(part * 100)) % loss at 1 Mbit/s: mean \(kilobits(flow.mean(20..<60)))")
        #expect(flow.mean(20..<60) > 500_000)
    }

    @Test func burstsOfLossDoNotCollapseIt() {
        let flow = SimulatedFlow(0)
        var link = SimulatedLink(seed: 4) { _ in 1_000_000 }
        link.loss = .bursts(toBad: 0.02, toGood: 0.15, lost: 0.8)
        simulate(link, [flow], seconds: 60)
        print("bursts of loss, 9 % in the mean: mean \(kilobits(flow.mean(20..<60)))")
        #expect(flow.mean(20..<60) > 500_000)
    }

    @Test func shortQueueThatOnlyLosesBoundsIt() {
        let flow = SimulatedFlow(0)
        var link = SimulatedLink(seed: 5) { _ in 1_000_000 }
        // 64 ms.
        link.queueLimitOctets = 8000
        simulate(link, [flow], seconds: 60)
        print(
            "queue of 64 ms at 1 Mbit/s: mean \(kilobits(flow.mean(20..<60))), received \(kilobits(Double(flow.octetsReceived) * 8 / 60))"
        )
        #expect(flow.mean(20..<60) < 1_500_000)
    }

    @Test(arguments: [8.0, 10, 13.3, 21], [1_000_000.0, 2_000_000])
    func twoFlowsShareALine(start: Double, rate: Double) {
        let flows = [SimulatedFlow(0), SimulatedFlow(1, startsAt: UInt64(start * 1e9))]
        simulate(SimulatedLink(seed: 6) { _ in rate }, flows, seconds: 130)
        let shares = flows.map { $0.mean(60..<130) }
        print(
            "two flows on \(kilobits(rate)): \(shares.map(kilobits)), longest wait \(flows[0].longestWait(60..<130)) ms"
        )
        #expect(shares[0] < 2 * shares[1] && shares[1] < 2 * shares[0])
        #expect(shares[0] + shares[1] > rate * 0.7)
    }
}
