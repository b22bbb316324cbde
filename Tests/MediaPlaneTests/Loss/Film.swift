import Codecs
import RTP

@testable import MediaPlane

/// A camera: a moving picture in VP8, 25 a second, whose packets are sent again when they are asked for.
final class Film {
    static let (width, height) = (320, 240)

    private let point: LinedPoint
    private let encoder: VPXEncoder
    private let picture: I420Picture
    private var number = 0
    private var sent: [UInt16: (payload: [UInt8], marker: Bool, timestamp: UInt32)] = [:]
    private var messagesSeen = 0
    private var keyframeWanted = true
    private var repeats: UInt16 = 0
    private(set) var keyframes = 0
    private(set) var packetsRepeated = 0
    /// All that were shot, encoded.
    private(set) var pictures: [[UInt8]] = []

    init(_ point: LinedPoint) throws {
        self.point = point
        encoder = try VPXEncoder(
            .vp8, .init(width: Self.width, height: Self.height, rate: .bitrate(500_000), keyframeInterval: 10_000))
        picture = try I420Picture(width: Self.width, height: Self.height)
    }

    func shoot() throws {
        draw()
        var encoded: [UInt8] = []
        try encoder.encode(
            picture.view, timestampMicroseconds: Int64(number) * 40_000, durationMicroseconds: 40_000,
            forceKeyframe: keyframeWanted
        ) {
            encoded += Array($0.bytes)
            if $0.isKeyframe { keyframes += 1 }
        }
        keyframeWanted = false
        pictures.append(encoded)
        number += 1
        let id = UInt16(number & 0x7FFF)
        for start in stride(from: 0, to: encoded.count, by: 1_100) {
            let end = min(start + 1_100, encoded.count)
            let head: [UInt8] = [start == 0 ? 0x90 : 0x80, 0x80, 0x80 | UInt8(id >> 8), UInt8(id & 0xFF)]
            let payload = head + encoded[start..<end]
            let isLast = end == encoded.count
            sent[point.video.sequence] = (payload, isLast, point.video.timestamp)
            point.video.send(payload, marker: isLast, advancing: isLast ? 3_600 : 0, to: point.port)
        }
    }

    private func draw() {
        picture.fill(picture.bounds, with: YUVColor(y: 60, u: 120, v: 130))
        for index in 0..<12 {
            let place = (number * (2 + index % 5) + index * 37) % (Self.width - 48)
            picture.fill(
                PictureRectangle(x: place, y: index * 19, width: 24 + index * 2, height: 16),
                with: YUVColor(y: UInt8(40 + index * 16), u: UInt8(70 + index * 9), v: UInt8(190 - index * 8)))
        }
    }

    /// What the bridge asks for.
    func listen() {
        let messages = point.audio.rtcpMessages
        for message in messages[messagesSeen...] {
            switch message {
            case .pictureLossIndication(_, let media) where media == point.video.ssrc: keyframeWanted = true
            case .genericNACK(_, let media, let first, let following) where media == point.video.ssrc:
                sendAgain(first)
                for bit in 0..<UInt16(16) where following & 1 << bit != 0 { sendAgain(first &+ 1 &+ bit) }
            default: break
            }
        }
        messagesSeen = messages.count
    }

    private func sendAgain(_ number: UInt16) {
        guard let old = sent[number], let type = point.video.retransmissionType else { return }
        let payload = [UInt8(number >> 8), UInt8(number & 0xFF)] + old.payload
        point.video.sendRaw(
            point.video.packet(
                payload, marker: old.marker, type, repeats, old.timestamp, point.video.retransmissionSSRC),
            to: point.port)
        repeats &+= 1
        packetsRepeated += 1
    }
}
