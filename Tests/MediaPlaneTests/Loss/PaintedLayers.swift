import RTP

@testable import MediaPlane

/// A camera whose picture comes in one or more sizes, of given rates, 25 a second; VP8 to the forwarder. The last octet of each
/// packet names the size.
final class PaintedLayers {
    struct Size {
        var bitsPerSecond: Int
        var rid: String?
    }

    /// A keyframe is so much larger than other pictures are on average.
    private static let keyframeFactor = 4.0

    private struct Stream {
        var ssrc = UInt32.random(in: 1 ... .max)
        var sequence = UInt16.random(in: 0..<1_000)
        var keyframeWanted = true
    }

    private let point: LinedPoint
    private let sizes: [Size]
    private let temporalLayers: Int
    private var streams: [Stream]
    private var number: UInt16 = 0
    private var base: UInt8 = 0
    private var timestamp = UInt32.random(in: 0 ... .max)
    private var messagesSeen = 0
    /// So many of the sizes are sent, the smallest first.
    var most = Int.max

    /// - Parameter temporalLayers: 1 or 3 (RFC 7741 §4.2).
    init(_ point: LinedPoint, _ sizes: [Size], temporalLayers: Int = 1) {
        self.point = point
        self.sizes = sizes
        self.temporalLayers = temporalLayers
        streams = sizes.map { _ in Stream() }
    }

    func shoot() {
        listen()
        number = (number + 1) & 0x7FFF
        // 0 2 1 2, and of the octets 40 %, 20 % and 40 %.
        let layer: UInt8 = temporalLayers == 1 ? 0 : [0, 2, 1, 2][Int(number % 4)]
        let share = temporalLayers == 1 ? 1 : layer == 0 ? 1.6 : 0.8
        if layer == 0 { base &+= 1 }
        for index in sizes.indices.prefix(most) { shoot(index, layer, share) }
        timestamp &+= 3_600
    }

    private func shoot(_ index: Int, _ layer: UInt8, _ share: Double) {
        // Of a keyframe's layer others can begin.
        let isKeyframe = streams[index].keyframeWanted && layer == 0
        if isKeyframe { streams[index].keyframeWanted = false }
        let octets = Int(Double(sizes[index].bitsPerSecond) / 8 / 25 * (isKeyframe ? Self.keyframeFactor : share))
        let packets = max(1, (octets + 1_099) / 1_100)
        var values = HeaderExtensionValues()
        values.streamIdentifier = sizes[index].rid.flatMap { StreamName($0) }
        for part in 0..<packets {
            let start: UInt8 = part == 0 ? 0x10 : 0
            var head: [UInt8] = [0x80 | start, 0x80, 0x80 | UInt8(number >> 8), UInt8(number & 0xFF)]
            if temporalLayers > 1 {
                head[1] = 0xE0
                // Each picture of an upper layer refers to the lowest alone (Y).
                head += [base, layer << 6 | (layer > 0 ? 0x20 : 0)]
            }
            if part == 0 { head += [isKeyframe ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0] }
            let body = [UInt8](repeating: UInt8(index + 1), count: max(1, octets / packets - head.count))
            point.video.sendRaw(
                point.video.packet(
                    head + body, marker: part == packets - 1, point.video.payloadType, streams[index].sequence,
                    timestamp,
                    streams[index].ssrc, saying: values), to: point.port)
            streams[index].sequence &+= 1
        }
    }

    private func listen() {
        let messages = point.audio.rtcpMessages
        for message in messages[messagesSeen...] {
            guard case .pictureLossIndication(_, let media) = message else { continue }
            for index in streams.indices where streams[index].ssrc == media { streams[index].keyframeWanted = true }
        }
        messagesSeen = messages.count
    }
}
