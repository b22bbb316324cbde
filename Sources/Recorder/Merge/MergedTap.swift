import Matroska

/// What two recorders of a meeting had, as if it had come by one tap: in the order of arrival on the first's clock, each packet
/// and each report once.
struct MergedTap {
    /// What one recorder had of the packets that both had together.
    struct Share: Sendable, Hashable {
        var packets: UInt64 = 0
        /// Packets that the other did not have.
        var alone: UInt64 = 0
    }

    /// A recorder writes what came no later than this after other things of the same time: packets that lie about until
    /// their frame is whole, what an uneven clock sets back.
    private static let slackNanoseconds: UInt64 = 2_000_000_000
    /// The same packet does not come to the other recorder later than this.
    private static let memoryNanoseconds: UInt64 = 10_000_000_000
    /// Recorders that had no room within this of each other had none together.
    private static let overflowNanoseconds: UInt64 = 1_000_000_000

    private struct Waiting {
        var arrival: UInt64
        var order: UInt64
        var note: TapNote

        /// By arrival; what came in one moment, by its sequence, for a source must not begin with its second packet.
        func precedes(_ other: Waiting) -> Bool {
            guard arrival == other.arrival else { return arrival < other.arrival }
            switch (note, other.note) {
            case (.packet(let mine, _), .packet(let its, _)):
                guard mine.ssrc == its.ssrc else { return mine.ssrc < its.ssrc }
                let step = Int16(bitPattern: mine.sequence &- its.sequence)
                return step == 0 ? order < other.order : step < 0
            case (.packet, _): return true
            case (_, .packet): return false
            default: return order < other.order
            }
        }
    }
    private final class Side {
        let tap: RecordedTap
        let isSecond: Bool
        var waiting: [Waiting] = []
        /// What is not read yet came no earlier.
        var watermark: UInt64 = 0
        var isAtEnd = false
        /// The latest that it had.
        var latest: UInt64 = 0
        var overflows: [ClosedRange<UInt64>] = []
        var share = Share()

        init(tap: RecordedTap, isSecond: Bool) {
            self.tap = tap
            self.isSecond = isSecond
        }
    }
    private enum Key: Hashable {
        case packet(PacketKey)
        case report(stream: UInt16, rtp: UInt32, ntp: UInt64)
    }

    private let first: Side
    private let second: Side
    private let survey: TieSurvey.Result
    /// The second's streams by the names that they have here.
    private let tracks: [UInt16: RecordedTrack]
    /// Which recorders had it: 1, 2 or both.
    private var seen: [Key: UInt8] = [:]
    private var seenOrder: [(key: Key, at: UInt64)] = []
    private var seenStart = 0
    private var order: UInt64 = 0

    init(_ first: RecordedTap, _ second: RecordedTap, _ survey: TieSurvey.Result) {
        self.first = Side(tap: first, isSecond: false)
        self.second = Side(tap: second, isSecond: true)
        self.survey = survey
        tracks = Self.tracks(survey)
    }

    /// What each had, of all that was taken.
    var shares: (first: Share, second: Share) { (first.share, second.share) }
    var isAtEnd: Bool { Self.isDone(first) && Self.isDone(second) }

    private static func isDone(_ side: Side) -> Bool { side.isAtEnd && side.waiting.isEmpty }

    /// A stream of the second is the first's where they share packets, or where all that is known of them is the same. Others
    /// get numbers that the first has not.
    private static func tracks(_ survey: TieSurvey.Result) -> [UInt16: RecordedTrack] {
        var tracks: [UInt16: RecordedTrack] = [:]
        var nextIndex = UInt16.max
        var nextLeg = UInt32.max
        var legs: [UInt32: UInt32] = [:]
        let usedLegs = Dictionary(survey.firstTracks.values.map { ($0.leg, $0.pointID) }) { $1 }
        for (index, track) in survey.secondTracks.sorted(by: { $0.key < $1.key }) {
            if let mine = survey.streams[index], let known = survey.firstTracks[mine] {
                tracks[index] = known
                continue
            }
            if let mine = survey.firstTracks[index], mine.leg == track.leg, mine.pointID == track.pointID,
                mine.kind == track.kind
            {
                tracks[index] = mine
                continue
            }
            var own = track
            if survey.firstTracks[index] != nil {
                while survey.firstTracks[nextIndex] != nil || survey.secondTracks[nextIndex] != nil { nextIndex -= 1 }
                own.index = nextIndex
                nextIndex -= 1
            }
            if let point = usedLegs[track.leg], point != track.pointID {
                while usedLegs[nextLeg] != nil { nextLeg -= 1 }
                own.leg = legs[track.leg] ?? nextLeg
                if legs.updateValue(own.leg, forKey: track.leg) == nil { nextLeg -= 1 }
            }
            tracks[index] = own
        }
        return tracks
    }

    /// Hands over what came up to `limit` on the first's clock.
    mutating func take(until limit: UInt64, _ body: (TapNote) throws(MatroskaError) -> Void) throws(MatroskaError) {
        try fill(first, to: limit)
        try fill(second, to: limit)
        while let note = next(limit) {
            if let news = admit(note.note, fromSecond: note.isSecond, at: limit) { try body(news) }
        }
        forget(before: limit > Self.memoryNanoseconds ? limit - Self.memoryNanoseconds : 0)
    }

    /// When the first thing that is still to come came; nil where nothing does.
    mutating func peek() throws(MatroskaError) -> UInt64? {
        try fill(first, to: 0)
        try fill(second, to: 0)
        return [first.waiting.last?.arrival, second.waiting.last?.arrival].compactMap { $0 }.min()
    }

    private mutating func fill(_ side: Side, to limit: UInt64) throws(MatroskaError) {
        var hasMore = false
        while !side.isAtEnd, side.watermark <= limit || side.waiting.isEmpty && !hasMore {
            guard let part = try side.tap.next() else {
                side.isAtEnd = true
                break
            }
            let mark = part.watermark > Self.slackNanoseconds ? part.watermark - Self.slackNanoseconds : 0
            side.watermark = max(side.watermark, side.isSecond ? survey.tie.first(of: mark) : mark)
            for note in part.notes {
                let note = side.isSecond ? translate(note) : note
                // What belongs to no moment goes before all others.
                let arrival = note.arrival ?? 0
                side.latest = max(side.latest, arrival)
                if case .overflow(let from, let to) = note { side.overflows.append(min(from, to)...to) }
                side.waiting.append(Waiting(arrival: arrival, order: order, note: note))
                order += 1
                hasMore = true
            }
        }
        // The earliest last, where it is taken from at no cost.
        if hasMore { side.waiting.sort { $1.precedes($0) } }
    }

    private mutating func next(_ limit: UInt64) -> (note: TapNote, isSecond: Bool)? {
        let (mine, other) = (first.waiting.last, second.waiting.last)
        let takesSecond = other.map { other in mine.map(other.precedes) ?? true } ?? false
        guard let chosen = takesSecond ? other : mine, chosen.arrival <= limit else { return nil }
        if takesSecond { second.waiting.removeLast() } else { first.waiting.removeLast() }
        return (chosen.note, takesSecond)
    }

    /// A note of the second's, with the first's clock and numbers.
    private func translate(_ note: TapNote) -> TapNote {
        func index(_ stream: UInt16) -> UInt16 { tracks[stream]?.index ?? stream }
        switch note {
        case .stream(let track): return .stream(tracks[track.index] ?? track)
        case .packet(var head, let payload):
            head.stream = index(head.stream)
            head.arrival = survey.tie.first(of: head.arrival)
            return .packet(head, payload: payload)
        case .senderReport(let stream, let arrival, let rtp, let ntp):
            return .senderReport(stream: index(stream), arrival: survey.tie.first(of: arrival), rtp: rtp, ntp: ntp)
        case .end(let stream, let arrival): return .end(stream: index(stream), arrival: survey.tie.first(of: arrival))
        case .overflow(let from, let to):
            return .overflow(from: survey.tie.first(of: from), to: survey.tie.first(of: to))
        }
    }

    /// Nil for what was there already.
    private mutating func admit(_ note: TapNote, fromSecond: Bool, at limit: UInt64) -> TapNote? {
        switch note {
        case .packet(let head, _): return remember(.packet(PacketKey(head)), fromSecond, limit) ? note : nil
        case .senderReport(let stream, _, let rtp, let ntp):
            return remember(.report(stream: stream, rtp: rtp, ntp: ntp), fromSecond, limit) ? note : nil
        case .overflow(let from, let to):
            return hadNoRoom(fromSecond ? first : second, min(from, to)...to) ? note : nil
        case .stream, .end: return note
        }
    }

    private mutating func remember(_ key: Key, _ fromSecond: Bool, _ limit: UInt64) -> Bool {
        let bit: UInt8 = fromSecond ? 2 : 1
        if let had = seen[key] {
            seen[key] = had | bit
            return false
        }
        seen[key] = bit
        seenOrder.append((key, limit))
        return true
    }

    /// Whether a recorder was not there, or had no room either.
    private func hadNoRoom(_ other: Side, _ period: ClosedRange<UInt64>) -> Bool {
        if other.isAtEnd, other.latest < period.lowerBound { return true }
        let start = period.lowerBound - min(period.lowerBound, Self.overflowNanoseconds)
        let wide = start...(period.upperBound &+ Self.overflowNanoseconds)
        return other.overflows.contains { $0.overlaps(wide) }
    }

    private mutating func forget(before limit: UInt64) {
        while seenStart < seenOrder.count, isAtEnd || seenOrder[seenStart].at < limit {
            let key = seenOrder[seenStart].key
            seenStart += 1
            guard let had = seen.removeValue(forKey: key), case .packet = key else { continue }
            if had & 1 != 0 { first.share.packets += 1 }
            if had & 2 != 0 { second.share.packets += 1 }
            if had == 1 { first.share.alone += 1 }
            if had == 2 { second.share.alone += 1 }
        }
        if seenStart > 50_000 {
            seenOrder.removeFirst(seenStart)
            seenStart = 0
        }
    }
}
