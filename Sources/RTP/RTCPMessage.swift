/// Why bytes are not a compound RTCP packet (RFC 3550 §6.1, §A.2).
public enum RTCPMalformed: Error, Sendable, Equatable {
    case shorterThanHeader
    case notVersion2
    case notRTCP
    case lengthPastEnd
    case badPadding
}

/// One reception report block (RFC 3550 §6.4.1).
public struct RTCPReportBlock: Sendable, Equatable {
    public static let size = 24

    /// The source reported on.
    public var ssrc: UInt32
    /// Of packets expected since the last report, in 1/256.
    public var fractionLost: UInt8
    /// Signed, 24 bits on the wire.
    public var cumulativeLost: Int32
    public var extendedHighestSequence: UInt32
    /// In timestamp ticks.
    public var jitter: UInt32
    /// The middle 32 bits of the last sender report's NTP time; 0 if none.
    public var lastSenderReport: UInt32
    /// In 1/65,536 s; 0 if none.
    public var delaySinceLastSenderReport: UInt32

    public init(
        ssrc: UInt32, fractionLost: UInt8 = 0, cumulativeLost: Int32 = 0, extendedHighestSequence: UInt32 = 0,
        jitter: UInt32 = 0, lastSenderReport: UInt32 = 0, delaySinceLastSenderReport: UInt32 = 0
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.extendedHighestSequence = extendedHighestSequence
        self.jitter = jitter
        self.lastSenderReport = lastSenderReport
        self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }

    /// Round trip in nanoseconds, when this block is about a stream of ours and arrived at `now` (RFC 3550 §6.4.1).
    public func roundTripNanoseconds(at now: NTPTime) -> UInt64? {
        guard lastSenderReport != 0 else { return nil }
        let units = now.compact &- lastSenderReport &- delaySinceLastSenderReport
        // A clock step or a lying peer makes it negative or absurd.
        guard units < 60 << 16 else { return nil }
        return NTPTime.nanoseconds(compact: units)
    }
}

/// The sender part of a sender report (RFC 3550 §6.4.1).
public struct RTCPSenderInfo: Sendable, Equatable {
    public var ssrc: UInt32
    public var ntp: NTPTime
    public var rtpTimestamp: UInt32
    public var packetCount: UInt32
    public var octetCount: UInt32

    public init(ssrc: UInt32, ntp: NTPTime, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32) {
        self.ssrc = ssrc
        self.ntp = ntp
        self.rtpTimestamp = rtpTimestamp
        self.packetCount = packetCount
        self.octetCount = octetCount
    }
}

/// One statement of a compound RTCP packet; reports and lists are handed over item by item.
public enum RTCPMessage: Sendable, Equatable {
    case senderReport(RTCPSenderInfo)
    case receiverReport(ssrc: UInt32)
    /// Follows the sender or receiver report that it is part of.
    case reportBlock(reporter: UInt32, RTCPReportBlock)
    /// Where in the compound packet the CNAME lies (RFC 3550 §6.5.1).
    case canonicalName(ssrc: UInt32, Range<Int>)
    case bye(ssrc: UInt32)
    case application(ssrc: UInt32, subtype: UInt8, name: UInt32)
    /// RFC 4585 §6.2.1: `packetID` is lost, and each set bit i of `followingLost` is packetID + i + 1.
    case genericNACK(sender: UInt32, media: UInt32, packetID: UInt16, followingLost: UInt16)
    /// RFC 4585 §6.3.1.
    case pictureLossIndication(sender: UInt32, media: UInt32)
    /// RFC 5104 §4.3.1.
    case fullIntraRequest(sender: UInt32, media: UInt32, sequenceNumber: UInt8)
    /// draft-alvestrand-rmcat-remb-03 §2.2. `sources`: where in the compound packet the SSRCs lie that it is about.
    case receiverEstimatedMaximumBitrate(sender: UInt32, bitsPerSecond: UInt64, sources: Range<Int>)
    /// draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1: where in the compound packet lies what
    /// `TransportFeedbackReader` reads.
    case transportFeedback(sender: UInt32, media: UInt32, Range<Int>)
    /// RFC 3611 §4.4: a receiver that wants to know its round trip.
    case receiverReferenceTime(ssrc: UInt32, NTPTime)
    /// RFC 3611 §4.5.
    case referenceDelay(reporter: UInt32, RTCPReferenceDelay)
    /// RFC 3611 §4.6, where it holds loss and jitter.
    case statisticsSummary(reporter: UInt32, RTCPStatisticsSummary)
}

/// RTCP packet types and feedback formats (RFC 3550 §12.1, RFC 4585 §6, RFC 5104 §4).
public enum RTCPType {
    public static let senderReport: UInt8 = 200
    public static let receiverReport: UInt8 = 201
    public static let sourceDescription: UInt8 = 202
    public static let bye: UInt8 = 203
    public static let application: UInt8 = 204
    public static let transportFeedback: UInt8 = 205
    public static let payloadFeedback: UInt8 = 206
    /// RFC 3611.
    public static let extendedReport: UInt8 = 207
    static let genericNACK: UInt8 = 1
    static let transportWide: UInt8 = 15
    static let pictureLossIndication: UInt8 = 1
    static let fullIntraRequest: UInt8 = 4
    static let applicationLayer: UInt8 = 15
}
