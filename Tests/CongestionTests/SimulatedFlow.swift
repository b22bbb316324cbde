import Congestion
import RTP

/// A sender with sound and a picture that takes what the estimate leaves, and its receiver, which tells what came.
final class SimulatedFlow {
    static let soundInterval: UInt64 = 20_000_000
    static let soundOctets = 100
    static let frameInterval: UInt64 = 33_333_333

    struct Sample {
        var at: UInt64
        var estimate: Double
        var longestWait: Double
        var longestSoundWait: Double
    }

    let id: Int
    var estimator: BandwidthEstimator
    var recorder = ArrivalRecorder()
    /// Bit/s of picture at a time, estimate and loss.
    var choose: (UInt64, Double, Double) -> Double = { _, estimate, _ in max(0, estimate - 40_000) }
    /// Whether probes are filled up.
    var pads = true
    var startsAt: UInt64 = 0
    /// What the receiver's clock says, beyond the true time.
    var clock: (UInt64) -> UInt64 = { $0 }
    /// Of feedbacks.
    var feedbackLoss = 0.0
    var feedbackJitter: UInt64 = 0
    /// When none comes through.
    var feedbackCut: Range<UInt64> = 0..<0
    private(set) var samples: [Sample] = []
    private(set) var octetsReceived = 0

    private var random: SeededGenerator
    private var nextSound: UInt64
    private var nextFrame: UInt64
    private var arriving: [SimulatedLink.Delivery] = []
    private var feedbacks: [(at: UInt64, octets: [UInt8])] = []
    private var nextSample: UInt64 = 0
    private var wait: UInt64 = 0
    private var soundWait: UInt64 = 0

    init(
        _ id: Int, _ limits: RateLimits = RateLimits(least: 30_000, start: 300_000, most: 4_000_000),
        startsAt: UInt64 = 0
    ) {
        self.id = id
        self.startsAt = startsAt
        estimator = BandwidthEstimator(limits, firstSequence: UInt16(truncatingIfNeeded: 65_000 + id))
        random = SeededGenerator(seed: UInt64(1000 + id))
        nextSound = startsAt
        nextFrame = startsAt
    }

    func step(_ now: UInt64, _ link: inout SimulatedLink) {
        guard now >= startsAt else { return }
        for feedback in feedbacks where feedback.at <= now { read(feedback.octets, now) }
        feedbacks.removeAll { $0.at <= now }
        estimator.advance(toNanoseconds: now)
        while nextSound <= now {
            send(Self.soundOctets, now, &link)
            nextSound += Self.soundInterval
        }
        while nextFrame <= now {
            let rate = choose(now, Double(estimator.bitsPerSecond), estimator.loss)
            var left = Int(rate / 8 * Double(Self.frameInterval) / 1e9)
            while left > 0 {
                send(min(1200, max(left, 60)), now, &link)
                left -= 1200
            }
            nextFrame += Self.frameInterval
        }
        if pads, now % 5_000_000 == 0 {
            while case let due = estimator.paddingDue(atNanoseconds: now), due > 0 {
                send(max(60, min(1200, due)), now, &link)
            }
        }
        receive(now)
        if now >= nextSample {
            samples.append(
                Sample(
                    at: now, estimate: Double(estimator.bitsPerSecond), longestWait: Double(wait) / 1e6,
                    longestSoundWait: Double(soundWait) / 1e6))
            wait = 0
            soundWait = 0
            nextSample = now + 100_000_000
        }
    }

    func take(_ delivery: SimulatedLink.Delivery) { arriving.append(delivery) }

    private func send(_ octets: Int, _ now: UInt64, _ link: inout SimulatedLink) {
        let sequence = estimator.send(octets: octets, atNanoseconds: now)
        link.send(.init(flow: id, sequence: sequence, octets: octets, enqueuedAt: now))
    }

    private func receive(_ now: UInt64) {
        for delivery in arriving where delivery.arrivedAt <= now {
            recorder.receive(delivery.packet.sequence, atNanoseconds: clock(delivery.arrivedAt))
            octetsReceived += delivery.packet.octets
            wait = max(wait, delivery.waitedNanoseconds)
            if delivery.packet.octets == Self.soundOctets {
                soundWait = max(soundWait, delivery.waitedNanoseconds)
            }
        }
        arriving.removeAll { $0.arrivedAt <= now }
        guard let deadline = recorder.deadline, deadline <= clock(now) || deadline > clock(now) + 1_000_000_000 else {
            return
        }
        let octets = withUnsafeTemporaryAllocation(byteCount: 1200, alignment: 8) { buffer in
            var builder = RTCPBuilder(into: buffer)
            recorder.write(to: &builder, sender: 1, media: 2)
            return Array(buffer.prefix(builder.count))
        }
        guard !octets.isEmpty, !feedbackCut.contains(now), Double.random(in: 0..<1, using: &random) >= feedbackLoss
        else { return }
        let jitter = feedbackJitter > 0 ? UInt64.random(in: 0...feedbackJitter, using: &random) : 0
        feedbacks.append((now + 30_000_000 + jitter, octets))
    }

    private func read(_ octets: [UInt8], _ now: UInt64) {
        let bytes = octets.span.bytes
        guard var reader = try? RTCPReader(parsing: bytes) else { return }
        while let message = reader.next() {
            guard case .transportFeedback(_, _, let range) = message,
                let feedback = try? TransportFeedbackReader(parsing: bytes.extracting(range))
            else { continue }
            estimator.handle(feedback, atNanoseconds: now)
        }
    }

    func mean(_ seconds: Range<Double>) -> Double {
        let chosen = samples.filter { seconds.contains(Double($0.at) / 1e9) }
        return chosen.reduce(0) { $0 + $1.estimate } / Double(max(1, chosen.count))
    }

    func longestWait(_ seconds: Range<Double>) -> Double {
        samples.filter { seconds.contains(Double($0.at) / 1e9) }.map(\.longestWait).max() ?? 0
    }

    func longestSoundWait(_ seconds: Range<Double>) -> Double {
        samples.filter { seconds.contains(Double($0.at) / 1e9) }.map(\.longestSoundWait).max() ?? 0
    }

    /// Seconds from `second` until the estimate is in `range`.
    func time(from second: Double, until range: ClosedRange<Double>) -> Double? {
        samples.first { Double($0.at) / 1e9 >= second && range.contains($0.estimate) }.map {
            Double($0.at) / 1e9 - second
        }
    }
}

/// Runs flows over a link for a while, a millisecond at a time.
func simulate(_ link: SimulatedLink, _ flows: [SimulatedFlow], seconds: Double) {
    var link = link
    var now: UInt64 = 0
    let end = UInt64(seconds * 1e9)
    while now < end {
        for flow in flows { flow.step(now, &link) }
        for delivery in link.deliver(until: now) { flows[delivery.packet.flow].take(delivery) }
        now += 1_000_000
    }
}
