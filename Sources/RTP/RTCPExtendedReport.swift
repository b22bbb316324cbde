/// What is told a peer that gave its reference time: when, so that it may work out the round trip (RFC 3611 §4.5).
public struct RTCPReferenceDelay: Sendable, Equatable {
    /// The peer.
    public var ssrc: UInt32
    /// The middle 32 bits of its last reference time.
    public var lastReference: UInt32
    /// In 1/65,536 s.
    public var delaySinceLastReference: UInt32

    public init(ssrc: UInt32, lastReference: UInt32, delaySinceLastReference: UInt32) {
        self.ssrc = ssrc
        self.lastReference = lastReference
        self.delaySinceLastReference = delaySinceLastReference
    }
}

/// How packets of a source came in since the summary before: lost ones and the spread of their transit times (RFC 3611
/// §4.6). Packets that came twice are not counted.
public struct RTCPStatisticsSummary: Sendable, Equatable {
    /// The source reported on.
    public var ssrc: UInt32
    /// The first packet, and the one after the last.
    public var beginSequence: UInt16
    public var endSequence: UInt16
    public var lost: UInt32
    /// Of the differences in transit time between packets that follow each other, in timestamp ticks.
    public var leastJitter: UInt32
    public var mostJitter: UInt32
    public var meanJitter: UInt32
    public var deviationOfJitter: UInt32

    public init(
        ssrc: UInt32, beginSequence: UInt16, endSequence: UInt16, lost: UInt32, leastJitter: UInt32,
        mostJitter: UInt32, meanJitter: UInt32, deviationOfJitter: UInt32
    ) {
        self.ssrc = ssrc
        self.beginSequence = beginSequence
        self.endSequence = endSequence
        self.lost = lost
        self.leastJitter = leastJitter
        self.mostJitter = mostJitter
        self.meanJitter = meanJitter
        self.deviationOfJitter = deviationOfJitter
    }
}

/// Block types and sizes in octets, headers included (RFC 3611 §4).
enum RTCPExtendedBlock {
    static let receiverReferenceTime: UInt8 = 4
    static let delaySinceReference: UInt8 = 5
    static let statisticsSummary: UInt8 = 6
    static let receiverReferenceTimeSize = 12
    static let delaySinceReferenceSize = 16
    static let statisticsSummarySize = 40
    /// What a summary holds: loss, and jitter.
    static let lossAndJitter: UInt8 = 0xA0
}

extension RTCPBuilder {
    /// A receiver's reference time (RFC 3611 §4.4).
    @discardableResult
    public mutating func receiverReferenceTime(ssrc: UInt32, _ ntp: NTPTime) -> Bool {
        guard let block = extendedReport(ssrc, RTCPExtendedBlock.receiverReferenceTimeSize) else { return false }
        Self.head(block, RTCPExtendedBlock.receiverReferenceTime, RTCPExtendedBlock.receiverReferenceTimeSize)
        block.setBig32(UInt32(ntp.rawValue >> 32), 4)
        block.setBig32(UInt32(truncatingIfNeeded: ntp.rawValue), 8)
        return true
    }

    @discardableResult
    public mutating func referenceDelay(ssrc: UInt32, _ delay: RTCPReferenceDelay) -> Bool {
        guard let block = extendedReport(ssrc, RTCPExtendedBlock.delaySinceReferenceSize) else { return false }
        Self.head(block, RTCPExtendedBlock.delaySinceReference, RTCPExtendedBlock.delaySinceReferenceSize)
        block.setBig32(delay.ssrc, 4)
        block.setBig32(delay.lastReference, 8)
        block.setBig32(delay.delaySinceLastReference, 12)
        return true
    }

    @discardableResult
    public mutating func statisticsSummary(ssrc: UInt32, _ summary: RTCPStatisticsSummary) -> Bool {
        guard let block = extendedReport(ssrc, RTCPExtendedBlock.statisticsSummarySize) else { return false }
        Self.head(
            block, RTCPExtendedBlock.statisticsSummary, RTCPExtendedBlock.statisticsSummarySize,
            specifics: RTCPExtendedBlock.lossAndJitter)
        block.setBig32(summary.ssrc, 4)
        block.setBig16(summary.beginSequence, 8)
        block.setBig16(summary.endSequence, 10)
        block.setBig32(summary.lost, 12)
        block.setBig32(0, 16)
        block.setBig32(summary.leastJitter, 20)
        block.setBig32(summary.mostJitter, 24)
        block.setBig32(summary.meanJitter, 28)
        block.setBig32(summary.deviationOfJitter, 32)
        block.setBig32(0, 36)
        return true
    }

    /// A packet with room for one block.
    private mutating func extendedReport(_ ssrc: UInt32, _ size: Int) -> UnsafeMutableRawPointer? {
        guard let base = begin(RTCPType.extendedReport, count: 0, size: 8 + size) else { return nil }
        base.setBig32(ssrc, 4)
        return base + 8
    }

    private static func head(_ block: UnsafeMutableRawPointer, _ type: UInt8, _ size: Int, specifics: UInt8 = 0) {
        block.setByte(type, 0)
        block.setByte(specifics, 1)
        block.setBig16(UInt16(size / 4 - 1), 2)
    }
}
