/// The rate that delays allow: up by parts while nothing queues, down below what gets through when something does
/// (draft-ietf-rmcat-gcc-02 §5.5). Beyond the draft, a long queue is drained at once, and the rate then taken up again: to one
/// who listens, a second of standing queue is worse than a second of little picture.
struct RateController: Sendable {
    enum Phase: Sendable, Equatable {
        case increase
        case hold
        /// Far below what the line carries, till its queue is empty; then on at `rate`.
        case drain(since: UInt64, until: UInt64, rate: Double)
    }

    static let decrease = 0.85
    static let increasePerSecond = 1.08
    static let saturated = 0.95
    /// Of what came through while a queue stood and nothing else was in what was measured.
    static let drained = 0.9
    /// Of the rate, less than which comes through only where the line fell.
    static let fallen = 0.5
    static let pureNanoseconds: UInt64 = 250_000_000
    static let ceilingNanoseconds: UInt64 = 20_000_000_000
    /// Of the rate, less than which is too little to try it.
    static let limited = 0.8
    /// A queue longer than this is drained.
    static let longQueueNanoseconds = 100e6
    static let shortQueueNanoseconds = 50e6
    /// At a queue this long nothing but what must be is sent.
    static let fullQueueNanoseconds = 800e6
    static let leastDrain = 0.1
    /// Beyond twice what the queue was seen to take, and in all: then it is no queue, but a longer way.
    static let drainNanoseconds: UInt64 = 1_000_000_000
    static let longestDrainNanoseconds = 5e9

    let limits: RateLimits
    /// Bit/s.
    private(set) var rate: Double
    private(set) var phase = Phase.increase
    /// What the line was seen to carry, and how far that varied, both in bit/s.
    private var capacity: (mean: Double, deviation: Double)?
    /// What a probe found to be the most, and when; it bounds what is not tried by sending it.
    private var ceiling: (rate: Double, at: UInt64)?
    private var updatedAt: UInt64?
    private(set) var decreasedAt: UInt64?
    /// The line, rather than what others leave of it, became less.
    private var hasFallen = false

    init(_ limits: RateLimits) {
        self.limits = limits
        rate = Double(limits.start)
    }

    var isDraining: Bool {
        if case .drain = phase { return true }
        return false
    }

    /// What was seen just now.
    struct Observation {
        var usage: LineUsage
        var queueNanoseconds: Double
        /// Bit/s; nil where it is not known yet.
        var throughput: Double?
        var recentThroughput: Double?
        /// What was sent lately, in bit/s; nil where it is not known.
        var recentlySent: Double?
        var roundTripNanoseconds: Double
        /// How far above the throughput the rate may rise, untried.
        var headroom = 1.5
    }

    mutating func update(_ seen: Observation, at now: UInt64) {
        let elapsed = min(updatedAt.map { now > $0 ? Double(now - $0) / 1e9 : 0 } ?? 0, 1)
        updatedAt = now
        if case .drain(let since, let until, let after) = phase {
            drain(seen, since, until, after, now)
            return clamp()
        }
        switch seen.usage {
        case .overuse: reduce(seen, now)
        case .underuse: phase = .hold
        case .normal:
            if phase == .increase { increase(seen, elapsed, now) }
            phase = .increase
        }
        clamp()
    }

    /// A probe, or somebody who knows, showed that the line carries this much.
    mutating func raise(to bitsPerSecond: Double) {
        guard bitsPerSecond > rate, !isDraining else { return }
        if let capacity, bitsPerSecond > capacity.mean { self.capacity = nil }
        ceiling = nil
        rate = bitsPerSecond
        clamp()
    }

    /// A probe showed that the line carries no more than this, in bit/s. Others may have been pushed aside by the probe: not
    /// all that came is this flow's to keep.
    mutating func saturated(at bitsPerSecond: Double, _ now: UInt64) {
        raise(to: bitsPerSecond * 0.8)
        ceiling = (bitsPerSecond, now)
        rate = min(rate, max(bitsPerSecond * Self.saturated, Double(limits.least)))
    }

    /// Something other than delays calls for less.
    mutating func lower(to bitsPerSecond: Double) {
        rate = min(rate, bitsPerSecond)
        clamp()
    }

    private mutating func increase(_ seen: Observation, _ elapsed: Double, _ now: UInt64) {
        guard let throughput = seen.throughput else { return }
        if let capacity, throughput > capacity.mean + 3 * capacity.deviation { self.capacity = nil }
        var most = seen.headroom * throughput + 10_000
        if throughput < rate * Self.limited, let ceiling, now &- ceiling.at < Self.ceilingNanoseconds {
            most = min(max(most, ceiling.rate * Self.saturated), ceiling.rate)
        }
        most = max(most, rate)
        if capacity == nil {
            rate *= 1 + (Self.increasePerSecond - 1) * elapsed
        } else {
            // Half a packet in each response time (§5.5), of a picture of thirty frames a second.
            let frame = rate / 30
            let packet = frame / Double(Int(frame / (1200 * 8)) + 1)
            let response = seen.roundTripNanoseconds / 1e9 + 0.1
            rate += max(4000, 0.5 * packet / response) * elapsed
        }
        rate = min(rate, most)
    }

    private mutating func reduce(_ seen: Observation, _ now: UInt64) {
        // What was sent before the last decrease is still under way.
        if let decreasedAt, now &- decreasedAt < UInt64(min(1e9, seen.roundTripNanoseconds + 100e6)) { return }
        guard let throughput = seen.throughput else {
            rate *= 0.5
            decreasedAt = now
            phase = .hold
            return
        }
        let isLong = seen.queueNanoseconds > Self.longQueueNanoseconds
        // What came while something waited is what the line carries. The longer window may reach back to when less was sent.
        let recent = seen.recentThroughput ?? throughput
        let carried = isLong ? min(throughput, recent) : max(throughput, recent)
        // Little was sent and little waits: this may be no more than a delay that happened to rise.
        let measured = !isLong && throughput < rate * 0.5 ? rate : carried
        decreasedAt = now
        if measured == carried { note(carried) }
        let reduced = min(rate, Self.decrease * measured)
        guard isLong else {
            rate = reduced
            phase = .hold
            return
        }
        hasFallen = reduced < rate * Self.fallen
        phase = .drain(since: now, until: now, rate: reduced)
        drain(seen, now, now &+ Self.drainNanoseconds, reduced, now)
    }

    private mutating func drain(
        _ seen: Observation, _ since: UInt64, _ until: UInt64, _ after: Double, _ now: UInt64
    ) {
        guard seen.queueNanoseconds > Self.shortQueueNanoseconds, now < until else {
            rate = after
            phase = .hold
            return
        }
        var after = after
        // While the queue lasts, what comes through is what the line carries; at first it is still a mixture.
        // Once no more is sent than comes, that is all there is to come, and says nothing of the line.
        if now &- since < 1_000_000_000, let recent = seen.recentThroughput, recent * Self.decrease < after,
            seen.usage == .overuse, seen.recentlySent ?? .infinity > recent
        {
            after = max(recent * Self.decrease, after * 0.7)
            note(recent)
        } else if hasFallen, now &- since >= Self.pureNanoseconds, seen.queueNanoseconds > Self.longQueueNanoseconds,
            let recent = seen.recentThroughput, recent * Self.drained > after
        {
            // All that came in this time had waited: at the beginning there was less in what was measured than that.
            after = recent * Self.drained
        }
        let patience = min(2 * seen.queueNanoseconds, Self.longestDrainNanoseconds - Double(Self.drainNanoseconds))
        phase = .drain(
            since: since, until: max(until, since &+ Self.drainNanoseconds &+ UInt64(max(0, patience))), rate: after)
        rate = min(rate, after * max(Self.leastDrain, 1 - seen.queueNanoseconds / Self.fullQueueNanoseconds))
    }

    private mutating func note(_ carried: Double) {
        guard let known = capacity, abs(carried - known.mean) < 3 * known.deviation else {
            capacity = (carried, carried * 0.1)
            return
        }
        let mean = known.mean + 0.05 * (carried - known.mean)
        let deviation = known.deviation + 0.05 * (abs(carried - mean) - known.deviation)
        capacity = (mean, min(max(deviation, 0.03 * mean), 0.15 * mean))
    }

    private mutating func clamp() { rate = min(max(rate, Double(limits.least)), Double(limits.most)) }
}
