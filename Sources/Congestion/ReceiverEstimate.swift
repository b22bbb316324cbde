import RTP

/// How much the line from one sender to us carries, for those that stamp packets with abs-send-time and give no transport-wide
/// numbers: they are told by REMB (draft-ietf-rmcat-gcc-02 §4, draft-alvestrand-rmcat-remb-03). Flat, no allocation.
public struct ReceiverEstimate: Sendable {
    static let intervalNanoseconds: UInt64 = 1_000_000_000
    /// A fall by this part is told at once.
    static let notableFall = 0.97

    private var delay = DelaySignal()
    private var throughput = ThroughputMeter()
    private var controller: RateController
    private var clock: (stamp: AbsoluteSendTime, nanoseconds: Int64)?
    private var updatedAt: UInt64 = 0
    private var toldAt: UInt64?
    private var told = 0.0

    public init(_ limits: RateLimits = RateLimits()) { controller = RateController(limits) }

    /// In bit/s.
    public var bitsPerSecond: UInt64 { UInt64(controller.rate) }

    /// A packet came at `now` on the monotonic clock.
    public mutating func receive(_ stamp: AbsoluteSendTime, octets: Int, atNanoseconds now: UInt64) {
        let arrival = Int64(clamping: now)
        let sent = clock.map { $0.nanoseconds &+ stamp.nanoseconds(since: $0.stamp) } ?? 0
        if clock == nil || sent >= clock?.nanoseconds ?? 0 { clock = (stamp, sent) }
        throughput.add(octets: octets, arrival: arrival)
        if !delay.add(sent: sent, arrival: arrival, octets: octets) { throughput.reset() }
        guard delay.usage == .overuse || now &- updatedAt >= 50_000_000 else { return }
        updatedAt = now
        delay.settle(rate: min(controller.rate, throughput.bitsPerSecond ?? 0))
        controller.update(
            .init(
                usage: delay.usage, queueNanoseconds: delay.queueNanoseconds, throughput: throughput.bitsPerSecond,
                recentThroughput: throughput.recentBitsPerSecond, roundTripNanoseconds: 100e6), at: now)
    }

    /// What the sender is to be told now, in bit/s; nil while there is nothing new.
    public mutating func takeDue(atNanoseconds now: UInt64) -> UInt64? {
        guard clock != nil else { return nil }
        if let toldAt, now &- toldAt < Self.intervalNanoseconds, controller.rate > told * Self.notableFall {
            return nil
        }
        toldAt = now
        told = controller.rate
        return bitsPerSecond
    }
}
