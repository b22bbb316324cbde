import RTP

/// How much the line to one receiver of ours carries, in bit/s, from what it tells of what was sent to it: transport-wide
/// feedback (draft-ietf-rmcat-gcc-02), or else REMB, or else receiver reports (`ReportedRate`). Flat, allocates nothing after
/// `init`; lives on one thread; times are nanoseconds of one monotonic clock.
///
///     let number = estimator.send(octets: packet.count, atNanoseconds: now)   // into the packet's header extension
///     estimator.handle(feedback, atNanoseconds: now)
///     estimator.advance(toNanoseconds: now)                                   // each tick
///     let padding = estimator.paddingDue(atNanoseconds: now)                  // to be sent too, and told to `send`
///     ladder.decide(estimate: estimator.bitsPerSecond, …)
public struct BandwidthEstimator: ~Copyable {
    /// Without any feedback for so long, though there is something to tell of, less is sent.
    static let silenceNanoseconds: UInt64 = 1_500_000_000
    static let silenceStepNanoseconds: UInt64 = 500_000_000
    static let silenceFactor = 0.7
    static let estimateLifetimeNanoseconds: UInt64 = 5_000_000_000
    /// Without numbers there are no probes: the next better picture has to be tried.
    static let untriedHeadroom = 2.5
    /// Of a peer's clock between two feedbacks.
    static let jumpTicks: Int64 = 40_000

    /// By what the peer tells of the line to it.
    public enum Feedback: Sendable {
        /// Of each packet when it came, or what it estimates itself.
        case packets
        /// Receiver reports, and that a picture broke.
        case reports
    }

    public let limits: RateLimits
    public let feedback: Feedback
    /// What could be sent usefully, in bit/s: while more is wanted than the estimate says, probes look for it.
    public var wanted: UInt64

    private var history: SendHistory
    private var delay = DelaySignal()
    private var throughput = ThroughputMeter()
    private var controller: RateController
    private var losses = LossBound()
    private var prober = Prober()
    private var reports = ReportedLine()
    /// Counts where `feedback` is nothing better.
    private var reported: ReportedRate
    private var sentRate = ThroughputMeter()
    /// The peer's own estimate.
    private var maximum: (bitsPerSecond: Double, at: UInt64)?

    /// The peer's clock, 250 µs a tick, as read last and with its wraps taken out.
    private var clock: (raw: Int64, ticks: Int64)?
    private var expectedSequence: UInt16?
    private var feedbackAt: UInt64?
    private var sentAt: UInt64?
    private var loweredAt: UInt64 = 0
    /// Bit/s before a silence that lasts.
    private var beforeSilence: Double?
    private var roundTrip = 100e6

    public init(
        _ limits: RateLimits = RateLimits(), firstSequence: UInt16 = 0, feedback: Feedback = .packets
    ) {
        self.limits = limits
        self.feedback = feedback
        wanted = limits.most
        history = SendHistory(first: firstSequence, isEmpty: feedback == .reports)
        controller = RateController(limits)
        reported = ReportedRate(limits)
    }

    // MARK: What it says

    public var bitsPerSecond: UInt64 {
        guard feedback == .packets else { return UInt64(reported.rate) }
        var rate = controller.rate
        if let bound = losses.rate { rate = min(rate, bound) }
        if let maximum { rate = min(rate, maximum.bitsPerSecond) }
        return UInt64(min(max(rate, Double(limits.least)), Double(limits.most)))
    }

    /// It is held below what the line carries, till the line's queue is empty.
    public var isDraining: Bool { controller.isDraining }
    /// Nothing is known that bounds what is sent.
    public var isOpen: Bool { feedback == .reports && reported.phase == .open }
    /// The peer has told nothing for so long that the line may be cut: the estimate falls with time alone.
    public var isSilent: Bool { beforeSilence != nil }
    /// Of the packets sent in the last second or so, 0...1.
    public var loss: Double { losses.loss }
    /// What waits in the line's queue as far as is known, in nanoseconds.
    public var queueNanoseconds: UInt64 { UInt64(max(0, delay.queueNanoseconds)) }
    public var roundTripNanoseconds: UInt64 { UInt64(roundTrip) }
    /// What gets through, in bit/s; nil where nobody tells.
    public var throughputBitsPerSecond: UInt64? { throughput.bitsPerSecond.map { UInt64($0) } }

    // MARK: What is sent

    /// A packet leaves. Returns its transport-wide sequence number.
    ///
    /// - Parameter octets: of the whole packet, best with what IP and UDP add.
    public mutating func send(octets: Int, atNanoseconds now: UInt64) -> UInt16 {
        let id = prober.currentID
        if id != 0 { prober.count(octets: octets) }
        note(octets, now)
        return history.send(octets: octets, probe: id, at: now)
    }

    /// Packets leave without a number, to a peer that gives no transport-wide feedback: one, or where receiver reports are
    /// all there is, those of a tenth of a second.
    public mutating func sendUnnumbered(octets: Int, atNanoseconds now: UInt64) { note(octets, now) }

    private mutating func note(_ octets: Int, _ now: UInt64) {
        sentAt = now
        sentRate.add(octets: octets, arrival: Int64(clamping: now))
    }

    /// Octets of padding, or of packets sent again, that should leave now for a probe; mostly 0.
    public func paddingDue(atNanoseconds now: UInt64) -> Int { prober.paddingDue(at: now) }

    // MARK: What the peer says

    public mutating func handle(_ feedback: consuming TransportFeedbackReader, atNanoseconds now: UInt64) {
        var seen = Arrivals()
        let hole = closeHole(before: feedback.baseSequence, count: feedback.statusCount)
        while let item = feedback.next() {
            switch item {
            case .notReceived(let sequence, let count): seen.lost += history.lose(sequence, count: count)
            case .received(let sequence, let ticks):
                guard let packet = history.receive(sequence) else { continue }
                if seen.received == 0, hole > 0 { throughput.add(octets: hole, arrival: arrival(ticks)) }
                take(packet, arrival(ticks), &seen)
            }
        }
        guard seen.received + seen.lost > 0 else { return }
        feedbackAt = now
        if let rate = beforeSilence {
            beforeSilence = nil
            prober.remember(rate * RateController.decrease, at: now)
        }
        if let latest = seen.latestSent, now >= latest {
            roundTrip += (min(Double(now - latest), 2e9) - roundTrip) * 0.2
        }
        delay.settle(rate: min(controller.rate, sentRate.recentBitsPerSecond ?? 0))
        let isQueueing =
            delay.usage == .overuse || delay.queueNanoseconds > RateController.longQueueNanoseconds
            || controller.isDraining
        losses.add(
            lost: seen.lost - seen.mistaken, received: seen.received, rate: Double(bitsPerSecond),
            isQueueing: isQueueing, at: now)
        settleProbe(now)
        update(now)
    }

    /// A peer's own estimate of what it can take in (draft-alvestrand-rmcat-remb-03).
    public mutating func handle(maximumBitsPerSecond: UInt64, atNanoseconds now: UInt64) {
        let rate = min(Double(maximumBitsPerSecond), Double(limits.most))
        maximum = (rate, now)
        // It is the only one who measures, where there is no other feedback.
        guard !hasFeedback(now) else { return }
        feedbackAt = nil
        controller.lower(to: rate)
        controller.raise(to: rate)
    }

    /// The receiver cannot decode its picture, of which it was sent a keyframe at `keyframeSentAt`.
    public mutating func handleBrokenPicture(keyframeSentAt: UInt64, atNanoseconds now: UInt64) {
        guard feedback == .reports else { return }
        reported.complain(keyframeSentAt: keyframeSentAt, at: now)
    }

    /// A receiver's report on a stream of ours (RFC 3550 §6.4.1), which counts where there is nothing better.
    public mutating func handle(
        _ block: RTCPReportBlock, ofPicture isOfPicture: Bool, roundTripNanoseconds: UInt64?, atNanoseconds now: UInt64
    ) {
        guard feedback == .packets else {
            let (expected, lost) = reports.add(block, roundTripNanoseconds, at: now)
            return reported.handle(
                .init(
                    loss: expected > 0 ? Double(lost) / Double(expected) : 0, packets: expected,
                    isOfPicture: isOfPicture, isQueueing: reports.isQueueing, sent: sentRate.bitsPerSecond), at: now)
        }
        guard !hasFeedback(now) else { return }
        feedbackAt = nil
        if let roundTripNanoseconds {
            roundTrip += (min(Double(roundTripNanoseconds), 2e9) - roundTrip) * 0.3
        }
        let (expected, lost) = reports.add(block, roundTripNanoseconds, at: now)
        let sent = sentRate.bitsPerSecond.map { $0 * (1 - Double(block.fractionLost) / 256) }
        losses.add(
            lost: lost, received: expected - lost, rate: Double(bitsPerSecond),
            isQueueing: reports.isQueueing, at: now)
        guard maximum == nil else { return }
        controller.update(
            .init(
                usage: reports.isQueueing ? .overuse : .normal, queueNanoseconds: 0, throughput: sent,
                recentThroughput: sent, roundTripNanoseconds: roundTrip, headroom: Self.untriedHeadroom), at: now)
    }

    /// Time goes on: begins probes, and takes silence for what it most likely is.
    public mutating func advance(toNanoseconds now: UInt64) {
        guard feedback == .packets else {
            let sent = reported.isOnTrial ? sentRate.recentBitsPerSecond : nil
            return reported.advance(sent: sent, wanted: Double(wanted), at: now)
        }
        if let maximum, now > maximum.at, now - maximum.at > Self.estimateLifetimeNanoseconds { self.maximum = nil }
        if let feedbackAt, let sentAt, now > feedbackAt, now - feedbackAt > Self.silenceNanoseconds,
            sentAt > feedbackAt, now &- loweredAt > Self.silenceStepNanoseconds
        {
            loweredAt = now
            beforeSilence = beforeSilence ?? controller.rate
            controller.lower(to: controller.rate * Self.silenceFactor)
            prober.restart(at: now)
        }
        let current = Double(bitsPerSecond)
        prober.advance(
            rate: current, wanted: min(Double(wanted), maximum?.bitsPerSecond ?? .infinity),
            isAllowed: hasFeedback(now) && delay.usage == .normal && !controller.isDraining
                && delay.queueNanoseconds < RateController.shortQueueNanoseconds, at: now)
    }
}

extension BandwidthEstimator {
    /// Of one feedback.
    private struct Arrivals {
        var received = 0
        var lost = 0
        /// Taken for lost before.
        var mistaken = 0
        var latestSent: UInt64?
    }

    private func hasFeedback(_ now: UInt64) -> Bool {
        feedbackAt.map { now < $0 || now - $0 < Self.silenceNanoseconds } ?? false
    }

    private mutating func take(_ packet: SendHistory.Packet, _ arrival: Int64, _ seen: inout Arrivals) {
        seen.received += 1
        if packet.fate == .lost { seen.mistaken += 1 }
        seen.latestSent = max(seen.latestSent ?? 0, packet.sentAt)
        let sent = Int64(clamping: packet.sentAt)
        // What is in a hole was counted already.
        if packet.fate != .unreported { throughput.add(octets: Int(packet.octets), arrival: arrival) }
        if packet.probe != 0 {
            prober.receive(id: packet.probe, octets: Int(packet.octets), sent: sent, arrival: arrival)
            // Its queue takes about as long to drain again.
            delay.ignore(sentBefore: sent &+ Int64(Prober.durationNanoseconds))
        }
        if !delay.add(sent: sent, arrival: arrival, octets: Int(packet.octets)) { throughput.reset() }
    }

    /// The octets of packets of which a lost feedback told: most of them arrived.
    private mutating func closeHole(before base: UInt16, count: Int) -> Int {
        let end = base &+ UInt16(truncatingIfNeeded: count)
        guard let expected = expectedSequence else {
            expectedSequence = end
            return 0
        }
        let ahead = Int(Int16(bitPattern: base &- expected))
        if Int16(bitPattern: end &- expected) > 0, Int16(bitPattern: history.next &- end) >= 0 {
            expectedSequence = end
        }
        guard ahead > 0, ahead < SendHistory.capacity else { return 0 }
        return history.pass(expected, count: ahead)
    }

    /// A time of the peer's in nanoseconds. When its clock jumps, all that was measured by it is void.
    private mutating func arrival(_ raw: Int64) -> Int64 {
        guard let known = clock else {
            clock = (raw, raw)
            return raw &* TransportFeedback.tickNanoseconds
        }
        let step = Int64(Int32(truncatingIfNeeded: raw &- known.raw))
        var ticks = known.ticks &+ step
        if step.magnitude > Self.jumpTicks.magnitude {
            ticks = raw
            delay.reset()
            throughput.reset()
        }
        clock = (raw, ticks)
        return ticks &* TransportFeedback.tickNanoseconds
    }

    private mutating func settleProbe(_ now: UInt64) {
        switch prober.result(at: now) {
        case .none: break
        case .passed(let rate):
            controller.raise(to: rate)
            losses.raise(to: rate)
        case .saturated(let rate):
            controller.saturated(at: rate, now)
        }
    }

    private mutating func update(_ now: UInt64) {
        let before = controller.rate
        let wasDraining = controller.isDraining
        controller.update(
            .init(
                usage: delay.usage, queueNanoseconds: delay.queueNanoseconds, throughput: throughput.bitsPerSecond,
                recentThroughput: throughput.recentBitsPerSecond, recentlySent: sentRate.recentBitsPerSecond,
                roundTripNanoseconds: roundTrip), at: now)
        if controller.rate < before * 0.9 { prober.restart(at: now) }
        guard wasDraining, !controller.isDraining else { return }
        if delay.queueNanoseconds > RateController.longQueueNanoseconds {
            // It did not drain: the way is a longer one now, or a clock was set.
            delay.reset()
        } else {
            delay.forgetTrend()
        }
    }
}
