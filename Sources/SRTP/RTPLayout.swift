/// Where the parts of an RTP packet lie that SRTP treats differently (RFC 3711 §3.1): the header with its CSRCs and its
/// extension is authenticated, what follows is encrypted as well.
struct RTPLayout {
    let sequence: UInt16
    let ssrc: UInt32
    /// Bytes before the payload.
    let headerLength: Int

    /// Reads the header of `length` bytes at `packet`; nil unless it is of version 2 and wholly there.
    @inline(__always)
    init?(_ packet: UnsafePointer<UInt8>, length: Int) {
        guard length >= 12, packet[0] >> 6 == 2 else { return nil }
        var headerLength = 12 + 4 * Int(packet[0] & 0x0f)
        if packet[0] & 0x10 != 0 {
            guard length >= headerLength + 4 else { return nil }
            headerLength += 4 + 4 * (Int(packet[headerLength + 2]) << 8 | Int(packet[headerLength + 3]))
        }
        guard length >= headerLength else { return nil }
        self.headerLength = headerLength
        sequence = UInt16(packet[2]) << 8 | UInt16(packet[3])
        ssrc = BigEndian.load32(packet + 8)
    }
}
