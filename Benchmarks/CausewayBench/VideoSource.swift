import CBench
import Glibc
import MediaPlane
import RTP
import SRTP

/// The layout of the packets that the forwarding load is made of: VP8 to the bridge, and to whoever checks them a
/// serial number at both ends, the time of departure, and a pattern.
enum VideoPacket {
    static let burst = 8
    /// Bytes of RTP payload.
    static let payload = 1_100
    static let length = 12 + payload
    static let stride = 1_280
    static let framesPerSecond = 25
    static let payloadType: UInt8 = 100

    // Offsets in the packet; descriptor and frame tag come before.
    static let serial = 12 + 16
    static let departure = serial + 8
    static let pattern = departure + 8
    static let lastSerial = length - 8

    static let patternByte: UInt8 = 0xA5
}

/// Sends frames of video as bursts of packets.
final class VideoSource {
    let peer: Peer
    private let packets = UnsafeMutablePointer<UInt8>.allocate(capacity: VideoPacket.burst * VideoPacket.stride)
    private var target: UInt16 = 0
    private var sequence = UInt16.random(in: 0..<1_000)
    private var timestamp = UInt32.random(in: 0 ... .max)
    private var picture: UInt16 = 0
    private var serial: UInt64 = 0
    /// Packets handed to the kernel.
    var sent = 0

    init(_ suite: SRTPSuite?, _ engine: SRTPEngine) throws { peer = try Peer(suite, engine) }

    deinit { packets.deallocate() }

    func aim(at port: UInt16) { target = port }

    /// Sends one frame of `VideoPacket.burst` packets. `span` is the time to the next one.
    func sendFrame(isKeyframe: Bool = false, span: UInt64) throws {
        let departure = Clock.wall
        picture = (picture &+ 1) & 0x7FFF
        for index in 0..<VideoPacket.burst {
            let packet = packets + index * VideoPacket.stride
            let bytes = UnsafeMutableRawPointer(packet)
            bytes.initializeMemory(as: UInt8.self, repeating: VideoPacket.patternByte, count: VideoPacket.length)
            RTPHeaderWriter.write(
                bytes, payloadType: VideoPacket.payloadType, marker: index == VideoPacket.burst - 1,
                sequenceNumber: sequence, timestamp: timestamp, ssrc: peer.ssrc)
            packet[12] = index == 0 ? 0x90 : 0x80
            packet[13] = 0x80
            packet[14] = 0x80 | UInt8(picture >> 8)
            packet[15] = UInt8(truncatingIfNeeded: picture)
            if index == 0 {
                let tag: InlineArray<10, UInt8> = [isKeyframe ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0]
                for position in tag.indices { packet[16 + position] = tag[position] }
            }
            bytes.storeBytes(of: serial, toByteOffset: VideoPacket.serial, as: UInt64.self)
            bytes.storeBytes(of: departure, toByteOffset: VideoPacket.departure, as: UInt64.self)
            bytes.storeBytes(of: serial, toByteOffset: VideoPacket.lastSerial, as: UInt64.self)
            serial += 1
            sequence &+= 1
        }
        timestamp &+= UInt32(truncatingIfNeeded: span &* 90 / 1_000_000)
        let length = try peer.protect(
            packets, count: VideoPacket.burst, stride: VideoPacket.stride, length: VideoPacket.length)
        let result = cb_send(
            peer.socket, target, packets, UInt32(VideoPacket.burst), UInt32(VideoPacket.stride), UInt32(length))
        guard result == 0 else { throw LoadError.socket(errno: -result) }
        sent += VideoPacket.burst
    }
}
