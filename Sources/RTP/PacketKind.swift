/// What arrived on a media socket, told by its first octets (RFC 7983 §7, RFC 5761 §4).
public enum PacketKind: UInt8, Sendable {
    case stun, zrtp, dtls, turnChannel, rtp, rtcp, unknown

    /// Classifies a datagram. RTCP is told from RTP by packet types 192...223, which RTP payload types 64...95 with the
    /// marker bit would collide with and which are therefore never negotiated.
    @inlinable
    public init(of datagram: UnsafeRawBufferPointer) {
        guard let base = datagram.baseAddress, datagram.count >= 2 else {
            self = .unknown
            return
        }
        switch base.byte(0) {
        case 0...3: self = .stun
        case 16...19: self = .zrtp
        case 20...63: self = .dtls
        case 64...79: self = .turnChannel
        case 128...191: self = (192...223).contains(base.byte(1)) ? .rtcp : .rtp
        default: self = .unknown
        }
    }
}
