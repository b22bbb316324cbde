/// What a source sends: so many packets of one size at once, so many times a second.
package struct MediaShape: Sendable {
    package let name: String
    /// Packets of a frame, which leave together.
    package let burst: Int
    /// Bytes of RTP payload in each.
    package let payload: Int
    package let framesPerSecond: Int

    package static let video = MediaShape(name: "video", burst: 8, payload: 1_100, framesPerSecond: 25)
    /// Packets of the size and the rate of G.711 or of Opus at 64 kb/s.
    package static let audio = MediaShape(name: "audio", burst: 1, payload: 160, framesPerSecond: 50)

    /// Bytes of a packet in the clear.
    var length: Int { 12 + payload }
    /// From one packet of a frame to the next, with room for a tag.
    var stride: Int { (length + 64) & ~63 }
    /// Offset of the second copy of the serial number.
    var lastSerial: Int { length - 8 }

    package static let payloadType: UInt8 = 100
    // Offsets in the packet; VP8's payload descriptor and frame tag come before.
    static let serial = 12 + 16
    static let departure = serial + 8
    static let pattern = departure + 8
    static let patternByte: UInt8 = 0xA5
}
