/// Finds out whether a line carries more than is sent: for a tenth of a second more is sent, filled up with padding or
/// with packets sent again, and what comes of it at the other end is measured.
struct Prober: Sendable {
    static let factor = 2.0
    /// Where the last probe found no more: its queue is what sound has to wait for.
    static let carefulFactor = 1.5
    static let durationNanoseconds: UInt64 = 100_000_000
    static let leastOctets = 6000
    /// A probe that was not filled by then says nothing.
    static let longestNanoseconds: UInt64 = 300_000_000
    static let patienceNanoseconds: UInt64 = 1_500_000_000
    static let firstIntervalNanoseconds: UInt64 = 3_000_000_000
    static let longestIntervalNanoseconds: UInt64 = 4_000_000_000
    static let quickIntervalNanoseconds: UInt64 = 200_000_000
    /// Of what was sent, what must come as fast for the rate to be taken.
    static let passed = 0.88
    /// Packets within this are sent, or come, at once.
    static let burstNanoseconds: Int64 = 2_000_000

    /// Packets in the order of one clock: all of them, and those of the first burst and of the last.
    private struct Span: Sendable {
        var first: Int64 = 0
        var last: Int64 = 0
        var firstBurstEnd: Int64 = 0
        var lastBurstStart: Int64 = 0
        var octets = 0
        var firstBurst = 0
        var lastBurst = 0

        mutating func add(_ time: Int64, _ size: Int) {
            if octets == 0 {
                first = time
                firstBurstEnd = time
                lastBurstStart = time
            }
            if time &- firstBurstEnd <= Prober.burstNanoseconds {
                firstBurstEnd = max(firstBurstEnd, time)
                firstBurst += size
            }
            if time &- last > Prober.burstNanoseconds {
                lastBurstStart = time
                lastBurst = 0
            }
            last = max(last, time)
            lastBurst += size
            octets += size
        }

        /// What left before the last burst, in the time up to it.
        var sentRate: Double? { Self.rate(octets - lastBurst, lastBurstStart &- first) }
        /// What left after the first burst, in the time since: to be held against `arrivalRate`, which is of the same packets.
        var sentAfterFirst: Double? { Self.rate(octets - firstBurst, lastBurstStart &- first) }
        /// What came after the first burst, in the time since.
        var arrivalRate: Double? { Self.rate(octets - firstBurst, last &- firstBurstEnd) }

        private static func rate(_ octets: Int, _ nanoseconds: Int64) -> Double? {
            guard octets > 0, nanoseconds > 1_000_000 else { return nil }
            return Double(octets) * 8e9 / Double(nanoseconds)
        }
    }

    private enum State: Sendable {
        case idle
        case sending
        case awaiting
    }

    enum Result: Sendable, Equatable {
        case none
        /// The line carries this, and it may be more.
        case passed(Double)
        /// It carries no more than this.
        case saturated(Double)
    }

    private var state = State.idle
    /// 1...255; of the probe under way or the last one.
    private var id: UInt8 = 0
    private(set) var rate = 0.0
    private var goal = 0
    private var sent = 0
    private var startedAt: UInt64 = 0
    private var sentSpan = Span()
    private var arrivalSpan = Span()
    private var nextAt: UInt64 = 0
    private var interval = Self.firstIntervalNanoseconds
    /// The last one with a result found no more.
    private var hasFailed = false
    /// Bit/s that the line carried before it was silent.
    private var remembered: Double?

    /// The id that packets sent now carry; 0 for none.
    var currentID: UInt8 {
        if case .sending = state { return id }
        return 0
    }

    /// Begins a probe if one is due and there is something to find.
    mutating func advance(rate current: Double, wanted: Double, isAllowed: Bool, at now: UInt64) {
        switch state {
        case .sending:
            if now &- startedAt > Self.longestNanoseconds {
                // Nobody fills it up: it says nothing.
                state = sent >= goal / 2 ? .awaiting : .idle
                if case .idle = state { nextAt = now &+ interval }
            }
        case .awaiting:
            if now &- startedAt > Self.patienceNanoseconds { give(up: now) }
        case .idle:
            guard isAllowed, now >= nextAt, wanted > current * 1.05 else { return }
            id = id == 255 ? 1 : id + 1
            rate = min(
                max(current * (hasFailed ? Self.carefulFactor : Self.factor), remembered ?? 0), wanted * 1.1)
            remembered = nil
            goal = max(Self.leastOctets, Int(rate / 8 * Double(Self.durationNanoseconds) / 1e9))
            sent = 0
            startedAt = now
            sentSpan = Span()
            arrivalSpan = Span()
            state = .sending
        }
    }

    /// Octets that should leave now beyond what left.
    func paddingDue(at now: UInt64) -> Int {
        guard case .sending = state else { return 0 }
        let elapsed = now > startedAt ? now - startedAt : 0
        // A first packet leaves at once.
        let due = 1200 + Int(rate / 8 * Double(min(elapsed, Self.longestNanoseconds)) / 1e9)
        return max(0, min(due, goal) - sent)
    }

    mutating func count(octets: Int) {
        guard case .sending = state else { return }
        sent += octets
        if sent >= goal { state = .awaiting }
    }

    /// A packet of probe `id` arrived.
    mutating func receive(id: UInt8, octets: Int, sent: Int64, arrival: Int64) {
        guard id == self.id, !isIdle else { return }
        sentSpan.add(sent, octets)
        arrivalSpan.add(arrival, octets)
    }

    /// What the probe found, once most of it has come.
    mutating func result(at now: UInt64) -> Result {
        guard case .awaiting = state, arrivalSpan.octets * 10 >= sent * 7 else { return .none }
        guard let sentRate = sentSpan.sentRate, let sentAfterFirst = sentSpan.sentAfterFirst,
            let arrivalRate = arrivalSpan.arrivalRate
        else {
            // It came as fast as it left, all at once.
            give(up: now)
            return .none
        }
        // There may be more of it under way, but that would not change the verdict.
        state = .idle
        if arrivalRate >= sentAfterFirst * Self.passed {
            interval = Self.firstIntervalNanoseconds
            nextAt = now &+ Self.quickIntervalNanoseconds
            hasFailed = false
            return .passed(min(rate, sentRate, arrivalRate))
        }
        back(off: now)
        hasFailed = true
        return .saturated(arrivalRate)
    }

    /// The line became worse, or another: what was found before is void. What was measured in a fall is mostly too little, so
    /// the next probe comes soon.
    mutating func restart(at now: UInt64) {
        interval = Self.firstIntervalNanoseconds
        nextAt = max(nextAt, now &+ interval / 2)
    }

    /// The line is back after a silence: it may carry at once what it did, in bit/s.
    mutating func remember(_ rate: Double, at now: UInt64) {
        remembered = rate
        interval = Self.firstIntervalNanoseconds
        nextAt = now &+ Self.quickIntervalNanoseconds
    }

    private mutating func give(up now: UInt64) {
        state = .idle
        back(off: now)
    }

    private mutating func back(off now: UInt64) {
        nextAt = now &+ interval
        interval = min(interval + interval / 2, Self.longestIntervalNanoseconds)
    }

    private var isIdle: Bool {
        if case .idle = state { return true }
        return false
    }
}
