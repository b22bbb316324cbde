/// Gives each packet of one stream its time on the bridge's monotonic clock.
///
/// Until the first sender report a stream runs by when its packets arrive, the quickest of them: a queue on the way makes
/// packets late, nothing makes them early. From the first report on it runs by its reports and its leg's `SenderClock`.
/// Corrections are glided in, so that drift of the sender's clock is followed and time never runs back.
struct StreamClock {
    /// How fast a correction is made: nanoseconds for each elapsed thousand.
    private static let slewPerThousand: Int64 = 50
    /// A packet that comes this much before its time shows that what was believed of the stream is wrong.
    private static let early: Int64 = 300_000_000
    /// Packets that come this much after their time, for so long, were not held up: the sender's timestamps stood still.
    private static let late: Int64 = 1_500_000_000
    private static let latePatience: Int64 = 1_000_000_000
    /// No network holds packets up for longer.
    private static let latest: Int64 = 10_000_000_000

    let clockRate: Int64
    private var arrivals = WindowedMinimum(windowNanoseconds: 10_000_000_000)
    private var reportOffset: Int64?
    private var applied: Int64?
    private var lastMedia: Int64 = 0
    private var lateSince: Int64?
    /// How the sender's clock runs beside the bridge's.
    private(set) var drift = DriftMeter()
    /// The latest time given.
    private(set) var lastTime: Int64
    /// What came before a jump is not run over again.
    private var floor: Int64

    /// - Parameter floor: the latest time of whatever the stream was before.
    init(clockRate: UInt32, floor: Int64) {
        self.clockRate = Int64(max(1, clockRate))
        self.floor = floor
        lastTime = floor
    }

    /// A sender report tied `ticks` of this stream to `ntp`, nanoseconds since 1900.
    mutating func report(ntp: Int64, ticks: Int64) {
        guard ntp != 0 else { return }
        reportOffset = ntp &- nanoseconds(ticks)
    }

    /// The time of a packet with extended timestamp `ticks` that arrived at `arrival`.
    mutating func time(ofTicks ticks: Int64, arrival: Int64, sender: SenderClock) -> Int64 {
        let media = nanoseconds(ticks)
        let direct = arrival &- media
        if let applied { resyncIfJumped(direct &- applied, media: media, arrival: arrival) }
        arrivals.add(direct, at: arrival)
        drift.add(offset: direct, at: arrival)
        let least = arrivals.value ?? direct
        var target = least
        if let reportOffset, let offset = sender.offset {
            let reported = reportOffset &+ offset
            // A report that contradicts the packets themselves is not believed.
            if (-Self.late...Self.early).contains(reported &- least) { target = reported }
        }
        let now: Int64
        if let before = applied {
            let step = max(0, media &- lastMedia) / 1000 &* Self.slewPerThousand
            now = before &+ min(max(target &- before, -step), step)
        } else {
            now = target
        }
        applied = now
        lastMedia = max(lastMedia, media)
        let time = max(media &+ now, floor)
        lastTime = max(lastTime, time)
        return time
    }

    private mutating func resyncIfJumped(_ lateness: Int64, media: Int64, arrival: Int64) {
        if lateness <= Self.late { lateSince = nil }
        switch lateness {
        case ..<(-Self.early): break
        case ...Self.late: return
        case ...Self.latest:
            let since = lateSince ?? arrival
            lateSince = since
            guard arrival &- since > Self.latePatience else { return }
        default: break
        }
        arrivals = WindowedMinimum(windowNanoseconds: arrivals.windowNanoseconds)
        drift.restart()
        // Where only the way became shorter, what the reports said still holds.
        if lateness.magnitude > UInt64(Self.late) { reportOffset = nil }
        applied = nil
        lateSince = nil
        lastMedia = media
        floor = lastTime
    }

    private func nanoseconds(_ ticks: Int64) -> Int64 {
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: clockRate)
        return seconds &* 1_000_000_000 &+ rest &* 1_000_000_000 / clockRate
    }
}
