/// Rewrites fields of an RTP header in place. The caller has parsed the packet: at least twelve octets are there.
public enum RTPHeaderWriter {
    /// Gives a packet that is on its way to a subscriber that subscriber's numbers; the marker bit stays.
    @inlinable @inline(__always)
    public static func rewrite(
        _ packet: UnsafeMutableRawPointer, payloadType: UInt8, sequenceNumber: UInt16, timestamp: UInt32, ssrc: UInt32
    ) {
        let marker = packet.load(fromByteOffset: 1, as: UInt8.self) & 0x80
        packet.setByte(marker | (payloadType & 0x7f), 1)
        packet.setBig16(sequenceNumber, 2)
        packet.setBig32(timestamp, 4)
        packet.setBig32(ssrc, 8)
    }

    /// Writes a fixed header of twelve octets, without padding, extension or contributors.
    @inlinable @inline(__always)
    public static func write(
        _ packet: UnsafeMutableRawPointer, payloadType: UInt8, marker: Bool, sequenceNumber: UInt16, timestamp: UInt32,
        ssrc: UInt32
    ) {
        packet.setByte(0x80, 0)
        packet.setByte((marker ? 0x80 : 0) | (payloadType & 0x7f), 1)
        packet.setBig16(sequenceNumber, 2)
        packet.setBig32(timestamp, 4)
        packet.setBig32(ssrc, 8)
    }

    /// Padding ends the packet, its last octet telling how much (RFC 3550 §5.1).
    @inlinable @inline(__always)
    public static func setHasPadding(_ packet: UnsafeMutableRawPointer) {
        packet.setByte(packet.load(as: UInt8.self) | 0x20, 0)
    }

    @inlinable @inline(__always)
    public static func setPayloadType(_ payloadType: UInt8, in packet: UnsafeMutableRawPointer) {
        packet.setByte(packet.load(fromByteOffset: 1, as: UInt8.self) & 0x80 | (payloadType & 0x7f), 1)
    }

    @inlinable @inline(__always)
    public static func setMarker(_ marker: Bool, in packet: UnsafeMutableRawPointer) {
        packet.setByte(packet.load(fromByteOffset: 1, as: UInt8.self) & 0x7f | (marker ? 0x80 : 0), 1)
    }

    @inlinable @inline(__always)
    public static func setSequenceNumber(_ value: UInt16, in packet: UnsafeMutableRawPointer) {
        packet.setBig16(value, 2)
    }

    @inlinable @inline(__always)
    public static func setTimestamp(_ value: UInt32, in packet: UnsafeMutableRawPointer) { packet.setBig32(value, 4) }

    @inlinable @inline(__always)
    public static func setSSRC(_ value: UInt32, in packet: UnsafeMutableRawPointer) { packet.setBig32(value, 8) }
}
