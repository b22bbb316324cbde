extension RTCPBuilder {
    /// Statuses that one feedback is given, so that it fits a datagram whatever they are.
    public static let mostFeedbackStatuses = 400

    /// A transport-wide feedback on `count` packets from `baseSequence` on
    /// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1). Returns how many of them it tells of: up to the last that
    /// arrived, and fewer where the buffer ends, two arrivals lie 8 s apart, or there are more than `mostFeedbackStatuses`; 0
    /// when nothing was written, as where none of these arrived.
    ///
    /// - Parameter arrival: nanoseconds at which the packet at an index came; nil for one that did not.
    public mutating func transportFeedback(
        sender: UInt32, media: UInt32, baseSequence: UInt16, feedbackCount: UInt8, count: Int,
        arrival: (Int) -> UInt64?
    ) -> Int {
        let most = min(count, Self.mostFeedbackStatuses)
        var index = 0
        while index < most, arrival(index) == nil { index += 1 }
        guard index < most, let first = arrival(index) else { return 0 }
        let room = capacityLeft - 12 - TransportFeedback.headerSize
        let start = Self.ticks(first)
        let reference = start / TransportFeedback.referenceTicks
        var symbols = FeedbackSymbols()
        symbols.gather(
            most, room: room, from: reference * TransportFeedback.referenceTicks,
            arrival: arrival)
        guard symbols.count > 0 else { return 0 }
        let size = 12 + TransportFeedback.headerSize + symbols.chunkSize + symbols.deltaSize
        guard let base = begin(RTCPType.transportFeedback, count: RTCPType.transportWide, size: (size + 3) & ~3) else {
            return 0
        }
        base.setBig32(sender, 4)
        base.setBig32(media, 8)
        base.setBig16(baseSequence, 12)
        base.setBig16(UInt16(truncatingIfNeeded: symbols.count), 14)
        base.setBig32(UInt32(truncatingIfNeeded: reference) << 8 | UInt32(feedbackCount), 16)
        var offset = 20
        symbols.forEachChunk { chunk in
            base.setBig16(chunk, offset)
            offset += 2
        }
        var last = reference * TransportFeedback.referenceTicks
        for index in 0..<symbols.count where symbols[index] != .notReceived {
            guard let nanoseconds = arrival(index) else { continue }
            let delta = Self.ticks(nanoseconds) - last
            last += delta
            if symbols[index] == .smallDelta {
                base.setByte(UInt8(truncatingIfNeeded: delta), offset)
                offset += 1
            } else {
                base.setBig16(UInt16(truncatingIfNeeded: delta), offset)
                offset += 2
            }
        }
        while offset & 3 != 0 {
            base.setByte(0, offset)
            offset += 1
        }
        return symbols.count
    }

    fileprivate static func ticks(_ nanoseconds: UInt64) -> Int64 {
        Int64(nanoseconds / UInt64(TransportFeedback.tickNanoseconds))
    }

    /// What a receiver can take in all, said of the SSRCs `sources`, at most 255 (draft-alvestrand-rmcat-remb-03 §2.2).
    /// Rates that eighteen bits cannot hold are rounded down.
    @discardableResult
    public mutating func receiverEstimatedMaximumBitrate(
        sender: UInt32, bitsPerSecond: UInt64, sources: some Collection<UInt32>
    ) -> Bool {
        guard sources.count <= 255,
            let base = begin(
                RTCPType.payloadFeedback, count: RTCPType.applicationLayer, size: 20 + sources.count * 4)
        else { return false }
        base.setBig32(sender, 4)
        base.setBig32(0, 8)
        base.setBig32(0x5245_4d42, 12)
        let exponent = UInt64(max(0, 64 - 18 - bitsPerSecond.leadingZeroBitCount))
        let mantissa = UInt32(truncatingIfNeeded: bitsPerSecond >> exponent)
        base.setBig32(
            UInt32(truncatingIfNeeded: sources.count) << 24 | UInt32(truncatingIfNeeded: exponent) << 18 | mantissa, 16)
        var offset = 20
        for source in sources {
            base.setBig32(source, offset)
            offset += 4
        }
        return true
    }
}

/// The statuses of a feedback that is being written, and how they are best put into chunks.
private struct FeedbackSymbols {
    private var symbols = InlineArray<400, UInt8>(repeating: 0)
    private(set) var count = 0
    private(set) var deltaSize = 0
    private(set) var chunkSize = 0

    subscript(index: Int) -> TransportFeedback.Symbol {
        TransportFeedback.Symbol(rawValue: symbols[index]) ?? .notReceived
    }

    /// Takes statuses in while they fit into `room` octets. What did not arrive behind the last that did is left out.
    mutating func gather(_ most: Int, room: Int, from start: Int64, arrival: (Int) -> UInt64?) {
        var last = start
        var deltas = 0
        var index = 0
        while index < min(most, symbols.count) {
            if let nanoseconds = arrival(index) {
                let ticks = RTCPBuilder.ticks(nanoseconds)
                let delta = ticks - last
                guard Int16(exactly: delta) != nil else { break }
                let isSmall = (0...255).contains(delta)
                deltas += isSmall ? 1 : 2
                // In the worst case a chunk holds seven statuses.
                guard deltas + (index / 7 + 1) * 2 + 3 <= room else { break }
                last = ticks
                symbols[index] = (isSmall ? TransportFeedback.Symbol.smallDelta : .largeDelta).rawValue
                count = index + 1
                deltaSize = deltas
            }
            index += 1
        }
        var size = 0
        forEachChunk { _ in size += 2 }
        chunkSize = size
    }

    /// A run where it holds more than a vector would, or all the rest; otherwise the vector that holds more.
    func forEachChunk(_ body: (UInt16) -> Void) {
        var index = 0
        while index < count {
            let symbol = symbols[index]
            var run = 1
            while index + run < count, symbols[index + run] == symbol { run += 1 }
            if run >= 14 || index + run == count || symbol == TransportFeedback.Symbol.largeDelta.rawValue && run >= 7 {
                body(UInt16(symbol) << 13 | UInt16(run))
                index += run
                continue
            }
            let wide = min(14, count - index)
            var needsTwoBits = false
            for next in 0..<wide where symbols[index + next] > 1 { needsTwoBits = true }
            let taken = needsTwoBits ? min(7, wide) : wide
            var chunk: UInt16 = needsTwoBits ? 0xc000 : 0x8000
            for next in 0..<taken {
                let shift = needsTwoBits ? 12 - next * 2 : 13 - next
                chunk |= UInt16(symbols[index + next]) << UInt16(shift)
            }
            body(chunk)
            index += taken
        }
    }
}
