/// Finds what is missing of one stream, from its packets in order and the times that they were given.
struct GapWatch {
    /// A hole in sound that nothing was lost in is told when it is as long as this. Opus sends something at least every
    /// 400 ms while it suppresses silence.
    private static let leastSilence: Int64 = 500_000_000
    /// The same of pictures: a document camera sends few.
    private static let leastStill: Int64 = 2_000_000_000
    /// As far as numbers alone say what was lost (as `PacketReorderer` has it); beyond it the sender may have begun anew.
    private static let longestLoss: UInt16 = 3_000
    /// How far the sender's time may stray from the arrivals in a long gap, besides a thousandth of it.
    private static let stray: Int64 = 2_000_000_000

    private(set) var gaps = GapList()
    /// Packets that were lost in gaps that are longer than `PacketReorderer` counts; of pictures at least so many.
    private(set) var lostInLongGaps: UInt64 = 0
    private var last: Packet?
    /// Where the source before this one ended, and whether that was told.
    private var former: (end: Int64, wasTold: Bool)?
    /// Pictures between two frames, as far as known.
    private var frameNanoseconds: Int64 = 40_000_000
    /// Since when pictures are missing of which the next whole one is not there yet.
    private var lossSince: (start: Int64, cause: Gap.Cause)?
    /// The last loss that a picture ended, of which the first packets may be missing too.
    private var lossEnded: (at: Int64, cause: Gap.Cause)?
    /// Since when pictures build on what was lost.
    private var damagedSince: Int64?

    /// A packet of a stream, with its time in the master.
    struct Packet {
        var sequence: UInt16
        /// Extended timestamp, and how long its sound is, in ticks; 0 of pictures.
        var ticks: Int64
        var duration: Int64
        var time: Int64
        /// When it came, on the monotonic clock.
        var arrival: UInt64
        /// The last packet of its frame.
        var hasMarker: Bool
    }

    // MARK: Sound

    mutating func take(sound packet: Packet, clockRate: Int64, _ overflow: OverflowWatch) {
        defer { last = packet }
        func nanoseconds(_ ticks: Int64) -> Int64 { ticks &* 1_000_000_000 / max(1, clockRate) }
        guard let last else { return resume(at: packet.time) }
        let end = last.time &+ nanoseconds(last.duration)
        let lost = lost(between: last, and: packet, clockRate)
        var from = end
        if lost > 0 {
            // Silence that was not sent is not lost.
            let hole = max(0, packet.ticks &- last.ticks &- last.duration)
            let missing = nanoseconds(min(hole, lost &* max(last.duration, packet.duration)))
            from = end &+ missing
            gaps.add(Gap(overflow.cause(between: last.arrival, and: packet.arrival), from: end, to: from))
        }
        if packet.time &- from >= Self.leastSilence { gaps.add(Gap(.notSent, from: from, to: packet.time)) }
    }

    // MARK: Pictures

    mutating func take(picture packet: Packet, clockRate: Int64, _ overflow: OverflowWatch) {
        defer { last = packet }
        guard let last else { return resume(at: packet.time) }
        let isNewFrame = packet.ticks != last.ticks
        let between = packet.time &- last.time
        if lost(between: last, and: packet, clockRate) > 0, lossSince == nil {
            let isWhole = isNewFrame && last.hasMarker
            lossSince = (
                isWhole ? min(packet.time, last.time &+ frameNanoseconds) : last.time,
                overflow.cause(between: last.arrival, and: packet.arrival)
            )
        } else if isNewFrame, between > 0 {
            if between >= Self.leastStill {
                gaps.add(Gap(.notSent, from: last.time &+ frameNanoseconds, to: packet.time))
            } else {
                frameNanoseconds = between
            }
        }
        if isNewFrame { endLoss(at: packet.time) }
    }

    /// What became of the pictures that the packet just taken led to.
    mutating func note(_ outcome: FrameAssembler.Outcome, _ overflow: OverflowWatch) {
        guard let last else { return }
        if outcome.isKeyframe {
            endLoss(at: last.time)
            if let since = damagedSince { gaps.add(Gap(.damaged, from: since, to: last.time)) }
            damagedSince = nil
        } else if outcome.dropped > 0, lossSince == nil {
            let isOfTheSame = lossEnded?.at == last.time
            lossSince = (last.time, isOfTheSame ? lossEnded?.cause ?? .lost : .lost)
        }
    }

    private mutating func endLoss(at time: Int64) {
        guard let loss = lossSince, time > loss.start else { return }
        gaps.add(Gap(loss.cause, from: loss.start, to: time))
        lossSince = nil
        lossEnded = (time, loss.cause)
        damagedSince = damagedSince ?? time
    }

    // MARK: Both

    /// Packets lost between two that follow each other. A gap of more than `longestLoss` is one where the sender's time went on
    /// with ours; where it did not, the sender began anew, and nobody knows what it had sent. Numbers come round after 65,536:
    /// of sound, whose packets all are as long, the time that passed says how often; of pictures the fewest are told.
    private mutating func lost(between last: Packet, and packet: Packet, _ clockRate: Int64) -> Int64 {
        let step = packet.sequence &- last.sequence
        let isShort = (1...Self.longestLoss).contains(step)
        let told = Int64(step == 0 ? 65_536 : Int(step)) - 1
        let ticks = packet.ticks &- last.ticks
        let length = max(last.duration, packet.duration)
        guard !isShort || (length > 0 && ticks / length > 32_768) else { return told }
        guard ticks > 0, packet.arrival > last.arrival else { return isShort ? told : 0 }
        let sent = ticks &* 1_000_000_000 / max(1, clockRate)
        let came = Int64(clamping: packet.arrival &- last.arrival)
        guard abs(sent &- came) <= Self.stray &+ came / 1_000 else { return isShort ? told : 0 }
        var lost = told
        if length > 0 {
            let whole = ticks / length - 1
            let rounds = max(0, (whole - told + 32_768) / 65_536) * 65_536
            // A pause of another length was silence.
            if abs(whole - told - rounds) <= whole / 100 { lost += rounds }
        }
        lostInLongGaps &+= UInt64(isShort ? lost - told : lost)
        return lost
    }

    /// The source ends, or begins anew. `wasTold` where the worker said so: it left, is muted or held, or the recording pauses.
    mutating func end(wasTold: Bool, clockRate: Int64) {
        if let last {
            let end = last.time &+ last.duration &* 1_000_000_000 / max(1, clockRate)
            endLoss(at: end)
            if let since = damagedSince { gaps.add(Gap(.damaged, from: since, to: end)) }
            former = (end, wasTold)
        } else if wasTold {
            former?.wasTold = true
        }
        damagedSince = nil
        lossSince = nil
        last = nil
    }

    private mutating func resume(at time: Int64) {
        guard let former, time &- former.end >= Self.leastSilence else { return }
        gaps.add(Gap(former.wasTold ? .away : .notSent, from: former.end, to: time))
    }
}

/// When the way to the recorder had no room, so that what is missing from then is not blamed on the line.
final class OverflowWatch {
    /// Looked for while packets wait for those before them; older ones explain nothing any more.
    private static let mostPeriods = 16
    /// Periods that lie closer than this are one.
    private static let seamNanoseconds: UInt64 = 1_000_000_000

    private var droppedEntries: UInt64 = 0
    private var lookedAt: UInt64 = 0
    /// In their order.
    private var periods: [ClosedRange<UInt64>] = []

    /// Looks at the way's count, `now` on the monotonic clock. Returns when there was no room, where that is news.
    func look(at droppedEntries: UInt64, now: UInt64) -> ClosedRange<UInt64>? {
        defer { lookedAt = max(lookedAt, now) }
        guard droppedEntries > self.droppedEntries else { return nil }
        self.droppedEntries = droppedEntries
        let period = min(lookedAt, now)...now
        add(period)
        return period
    }

    func add(_ period: ClosedRange<UInt64>) {
        if let last = periods.last, period.lowerBound <= last.upperBound &+ Self.seamNanoseconds {
            let start = min(last.lowerBound, period.lowerBound)
            periods[periods.count - 1] = start...max(last.upperBound, period.upperBound)
        } else {
            periods.append(period)
            if periods.count > Self.mostPeriods { periods.removeFirst() }
        }
    }

    func cause(between start: UInt64, and end: UInt64) -> Gap.Cause {
        guard start <= end, periods.contains(where: { $0.overlaps(start...end) }) else { return .lost }
        return .recorder
    }
}
