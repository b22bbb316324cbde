/// The rate over a line of which the peer tells by receiver reports alone, about every five seconds (RFC 3550 §6.2), and in
/// between only that its picture broke (RFC 4585 §6.3.1, RFC 5104 §4.3.1). Nothing in them measures what a line carries that is
/// not full, so that the line is open till something shows that it is too narrow; then little is sent, and after a while
/// more is tried.
///
/// Losses of a few percent are no such sign. Larger ones that stay when less is sent are the line's own.
struct ReportedRate: Sendable {
    enum Phase: Sendable, Equatable {
        /// Nothing bounds what is sent.
        case open
        /// Little is sent. `before`: bit/s that were allowed; `loss`: what was lost then, nil till a report tells it.
        case held(since: UInt64, before: Double, loss: Double?)
        /// More is sent again; after a failure it is `before` once more, in bit/s.
        case trial(since: UInt64, before: Double)
    }

    static let excessiveLoss = 0.1
    /// Less than this, lost while a picture broke again and again, is a line that loses by itself.
    static let pardonedLoss = 0.06
    /// Where so much is always lost, a broken picture is no news.
    static let usualLoss = 0.01
    static let decrease = 0.85
    /// Of the loss before, what must be left of it at less rate for it to be the line's own.
    static let inherentPart = 0.6
    static let leastPackets = 10
    static let leastPictures = 30
    /// A report that comes later tells of nothing that was sent before.
    static let reportNanoseconds: UInt64 = 6_000_000_000
    /// After a keyframe was sent, within which a complaint is still about the picture before it.
    static let keyframeNanoseconds: UInt64 = 300_000_000
    /// Complaints farther apart have nothing to do with each other.
    static let complaintNanoseconds: UInt64 = 2_000_000_000
    /// Before a report showed that pictures come, for a peer may take a while to begin; and afterwards.
    static let firstComplaints = 4
    static let fewComplaints = 2
    static let mostComplaints = 16
    static let firstWaitNanoseconds: UInt64 = 15_000_000_000
    static let longestWaitNanoseconds: UInt64 = 160_000_000_000
    static let forgivenessNanoseconds: UInt64 = 60_000_000_000
    static let stepNanoseconds: UInt64 = 1_000_000_000
    /// Of the rate, more than which has to be reported on before there is more.
    static let used = 0.5
    /// Of what is wanted, up to which a trial goes: pictures vary.
    static let ample = 2.0
    /// Without a report or a complaint for so long, a trial has passed.
    static let trialNanoseconds: UInt64 = 12_000_000_000

    let limits: RateLimits
    /// Bit/s.
    private(set) var rate: Double
    private(set) var phase = Phase.open
    /// What the line loses by itself; 0...1.
    private(set) var inherent = 0.0
    private var complaints = 0
    private var complainedAt: UInt64?
    private var complaintsNeeded = Self.firstComplaints
    /// Complaints turned out to mean little.
    private var wasPardoned = false
    private var wait = Self.firstWaitNanoseconds
    private var retryAt: UInt64 = 0
    private var steppedAt: UInt64 = 0
    private var openSince: UInt64 = 0

    init(_ limits: RateLimits) {
        self.limits = limits
        rate = Double(limits.most)
    }

    /// A report on one stream.
    struct Report {
        /// 0...1, of `packets`.
        var loss: Double
        var packets: Int
        var isOfPicture: Bool
        /// The round trip grew as it does when a queue fills.
        var isQueueing: Bool
        /// Bit/s that are sent, nil where it is not known.
        var sent: Double?
    }

    mutating func handle(_ report: Report, at now: UInt64) {
        guard report.packets >= Self.leastPackets else { return }
        if report.loss < inherent { inherent += (report.loss - inherent) * 0.5 }
        let isExcessive = report.loss - inherent > Self.excessiveLoss || report.isQueueing
        switch phase {
        case .open:
            if isExcessive {
                let sent = min(report.sent ?? rate, rate)
                hold(at: sent * (1 - report.loss) * Self.decrease, report.loss, now)
            } else if report.isOfPicture {
                if report.loss < Self.usualLoss, complaintsNeeded == Self.firstComplaints, !wasPardoned {
                    complaintsNeeded = Self.fewComplaints
                }
                inherent = max(inherent, min(report.loss, Self.excessiveLoss) * 0.5)
            }
        case .held(let since, let before, .none):
            guard report.isOfPicture, report.packets >= Self.leastPictures else { return }
            guard report.loss < Self.pardonedLoss, !report.isQueueing else {
                phase = .held(since: since, before: before, loss: report.loss)
                return
            }
            complaintsNeeded = min(complaintsNeeded * 2, Self.mostComplaints)
            wasPardoned = true
            inherent = max(inherent, report.loss)
            open(before, now)
        case .held(let since, let before, .some(let loss)):
            guard now &- since > Self.reportNanoseconds, isExcessive, !report.isQueueing else { return }
            guard report.loss < loss * Self.inherentPart else {
                inherent = max(inherent, report.loss)
                return open(before, now)
            }
            rate = max(rate * (1 - report.loss), Double(limits.least))
            retryAt = max(retryAt, now &+ wait)
        case .trial(let since, let before):
            if isExcessive { return fail(before, now) }
            guard now &- since > Self.reportNanoseconds || now &- steppedAt > Self.reportNanoseconds else { return }
            open(Double(limits.most), now)
        }
    }

    /// The peer cannot decode what it gets, though it was sent a keyframe at `keyframeSentAt`.
    mutating func complain(keyframeSentAt: UInt64, at now: UInt64) {
        guard inherent < Self.usualLoss, now > keyframeSentAt, now - keyframeSentAt >= Self.keyframeNanoseconds
        else { return }
        if let last = complainedAt, now &- last < Self.complaintNanoseconds {
            // Of the same picture as the one before.
            guard keyframeSentAt > last else { return }
            complaints += 1
        } else {
            complaints = 1
        }
        complainedAt = now
        switch phase {
        case .open where complaints >= complaintsNeeded: hold(at: Double(limits.start), nil, now)
        case .held where complaints >= complaintsNeeded:
            rate = max(rate / 2, Double(limits.least))
            retryAt = max(retryAt, now &+ wait)
            complaints = 0
        // Of what was sent before, the peer may complain for long.
        case .trial(let since, let before) where keyframeSentAt > since: fail(before, now)
        case .open, .held, .trial: break
        }
    }

    var isOnTrial: Bool {
        if case .trial = phase { return true }
        return false
    }

    /// Time goes on; `sent` and `wanted` are bit/s.
    mutating func advance(sent: Double?, wanted: Double, at now: UInt64) {
        switch phase {
        case .open:
            if now &- openSince > Self.forgivenessNanoseconds {
                wait = Self.firstWaitNanoseconds
                complaintsNeeded = min(complaintsNeeded, Self.firstComplaints)
                wasPardoned = false
            }
        case .held:
            guard now >= retryAt, wanted > rate else { return }
            phase = .trial(since: now, before: rate)
            step(now)
        case .trial(let since, _):
            // What lies far below the next better picture is passed through without waiting for a report on it.
            if now &- steppedAt >= Self.stepNanoseconds, sent ?? 0 < rate * Self.used, rate < wanted * Self.ample {
                step(now)
            }
            if now &- since > Self.trialNanoseconds, now &- steppedAt > Self.trialNanoseconds {
                open(Double(limits.most), now)
            }
        }
    }

    private mutating func step(_ now: UInt64) {
        steppedAt = now
        rate = min(rate * 2, Double(limits.most))
    }

    private mutating func open(_ rate: Double, _ now: UInt64) {
        self.rate = rate
        phase = .open
        openSince = now
        complaints = 0
    }

    private mutating func hold(at rate: Double, _ loss: Double?, _ now: UInt64) {
        phase = .held(since: now, before: self.rate, loss: loss)
        self.rate = min(max(rate, Double(limits.least)), self.rate)
        retryAt = now &+ wait
        complaints = 0
    }

    private mutating func fail(_ before: Double, _ now: UInt64) {
        wait = min(wait * 2, Self.longestWaitNanoseconds)
        phase = .held(since: now, before: Double(limits.most), loss: 1)
        rate = before
        retryAt = now &+ wait
        complaints = 0
    }
}
