import RTP

/// What receiver reports say of a line: how many packets of each stream were lost since the one before, and whether the round
/// trip grows as it does when a queue fills (RFC 3550 §6.4.1).
struct ReportedLine: Sendable {
    static let streams = 4
    static let queueNanoseconds: UInt64 = 200_000_000
    static let epochNanoseconds: UInt64 = 30_000_000_000

    private struct Stream: Sendable {
        var ssrc: UInt32 = 0
        var highest: UInt32 = 0
        var isKnown = false
    }

    private var known = InlineArray<4, Stream>(repeating: Stream())
    private var nextSlot = 0
    private var least: UInt64 = .max
    private var leastBefore: UInt64 = .max
    private var epoch: UInt64 = 0
    /// The last round trips were long and did not get shorter.
    private(set) var isQueueing = false
    private var lastRoundTrip: UInt64 = 0

    /// Packets that the reporter expected since its last report, and how many of them it lacked.
    mutating func add(
        _ block: RTCPReportBlock, _ roundTrip: UInt64?, at now: UInt64
    ) -> (expected: Int, lost: Int) {
        if let roundTrip { note(roundTrip, now) }
        for index in 0..<Self.streams where known[index].isKnown && known[index].ssrc == block.ssrc {
            let expected = Int32(bitPattern: block.extendedHighestSequence &- known[index].highest)
            known[index].highest = block.extendedHighestSequence
            guard (1...100_000).contains(expected) else { return (0, 0) }
            return (Int(expected), Int(expected) * Int(block.fractionLost) / 256)
        }
        known[nextSlot] = Stream(ssrc: block.ssrc, highest: block.extendedHighestSequence, isKnown: true)
        nextSlot = (nextSlot + 1) % Self.streams
        return (0, 0)
    }

    private mutating func note(_ roundTrip: UInt64, _ now: UInt64) {
        if now < epoch || now - epoch > Self.epochNanoseconds {
            leastBefore = least
            least = roundTrip
            epoch = now
        }
        least = min(least, roundTrip)
        let wait = roundTrip - min(least, leastBefore, roundTrip)
        isQueueing = wait > Self.queueNanoseconds && roundTrip >= lastRoundTrip
        lastRoundTrip = roundTrip
    }
}
