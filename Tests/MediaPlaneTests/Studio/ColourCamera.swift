import Codecs
import RTP

@testable import MediaPlane

/// A camera whose picture is of one colour on the left and of another on the right, above a band of noise that makes it as
/// dear as a real one. 25 pictures a second, in VP8 or H.264.
final class ColourCamera {
    private let endpoint: TestEndpoint
    private let port: UInt16
    private let picture: I420Picture
    private let encoder: any VideoEncoder
    private var vp8 = VP8Packetizer(longestPayload: 1_100, firstPictureID: 77)
    private var noise = SeededGenerator(seed: 5)
    private var number = 0
    private var messagesSeen = 0
    private var keyframeWanted = true
    private(set) var keyframes = 0

    init(
        _ endpoint: TestEndpoint, to port: UInt16, left: YUVColor, right: YUVColor, width: Int = 640, height: Int = 360,
        bitsPerSecond: Int = 1_000_000
    ) throws {
        self.endpoint = endpoint
        self.port = port
        picture = try I420Picture(width: width, height: height)
        picture.fill(picture.bounds, with: left)
        picture.fill(PictureRectangle(x: width / 2, y: 0, width: width / 2, height: height), with: right)
        if endpoint.codec == .h264 {
            encoder = try H264Encoder(
                .init(width: width, height: height, bitsPerSecond: bitsPerSecond, frameRate: 25, longestUnit: 1_000))
        } else {
            encoder = try VPXEncoder(
                .vp8,
                .init(
                    width: width, height: height, rate: .bitrate(bitsPerSecond), effort: .realtime(speed: 12),
                    keyframeInterval: 100_000))
        }
    }

    func shoot() throws {
        for message in endpoint.rtcpMessages[messagesSeen...] {
            if case .pictureLossIndication(_, let media) = message, media == endpoint.ssrc { keyframeWanted = true }
        }
        messagesSeen = endpoint.rtcpMessages.count
        for row in picture.height * 7 / 8..<picture.height {
            for column in stride(from: 0, to: picture.width, by: 8) {
                let bits: UInt64 = noise.next()
                UnsafeMutableRawPointer(picture.y + row * picture.lumaStride + column).storeBytes(
                    of: bits & 0x7F7F_7F7F_7F7F_7F7F, as: UInt64.self)
            }
        }
        number += 1
        let isForced = keyframeWanted
        keyframeWanted = false
        try encoder.encode(
            picture.view, timestampMicroseconds: Int64(number) * 40_000, durationMicroseconds: 40_000,
            forceKeyframe: isForced
        ) { coded in
            if coded.isKeyframe { keyframes += 1 }
            if endpoint.codec == .h264 {
                _ = H264Packetizer.packetize(coded.bytes, longestPayload: 1_400) { send($0, $1) }
            } else {
                vp8.packetize(coded.bytes) { send($0, $1) }
            }
        }
        endpoint.timestamp &+= 3_600
    }

    private func send(_ payload: UnsafeRawBufferPointer, _ isLast: Bool) {
        endpoint.send(Array(payload), marker: isLast, to: port)
    }
}

/// What a viewer's own decoder shows.
final class Watcher {
    struct Shown {
        var width: Int
        var height: Int
        /// In the middle of each half, above the noise.
        var left: YUVColor
        var right: YUVColor
    }

    private let endpoint: TestEndpoint
    private var seen = 0
    private var vp8 = VP8Depacketizer()
    private var h264 = H264Depacketizer(format: .annexB)
    private let decoder: any VideoDecoder
    private(set) var shown: [Shown] = []
    /// Frames that could not be shown, for something before them is missing.
    private(set) var broken = 0
    private var cut = 0

    init(_ endpoint: TestEndpoint) throws {
        self.endpoint = endpoint
        if endpoint.codec == .h264 { decoder = try H264Decoder() } else { decoder = try VPXDecoder(.vp8) }
    }

    /// Takes in what came since.
    func look() {
        for packet in endpoint.received[seen...] where packet.info.payloadType == endpoint.payloadType {
            let output = packet.payload.withUnsafeBytes {
                endpoint.codec == .h264
                    ? h264.push(
                        $0, sequenceNumber: packet.info.sequenceNumber, timestamp: packet.info.timestamp,
                        marker: packet.info.marker)
                    : vp8.push(
                        $0, sequenceNumber: packet.info.sequenceNumber, timestamp: packet.info.timestamp,
                        marker: packet.info.marker)
            }
            cut += output.droppedFrames
            guard let frame = output.frame else { continue }
            // Where the view changes a frame may be cut short; a keyframe follows at once, and nobody misses it.
            if !frame.isKeyframe { broken += cut }
            cut = 0
            if frame.followsLoss { broken += 1 }
            let isShown = frame.bytes.withUnsafeBytes { try? decoder.decode($0) }
            if isShown == nil { broken += 1 }
            guard isShown == true else { continue }
            decoder.withPicture { view in
                shown.append(
                    Shown(
                        width: view.width, height: view.height, left: view.mean(atX: 0.25, y: 0.4),
                        right: view.mean(atX: 0.75, y: 0.4)))
            }
        }
        seen = endpoint.received.count
    }

    /// Shows the newest picture.
    func withPicture<Result>(_ body: (I420View) -> Result) -> Result? { decoder.withPicture(body) }
}

extension I420View {
    /// The mean colour around a place, given as parts of the width and height.
    func mean(atX x: Double, y: Double, reach: Int = 4) -> YUVColor {
        var sums = (y: 0, u: 0, v: 0)
        var count = 0
        let (column, row) = (Int(Double(width) * x) / 2, Int(Double(height) * y) / 2)
        for r in max(0, row - reach)..<min(height / 2, row + reach) {
            for c in max(0, column - reach)..<min(width / 2, column + reach) {
                sums.y += Int(self.y[2 * r * lumaStride + 2 * c])
                sums.u += Int(u[r * chromaStride + c])
                sums.v += Int(v[r * chromaStride + c])
                count += 1
            }
        }
        guard count > 0 else { return .black }
        return YUVColor(y: UInt8(sums.y / count), u: UInt8(sums.u / count), v: UInt8(sums.v / count))
    }
}

extension YUVColor {
    /// The largest difference in any of the three.
    func distance(to other: YUVColor) -> Int {
        max(abs(Int(y) - Int(other.y)), max(abs(Int(u) - Int(other.u)), abs(Int(v) - Int(other.v))))
    }
}
