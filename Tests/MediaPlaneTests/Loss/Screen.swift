import Codecs
import RTP

@testable import MediaPlane

/// A viewer: puts pictures together, asks for what is missing as browsers do, and knows when it showed one.
final class Screen {
    private static let keyframePatience: UInt64 = 300_000_000

    private let point: LinedPoint
    private var packetsSeen = 0
    private var losses = LossDetector()
    private var reorderer = PacketReorderer(patienceNanoseconds: 400_000_000)
    private var depacketizer = VP8Depacketizer()
    private let decoder: VPXDecoder
    private var askedAt: UInt64 = 0
    private var needsKeyframe = false
    /// When a whole picture was shown that refers to nothing that is missing, on the monotonic clock, in nanoseconds.
    private(set) var shownAt: [UInt64] = []
    private(set) var keyframesAsked = 0

    init(_ point: LinedPoint) throws {
        self.point = point
        decoder = try VPXDecoder(.vp8)
    }

    /// Takes in what came, and asks for what did not.
    func look() {
        let now = monotonicNanoseconds()
        let packets = point.video.received
        for packet in packets[packetsSeen...] { take(packet, now) }
        packetsSeen = packets.count
        ask(now)
    }

    private func take(_ packet: TestEndpoint.Received, _ now: UInt64) {
        var number = packet.info.sequenceNumber
        var payload = packet.payload[...]
        if packet.info.payloadType == point.video.retransmissionType {
            // Less is padding.
            guard payload.count > 2 else { return }
            number = UInt16(payload[0]) << 8 | UInt16(payload[1])
            payload = payload.dropFirst(2)
            guard losses.recover(number) else { return }
        } else {
            losses.receive(number, atNanoseconds: now)
        }
        let timestamp = packet.info.timestamp
        let head = [UInt8(number >> 8), UInt8(number & 0xFF)] + withUnsafeBytes(of: timestamp) { Array($0) }
        (head + [packet.info.marker ? 1 : 0] + payload).withUnsafeBytes {
            reorderer.push($0, sequenceNumber: number, arrivalNanoseconds: now) { bytes, _ in show(bytes, now) }
        }
    }

    private func show(_ bytes: UnsafeRawBufferPointer, _ now: UInt64) {
        let output = depacketizer.push(
            UnsafeRawBufferPointer(rebasing: bytes[7...]), sequenceNumber: UInt16(bytes[0]) << 8 | UInt16(bytes[1]),
            timestamp: bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self), marker: bytes[6] == 1)
        if output.droppedFrames > 0 { needsKeyframe = true }
        guard let frame = output.frame else { return }
        guard !frame.followsLoss else {
            needsKeyframe = true
            return
        }
        needsKeyframe = false
        if (try? frame.bytes.withUnsafeBytes { try decoder.decode($0) }) == true { shownAt.append(now) }
    }

    private func ask(_ now: UInt64) {
        guard let media = point.video.reception?.ssrc else { return }
        var list = InlineArray<128, UInt16>(repeating: 0)
        let (count, gaveUp) = losses.due(
            atNanoseconds: now, roundTripNanoseconds: nil, canAsk: true, into: &list)
        if gaveUp { needsKeyframe = true }
        let asksForKeyframe = needsKeyframe && now &- askedAt > Self.keyframePatience
        guard count > 0 || asksForKeyframe else { return }
        if asksForKeyframe {
            askedAt = now
            keyframesAsked += 1
        }
        point.audio.sendRTCP(to: point.port) {
            $0.receiverReport(ssrc: point.video.ssrc)
            if count > 0 {
                $0.genericNACK(sender: point.video.ssrc, media: media, lost: (0..<count).lazy.map { list[$0] })
            }
            if asksForKeyframe {
                $0.request(.pictureLossIndication, sender: point.video.ssrc, media: media)
            }
        }
    }
}
