/// Chooses what one receiver is sent: down as soon as its line does not carry what it gets, up again once the line has carried
/// more for a while, and the more carefully the more often that failed. Sound has its rate before any picture.
public struct QualityLadder: Sendable {
    public enum Reason: Sendable, Equatable {
        /// The first choice.
        case start
        /// The line carries less than what was sent.
        case rate
        /// So much is lost that a smaller picture serves better.
        case loss
        /// The line carries more again.
        case recovery
        /// What was sent is not to be had any more.
        case offer
    }

    public struct Decision: Sendable, Equatable {
        public var choice: PictureChoice
        public var reason: Reason

        public init(choice: PictureChoice, reason: Reason) {
            self.choice = choice
            self.reason = reason
        }
    }

    /// Too much for this long is too much; half as much again is at once.
    static let patienceNanoseconds: UInt64 = 600_000_000
    static let severeNanoseconds: UInt64 = 0
    static let severeFactor = 1.5
    /// What a step up must leave free, and a step down.
    static let marginUp = 1.15
    static let marginDown = 1.03
    static let firstWaitNanoseconds: UInt64 = 1_500_000_000
    /// While what the line carries is only being found out, and nothing was too much for it.
    static let startNanoseconds: UInt64 = 4_000_000_000
    static let startWaitNanoseconds: UInt64 = 500_000_000
    /// For how long the best of all that fits must have fitted for the step up to go there at once.
    static let settledNanoseconds: UInt64 = 800_000_000
    static let longestWaitNanoseconds: UInt64 = 32_000_000_000
    /// A step up that lasts less was one too many.
    static let trialNanoseconds: UInt64 = 8_000_000_000
    /// After so long without a step down the past is forgiven.
    static let forgivenessNanoseconds: UInt64 = 60_000_000_000
    static let heavyLoss = 0.3
    static let hopelessLoss = 0.6
    static let lossNanoseconds: UInt64 = 1_500_000_000

    public private(set) var choice = PictureChoice.none
    private var startedAt: UInt64?
    private var exceededSince: UInt64?
    private var lossySince: UInt64?
    /// Since when a better rung than the present one fits, and the worst of those that did.
    private var better: (since: UInt64, choice: PictureChoice)?
    /// The best of them now, and since when none worse was.
    private var top: (since: UInt64, choice: PictureChoice)?
    /// It went down while a queue drained, which says little of what the line carries without one.
    private var isPaused = false
    /// When that was over.
    private var resumedAt: UInt64?
    private var wait = Self.firstWaitNanoseconds
    private var raisedAt: UInt64?
    private var loweredAt: UInt64?

    public init() {}

    /// What could be sent at most, in bit/s, as `BandwidthEstimator.wanted` has it.
    public static func wanted(_ offer: PictureOffer) -> UInt64 {
        let rungs = PictureRungs(offer)
        // Pictures vary, and probes end a little before.
        return UInt64(min(Double(rungs[0].rate) * marginUp * 1.15 + Double(offer.sound), 1e12))
    }

    /// To be called at least every tenth of a second. Returns a decision when the choice changes.
    ///
    /// - Parameters:
    ///   - estimate: what the line carries, in bit/s.
    ///   - loss: of packets, 0...1.
    ///   - isDraining: the estimate is held below what the line carries, till its queue is empty.
    public mutating func decide(
        estimate: UInt64, loss: Double, _ offer: PictureOffer, isDraining: Bool = false, atNanoseconds now: UInt64
    ) -> Decision? {
        let rungs = PictureRungs(offer)
        let budget = Double(estimate) - Double(offer.sound)
        guard startedAt != nil else {
            startedAt = now
            return move(to: rungs[rungs.best(within: budget / Self.marginUp)].choice, .start, now)
        }
        guard let current = rungs.index(of: choice) else {
            return move(to: rungs[rungs.best(within: budget / Self.marginDown)].choice, .offer, now)
        }
        if let loweredAt, now &- loweredAt > Self.forgivenessNanoseconds { wait = Self.firstWaitNanoseconds }
        if isPaused, !isDraining {
            isPaused = false
            resumedAt = now
            let best = rungs.best(within: budget / Self.marginDown)
            if best < current { return move(to: rungs[best].choice, .recovery, now) }
        }
        if let decision = lower(rungs, current, budget, now) {
            isPaused = isDraining
            return decision
        }
        if let decision = yield(rungs, current, loss, now) { return decision }
        return raise(rungs, current, budget, loss, now)
    }

    private mutating func lower(
        _ rungs: PictureRungs, _ current: Int, _ budget: Double, _ now: UInt64
    ) -> Decision? {
        let rate = Double(rungs[current].rate)
        guard rate > 0, rate > budget else {
            exceededSince = nil
            return nil
        }
        let since = exceededSince ?? now
        exceededSince = since
        let patience = rate > budget * Self.severeFactor ? Self.severeNanoseconds : Self.patienceNanoseconds
        guard now &- since >= patience else { return nil }
        if let raisedAt, now &- raisedAt < Self.trialNanoseconds { wait = min(wait * 2, Self.longestWaitNanoseconds) }
        loweredAt = now
        return move(to: rungs[rungs.best(within: budget / Self.marginDown)].choice, .rate, now)
    }

    /// One rung at a time; the last picture is given up only where none would come through.
    private mutating func yield(
        _ rungs: PictureRungs, _ current: Int, _ loss: Double, _ now: UInt64
    ) -> Decision? {
        guard loss > Self.heavyLoss, current < rungs.count - 1 else {
            lossySince = nil
            return nil
        }
        let since = lossySince ?? now
        lossySince = since
        guard now &- since >= Self.lossNanoseconds else { return nil }
        let next = current + 1
        guard next < rungs.count - 1 || loss > Self.hopelessLoss else { return nil }
        lossySince = nil
        loweredAt = now
        return move(to: rungs[next].choice, .loss, now)
    }

    private mutating func raise(
        _ rungs: PictureRungs, _ current: Int, _ budget: Double, _ loss: Double, _ now: UInt64
    ) -> Decision? {
        let best = rungs.best(within: budget / Self.marginUp)
        guard best < current, loss < Self.heavyLoss else {
            better = nil
            top = nil
            return nil
        }
        if let known = top, let index = rungs.index(of: known.choice), index >= best {
            if index > best { top = (now, rungs[best].choice) }
        } else {
            top = (now, rungs[best].choice)
        }
        guard let known = better, let index = rungs.index(of: known.choice), index < current else {
            better = (now, rungs[best].choice)
            return nil
        }
        let worst = max(index, best)
        better = (known.since, rungs[worst].choice)
        let isSettling = isSettling(now)
        guard now &- known.since >= (isSettling ? Self.startWaitNanoseconds : wait) else { return nil }
        if !isSettling { raisedAt = now }
        let isClear = top.map { now &- $0.since >= Self.settledNanoseconds } ?? false
        return move(to: rungs[isClear ? best : worst].choice, .recovery, now)
    }

    /// What the line carries was only just found out, and nothing was too much for it since.
    private func isSettling(_ now: UInt64) -> Bool {
        if let resumedAt, wait == Self.firstWaitNanoseconds { return now &- resumedAt < Self.startNanoseconds }
        return loweredAt == nil && startedAt.map { now &- $0 < Self.startNanoseconds } ?? false
    }

    private mutating func move(to choice: PictureChoice, _ reason: Reason, _ now: UInt64) -> Decision? {
        exceededSince = nil
        better = nil
        top = nil
        guard choice != self.choice || reason == .start else { return nil }
        self.choice = choice
        return Decision(choice: choice, reason: reason)
    }
}
