/// The rate that losses allow (draft-ietf-rmcat-gcc-02 §6), for lines whose queues are too short to be heard as delay.
///
/// The draft takes every loss above a tenth for congestion, and so starves on a line that loses as much by itself, as radio
/// does. Here a decrease is a trial: where less is lost at less rate it stands; where just as much is lost, that much is the
/// line's own, and only what comes on top counts. What a queue that was heard filling up lost is left to who heard it.
struct LossBound: Sendable {
    static let tolerated = 0.02
    static let excessive = 0.1
    static let mostInherent = 0.5
    static let increase = 1.05
    static let windowNanoseconds: UInt64 = 500_000_000
    static let longestWindowNanoseconds: UInt64 = 1_000_000_000
    static let windowPackets = 40
    static let leastPackets = 10
    /// Windows in which a lower rate must have helped.
    static let trialWindows = 3

    private struct Trial: Sendable {
        var rateBefore: Double
        var lossBefore: Double
        var windows = 0
        var lost = 0
        var total = 0
    }

    /// Bit/s; nil while losses bound nothing.
    private(set) var rate: Double?
    /// Of packets, in the last window; 0...1.
    private(set) var loss = 0.0
    /// What the line loses by itself; 0...1.
    private(set) var inherent = 0.0
    /// Over the last few windows, and over the last twenty; 0...1.
    private var recent = 0.0
    private var usual = 0.0
    private var trial: Trial?
    private var lost = 0
    private var total = 0
    private var since: UInt64?
    /// In this window.
    private var hasQueued = false

    /// - Parameters:
    ///   - lost: below zero for packets that were taken for lost and came after all.
    ///   - rate: what would be sent, in bit/s.
    ///   - isQueueing: delays say that the line is full, so that losses are no property of its.
    mutating func add(lost: Int, received: Int, rate target: Double, isQueueing: Bool, at now: UInt64) {
        self.lost += lost
        total += lost + received
        hasQueued = hasQueued || isQueueing
        guard let since else {
            since = now
            return
        }
        let elapsed = now > since ? now - since : 0
        guard
            elapsed >= Self.windowNanoseconds && total >= Self.windowPackets
                || elapsed >= Self.longestWindowNanoseconds && total >= Self.leastPackets
        else { return }
        close(target, hasQueued)
        hasQueued = false
        self.lost = 0
        total = 0
        self.since = now
    }

    /// More than this has just been seen to pass.
    mutating func raise(to bitsPerSecond: Double) { if let rate, rate < bitsPerSecond { self.rate = bitsPerSecond } }

    private mutating func close(_ target: Double, _ isQueueing: Bool) {
        loss = Double(max(0, lost)) / Double(max(1, total))
        recent += (loss - recent) * 0.4
        if !isQueueing { usual += (loss - usual) * 0.05 }
        if usual < inherent { inherent += (usual - inherent) * 0.2 }
        if trial != nil { judge(isQueueing) }
        guard !isQueueing else { return }
        let excess = recent - inherent
        if excess > Self.excessive, loss > inherent + Self.excessive / 2 {
            let before = min(rate ?? target, target)
            if trial == nil { trial = Trial(rateBefore: before, lossBefore: recent) }
            rate = before * (1 - excess)
        } else if excess < Self.tolerated, let bound = rate {
            let raised = bound * Self.increase
            rate = raised > target * 2 ? nil : raised
        }
    }

    private mutating func judge(_ isQueueing: Bool) {
        guard var trial else { return }
        guard !isQueueing else {
            self.trial = nil
            return
        }
        trial.windows += 1
        trial.lost += lost
        trial.total += total
        self.trial = trial
        guard trial.windows >= Self.trialWindows else { return }
        let still = Double(trial.lost) / Double(max(1, trial.total))
        self.trial = nil
        guard still > trial.lossBefore * 0.6 else { return }
        inherent = min(max(inherent, still, usual), Self.mostInherent)
        rate = trial.rateBefore
    }
}
