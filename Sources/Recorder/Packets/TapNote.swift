import RTP

/// What is kept of an RTP packet's header (RFC 3550 §5.1) beside its payload, and how it came.
struct PacketHead: Sendable, Hashable {
    /// The stream's index in the tap.
    var stream: UInt16
    var codec: MediaCodec
    var ssrc: UInt32
    var sequence: UInt16
    var timestamp: UInt32
    var marker: Bool
    /// On the recorder's monotonic clock, in nanoseconds.
    var arrival: UInt64
}

/// A packet that a block of the master was made of.
struct BlockPacket: Sendable, Hashable {
    var head: PacketHead
    /// Octets of the payload that the block does not have: a payload descriptor, a fragment's headers.
    var prefix: [UInt8]
    /// Where in the block the other octets of the payload lie.
    var offset: Int
    var count: Int

    /// The payload; nil where the block is not the one that the packet was in.
    func payload(in block: ArraySlice<UInt8>) -> [UInt8]? {
        guard offset >= 0, count >= 0, offset <= block.count, count <= block.count - offset else { return nil }
        let start = block.startIndex + offset
        return prefix + block[start..<start + count]
    }
}

/// What came by the tap, as the packet file has it beside the blocks.
enum TapNote: Sendable, Hashable {
    case stream(RecordedTrack)
    /// A packet of which no block was made, or from whose block it cannot be had back, whole.
    case packet(PacketHead, payload: [UInt8])
    /// RTP and NTP timestamps of one instant (RFC 3550 §6.4.1).
    case senderReport(stream: UInt16, arrival: UInt64, rtp: UInt32, ntp: UInt64)
    /// The worker said that the stream ends.
    case end(stream: UInt16, arrival: UInt64)
    /// The tap had no room at some time between the two.
    case overflow(from: UInt64, to: UInt64)

    /// When it came; nil of what belongs to no moment.
    var arrival: UInt64? {
        switch self {
        case .stream: nil
        case .packet(let head, _): head.arrival
        case .senderReport(_, let arrival, _, _), .end(_, let arrival), .overflow(_, let arrival): arrival
        }
    }
}
