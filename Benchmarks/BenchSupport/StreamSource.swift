import CBench
import RTP
import SRTP

/// Sends one stream, frame by frame: VP8 to whoever forwards it, and to whoever checks it a serial number at both ends of
/// each packet, the time of departure, and a pattern.
package final class StreamSource {
    package let peer: Peer
    private let shape: MediaShape
    private let packets: UnsafeMutablePointer<UInt8>
    /// The relay's port.
    package private(set) var target: UInt16 = 0
    private var lastLength = 0
    private var sequence = UInt16.random(in: 0..<1_000)
    private var timestamp = UInt32.random(in: 0 ... .max)
    private var picture: UInt16 = 0
    private var serial: UInt64 = 0
    /// Packets handed to the kernel.
    package var sent = 0

    package init(_ shape: MediaShape, _ suite: SRTPSuite?, _ engine: SRTPEngine) throws {
        self.shape = shape
        packets = .allocate(capacity: shape.burst * shape.stride)
        peer = try Peer(suite, engine)
    }

    deinit { packets.deallocate() }

    /// The packets of the last frame, as they left.
    package var lastFrame: [[UInt8]] {
        (0..<shape.burst).map { index in
            Array(UnsafeBufferPointer(start: packets + index * shape.stride, count: lastLength))
        }
    }

    package func aim(at port: UInt16) { target = port }

    /// Sends one frame. `span` is the time to the next one, in nanoseconds. One with broken tags nobody ought to pass on.
    package func sendFrame(isKeyframe: Bool = false, breaksTags: Bool = false, span: UInt64) throws {
        let departure = Clock.wall
        picture = (picture &+ 1) & 0x7FFF
        for index in 0..<shape.burst {
            let packet = packets + index * shape.stride
            let bytes = UnsafeMutableRawPointer(packet)
            bytes.initializeMemory(as: UInt8.self, repeating: MediaShape.patternByte, count: shape.length)
            RTPHeaderWriter.write(
                bytes, payloadType: MediaShape.payloadType, marker: index == shape.burst - 1,
                sequenceNumber: sequence, timestamp: timestamp, ssrc: peer.ssrc)
            packet[12] = index == 0 ? 0x90 : 0x80
            packet[13] = 0x80
            packet[14] = 0x80 | UInt8(picture >> 8)
            packet[15] = UInt8(truncatingIfNeeded: picture)
            if index == 0 {
                let tag: InlineArray<10, UInt8> = [isKeyframe ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0]
                for position in tag.indices { packet[16 + position] = tag[position] }
            }
            bytes.storeBytes(of: serial, toByteOffset: MediaShape.serial, as: UInt64.self)
            bytes.storeBytes(of: departure, toByteOffset: MediaShape.departure, as: UInt64.self)
            bytes.storeBytes(of: serial, toByteOffset: shape.lastSerial, as: UInt64.self)
            serial += 1
            sequence &+= 1
        }
        timestamp &+= UInt32(truncatingIfNeeded: span &* 90 / 1_000_000)
        let length = try peer.protect(packets, count: shape.burst, stride: shape.stride, length: shape.length)
        lastLength = length
        if breaksTags { for index in 0..<shape.burst { packets[index * shape.stride + length - 1] ^= 0xFF } }
        let result = cb_send(peer.socket, target, packets, UInt32(shape.burst), UInt32(shape.stride), UInt32(length))
        guard result == 0 else { throw LoadError.socket(errno: -result) }
        sent += shape.burst
    }
}
