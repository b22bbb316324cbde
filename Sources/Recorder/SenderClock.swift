/// Ties a sender's clock to the bridge's: one leg's sound and picture share it, so that lips match whatever way each took
/// through the network.
final class SenderClock {
    /// The least of what was measured in a window and the one before it: sender reports that waited in a queue say nothing.
    private var minimum = WindowedMinimum(windowNanoseconds: 30_000_000_000)
    /// Beyond this the sender's clock was set, and what was known of it is void.
    private static let step: UInt64 = 2_000_000_000

    /// What to add to the sender's NTP time, in nanoseconds since 1900, to have the bridge's monotonic time.
    var offset: Int64? { minimum.value }

    /// A sender report made at `ntp` (nanoseconds since 1900) arrived.
    func report(ntp: Int64, arrival: Int64) {
        let sample = arrival &- ntp
        if let value = minimum.value, (sample &- value).magnitude > Self.step {
            minimum = WindowedMinimum(windowNanoseconds: 30_000_000_000)
        }
        minimum.add(sample, at: arrival)
    }
}

/// The minimum of the last one to two windows of samples.
struct WindowedMinimum {
    let windowNanoseconds: Int64
    private var current: Int64?
    private var previous: Int64?
    private var windowStart: Int64 = 0

    init(windowNanoseconds: Int64) { self.windowNanoseconds = windowNanoseconds }

    var value: Int64? {
        guard let current else { return previous }
        return previous.map { min($0, current) } ?? current
    }

    mutating func add(_ sample: Int64, at time: Int64) {
        if current != nil, time &- windowStart >= windowNanoseconds {
            previous = current
            current = nil
        }
        if current == nil { windowStart = time }
        current = current.map { min($0, sample) } ?? sample
    }
}

/// Gives each packet of one stream its time on the bridge's monotonic clock.
///
/// Until the first sender report a stream runs by when its packets arrive; from then on by its reports and its leg's
/// `SenderClock`. Corrections are glided in, so that time never runs back, and drift of the sender's clock is followed.
struct StreamClock {
    /// How fast a correction is made: nanoseconds for each elapsed thousand.
    private static let slewPerThousand: Int64 = 50
    /// A difference as great as this is no drift: the stream's timestamps jumped.
    private static let resync: UInt64 = 1_500_000_000

    let clockRate: Int64
    private var arrivals = WindowedMinimum(windowNanoseconds: 10_000_000_000)
    private var reportOffset: Int64?
    private var applied: Int64?
    private var lastMedia: Int64 = 0

    init(clockRate: UInt32) { self.clockRate = Int64(max(1, clockRate)) }

    /// A sender report tied `ticks` of this stream to `ntp`, nanoseconds since 1900.
    mutating func report(ntp: Int64, ticks: Int64) { reportOffset = ntp &- nanoseconds(ticks) }

    /// The time of a packet with extended timestamp `ticks` that arrived at `arrival`.
    mutating func time(ofTicks ticks: Int64, arrival: Int64, sender: SenderClock) -> Int64 {
        let media = nanoseconds(ticks)
        let direct = arrival &- media
        if let applied, (direct &- applied).magnitude > Self.resync {
            // The timestamps jumped: what was known of them is void.
            arrivals = WindowedMinimum(windowNanoseconds: arrivals.windowNanoseconds)
            reportOffset = nil
            self.applied = nil
            lastMedia = media
        }
        arrivals.add(direct, at: arrival)
        var target = arrivals.value ?? direct
        if let reportOffset, let offset = sender.offset {
            let reported = reportOffset &+ offset
            // A report that contradicts the packets themselves is not believed.
            if (reported &- target).magnitude < Self.resync { target = reported }
        }
        if let before = applied {
            let elapsed = max(0, media &- lastMedia)
            let step = elapsed / 1000 &* Self.slewPerThousand
            applied = before &+ min(max(target &- before, -step), step)
        } else {
            applied = target
        }
        lastMedia = max(lastMedia, media)
        return media &+ (applied ?? target)
    }

    private func nanoseconds(_ ticks: Int64) -> Int64 {
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: clockRate)
        return seconds &* 1_000_000_000 &+ rest &* 1_000_000_000 / clockRate
    }
}
