import Matroska

/// What to add to times of the second recorder's clock to have the first's: known at some moments, a line between them.
struct ClockTie: Sendable, Hashable {
    struct Knot: Sendable, Hashable {
        /// On the second's clock, in nanoseconds.
        var time: UInt64
        var offset: Int64
    }
    /// What the clocks were tied by.
    enum Basis: String, Sendable, Hashable {
        /// Packets, or sender reports, that both had.
        case packets
        /// How the timestamps of a source go on from one recording to the other.
        case timestamps
        case wallClock
    }

    let basis: Basis
    /// In their order; at least one.
    private let knots: [Knot]

    init(basis: Basis, knots: [Knot]) {
        self.basis = basis
        self.knots = knots.isEmpty ? [Knot(time: 0, offset: 0)] : knots
    }

    /// A time of the second's clock on the first's.
    func first(of second: UInt64) -> UInt64 {
        let (offset, clamped) = (offset(at: second), Int64(clamping: second))
        return UInt64(max(0, clamped &+ offset))
    }

    private func offset(at time: UInt64) -> Int64 {
        // The first knot that is not before.
        var (low, high) = (0, knots.count)
        while low < high {
            let middle = (low + high) / 2
            if knots[middle].time < time { low = middle + 1 } else { high = middle }
        }
        guard low < knots.count else { return knots[knots.count - 1].offset }
        guard low > 0, knots[low].time > knots[low - 1].time else { return knots[low].offset }
        let (before, after) = (knots[low - 1], knots[low])
        let share = Double(time - before.time) / Double(after.time - before.time)
        return before.offset &+ Int64((Double(after.offset &- before.offset) * share).rounded())
    }
}

/// Reads the packet files of two recordings for what ties one to the other.
struct TieSurvey {
    /// Two recordings beside each other: their clocks, and which streams of the second are the first's.
    struct Result {
        var tie: ClockTie
        var streams: [UInt16: UInt16] = [:]
        var firstTracks: [UInt16: RecordedTrack] = [:]
        var secondTracks: [UInt16: RecordedTrack] = [:]
    }

    /// Packets of the first that are remembered; beyond them every other one is let go of.
    private static let mostSamples = 200_000
    private static let windowNanoseconds: UInt64 = 10_000_000_000

    /// Sender reports count as packets: a report made by the same clock, of the same instant.
    private enum Key: Hashable {
        case packet(PacketKey)
        case report(rtp: UInt32, ntp: UInt64)

        func isSampled(_ mask: UInt16) -> Bool {
            guard case .packet(let key) = self else { return true }
            return key.sequence & mask == 0
        }
    }
    private struct Sample {
        var arrival: UInt64
        var stream: UInt16
    }
    /// The earliest and the latest packet of a source.
    private struct Span {
        var clockRate: UInt32
        var ends: [(timestamp: UInt32, arrival: UInt64)]
    }

    /// - Parameter areParts: the second was begun after the first had ended.
    static func run(
        _ first: RecordedTap, _ second: RecordedTap, areParts: Bool = false
    ) throws(MatroskaError) -> Result {
        var known: [Key: Sample] = [:]
        var mask: UInt16 = 0
        var result = Result(tie: ClockTie(basis: .wallClock, knots: []))
        let firstSpans = try walk(first, &result.firstTracks) { key, sample in
            guard key.isSampled(mask) else { return }
            known[key] = known[key] ?? sample
            if known.count > mostSamples, mask < .max {
                mask = mask << 1 | 1
                known = known.filter { $0.key.isSampled(mask) }
            }
        }
        var offsets: [(time: UInt64, offset: Int64)] = []
        var votes: [UInt16: [UInt16: Int]] = [:]
        let secondSpans = try walk(second, &result.secondTracks) { key, sample in
            guard let mine = known[key] else { return }
            offsets.append((sample.arrival, Int64(bitPattern: mine.arrival &- sample.arrival)))
            if case .packet = key { votes[sample.stream, default: [:]][mine.stream, default: 0] += 1 }
        }
        for (stream, counts) in votes {
            result.streams[stream] = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        }
        // A source that keeps its number counts anew in another call.
        if areParts {
            result.streams = [:]
            result.tie = wallClockTie(first, second)
        } else if !offsets.isEmpty {
            result.tie = ClockTie(basis: .packets, knots: knots(offsets))
        } else if let offset = offset(firstSpans, secondSpans) {
            result.tie = ClockTie(basis: .timestamps, knots: [ClockTie.Knot(time: 0, offset: offset)])
        } else {
            result.tie = wallClockTie(first, second)
        }
        return result
    }

    private static func wallClockTie(_ first: RecordedTap, _ second: RecordedTap) -> ClockTie {
        let (mine, other) = (first.info.dateNanoseconds ?? 0, second.info.dateNanoseconds ?? 0)
        let offset =
            (other &- mine) &+ Int64(clamping: first.startNanoseconds) &- Int64(clamping: second.startNanoseconds)
        return ClockTie(basis: .wallClock, knots: [ClockTie.Knot(time: 0, offset: offset)])
    }

    private static func walk(
        _ tap: RecordedTap, _ tracks: inout [UInt16: RecordedTrack], _ take: (Key, Sample) -> Void
    ) throws(MatroskaError) -> [UInt32: Span] {
        var spans: [UInt32: Span] = [:]
        while let part = try tap.next() {
            for note in part.notes {
                switch note {
                case .stream(let track): tracks[track.index] = tracks[track.index] ?? track
                case .packet(let head, _):
                    take(.packet(PacketKey(head)), Sample(arrival: head.arrival, stream: head.stream))
                    let end = (timestamp: head.timestamp, arrival: head.arrival)
                    if let span = spans[head.ssrc] {
                        if head.arrival < span.ends[0].arrival { spans[head.ssrc]?.ends[0] = end }
                        if head.arrival > span.ends[1].arrival { spans[head.ssrc]?.ends[1] = end }
                    } else {
                        spans[head.ssrc] = Span(clockRate: head.codec.rtpClockRate, ends: [end, end])
                    }
                case .senderReport(let stream, let arrival, let rtp, let ntp):
                    take(.report(rtp: rtp, ntp: ntp), Sample(arrival: arrival, stream: stream))
                case .end, .overflow: break
                }
            }
        }
        return spans
    }

    /// The median of what was measured in each ten seconds.
    private static func knots(_ offsets: [(time: UInt64, offset: Int64)]) -> [ClockTie.Knot] {
        let sorted = offsets.sorted { $0.time < $1.time }
        var knots: [ClockTie.Knot] = []
        var rest = sorted[...]
        while let start = rest.first?.time {
            let window = rest.prefix { $0.time - start < windowNanoseconds }
            rest = rest.dropFirst(window.count)
            let middle = window.startIndex + window.count / 2
            let values = window.map(\.offset).sorted()
            knots.append(ClockTie.Knot(time: window[middle].time, offset: values[values.count / 2]))
        }
        return knots
    }

    /// By sources that both had, but no packet of them both: where the one ends and the other begins. The median.
    private static func offset(_ first: [UInt32: Span], _ second: [UInt32: Span]) -> Int64? {
        let offsets = first.compactMap { ssrc, mine -> Int64? in
            guard let other = second[ssrc], other.clockRate == mine.clockRate else { return nil }
            let steps = mine.ends.flatMap { mine in
                other.ends.map { other in
                    (
                        ticks: Int64(Int32(bitPattern: other.timestamp &- mine.timestamp)), mine: mine.arrival,
                        other: other.arrival
                    )
                }
            }
            guard let nearest = steps.min(by: { abs($0.ticks) < abs($1.ticks) }) else { return nil }
            let step = nearest.ticks * 1_000_000_000 / Int64(max(1, mine.clockRate))
            return Int64(bitPattern: nearest.mine &- nearest.other) &+ step
        }.sorted()
        return offsets.isEmpty ? nil : offsets[offsets.count / 2]
    }
}
