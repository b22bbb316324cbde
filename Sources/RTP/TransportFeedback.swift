/// Why octets are not a transport-wide feedback.
public enum TransportFeedbackMalformed: Error, Sendable, Equatable {
    case shorterThanHeader
    /// None, or so many that their numbers cannot be told apart.
    case badStatusCount
    case chunksPastEnd
    case deltasPastEnd
}

/// Units and sizes of transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
public enum TransportFeedback {
    /// One tick of arrival times: 250 µs.
    public static let tickNanoseconds: Int64 = 250_000
    /// One tick of reference times: 64 ms.
    static let referenceTicks: Int64 = 256
    /// Reference times wrap after this many ticks, 12.4 days.
    public static let wrapTicks: Int64 = 256 << 24
    /// Octets before the chunks, from the base sequence number on.
    static let headerSize = 8
    /// Statuses that a feedback read may hold, beyond which numbers before and after the base look the same.
    public static let mostStatuses = 0x7fff

    /// What a chunk says of a packet; in two bits on the wire.
    enum Symbol: UInt8 {
        case notReceived = 0
        /// A delta of 0...255 ticks, in one octet.
        case smallDelta = 1
        /// A signed delta of sixteen bits.
        case largeDelta = 2
        /// Means nothing; read as not received.
        case reserved = 3
    }
}

/// Reads a transport-wide feedback in place, behind its two SSRCs (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
/// A run of packets that did not arrive is one item, so that what a feedback costs is bound by its octets.
public struct TransportFeedbackReader: ~Escapable {
    public enum Item: Sendable, Equatable {
        /// `count` packets from `sequence` on did not arrive, or not yet.
        case notReceived(sequence: UInt16, count: Int)
        /// `ticks` of 250 µs on the peer's clock, of which the reference time's wrap has been left in.
        case received(sequence: UInt16, ticks: Int64)
    }

    private let bytes: RawSpan
    public let baseSequence: UInt16
    /// Packets told of, 1...`mostStatuses`.
    public let statusCount: Int
    /// Signed 24 bits, of 64 ms.
    public let referenceTime: Int32
    /// Rises by one with each feedback.
    public let feedbackCount: UInt8

    private var ticks: Int64
    private var done = 0
    private var chunkOffset = TransportFeedback.headerSize
    private var deltaOffset: Int
    /// Of the chunk being read: the symbols left, two bits each, the next one in the lowest bits, or one that repeats.
    private var symbols: UInt32 = 0
    private var symbolsLeft = 0
    private var isRun = false

    /// Checks chunks and deltas first, so that reading cannot fail half-way.
    @_lifetime(copy bytes)
    public init(parsing bytes: RawSpan) throws(TransportFeedbackMalformed) {
        guard bytes.byteCount >= TransportFeedback.headerSize else { throw .shorterThanHeader }
        self.bytes = bytes
        baseSequence = bytes.big16(0)
        statusCount = Int(bytes.big16(2))
        guard (1...TransportFeedback.mostStatuses).contains(statusCount) else { throw .badStatusCount }
        let word = bytes.big32(4)
        referenceTime = Int32(bitPattern: word) >> 8
        feedbackCount = UInt8(truncatingIfNeeded: word)
        ticks = Int64(referenceTime) * TransportFeedback.referenceTicks
        var offset = TransportFeedback.headerSize
        var statuses = 0
        var deltas = 0
        while statuses < statusCount {
            guard offset + 2 <= bytes.byteCount else { throw .chunksPastEnd }
            let chunk = Self.chunk(bytes.big16(offset))
            offset += 2
            let taken = min(chunk.count, statusCount - statuses)
            statuses += taken
            if chunk.isRun {
                deltas += taken * Self.deltaSize(TransportFeedback.Symbol(rawValue: UInt8(chunk.symbols & 3)))
            } else {
                for index in 0..<taken {
                    let symbol = UInt8(truncatingIfNeeded: chunk.symbols >> UInt32(index * 2) & 3)
                    deltas += Self.deltaSize(TransportFeedback.Symbol(rawValue: symbol))
                }
            }
            // A run of no packets would be read for ever.
            guard taken > 0 else { throw .badStatusCount }
        }
        deltaOffset = offset
        guard offset + deltas <= bytes.byteCount else { throw .deltasPastEnd }
    }

    /// The next item in the order of sequence numbers; nil at the end.
    public mutating func next() -> Item? {
        guard done < statusCount, let symbol = takeSymbol() else { return nil }
        let sequence = baseSequence &+ UInt16(truncatingIfNeeded: done)
        switch symbol {
        case .smallDelta:
            ticks += Int64(bytes.byte(deltaOffset))
            deltaOffset += 1
        case .largeDelta:
            ticks += Int64(Int16(bitPattern: bytes.big16(deltaOffset)))
            deltaOffset += 2
        case .notReceived, .reserved:
            var count = 1
            if isRun {
                count = min(1 + symbolsLeft, statusCount - done)
                symbolsLeft = 0
            }
            done += count
            return .notReceived(sequence: sequence, count: count)
        }
        done += 1
        return .received(sequence: sequence, ticks: ticks)
    }

    private mutating func takeSymbol() -> TransportFeedback.Symbol? {
        if symbolsLeft == 0 {
            guard chunkOffset + 2 <= bytes.byteCount else { return nil }
            (symbols, symbolsLeft, isRun) = Self.chunk(bytes.big16(chunkOffset))
            chunkOffset += 2
        }
        let symbol = TransportFeedback.Symbol(rawValue: UInt8(truncatingIfNeeded: symbols & 3))
        symbolsLeft -= 1
        if !isRun { symbols >>= 2 }
        return symbol
    }

    private static func deltaSize(_ symbol: TransportFeedback.Symbol?) -> Int {
        switch symbol {
        case .smallDelta: 1
        case .largeDelta: 2
        default: 0
        }
    }

    /// Takes a chunk apart: run length (§3.1.3), or a vector of fourteen symbols of one bit or seven of two (§3.1.4).
    private static func chunk(_ word: UInt16) -> (symbols: UInt32, count: Int, isRun: Bool) {
        if word & 0x8000 == 0 { return (UInt32(word >> 13 & 3), Int(word & 0x1fff), true) }
        var symbols: UInt32 = 0
        if word & 0x4000 == 0 {
            for index in 0..<14 { symbols |= UInt32(word >> (13 - UInt16(index)) & 1) << UInt32(index * 2) }
            return (symbols, 14, false)
        }
        for index in 0..<7 { symbols |= UInt32(word >> (12 - UInt16(index) * 2) & 3) << UInt32(index * 2) }
        return (symbols, 7, false)
    }
}
