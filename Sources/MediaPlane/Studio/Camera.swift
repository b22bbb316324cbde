import Codecs
import Layout
import RTP

/// A source of a studio: its packets put in order, put together and decoded.
final class Camera: PictureHolder {
    enum Need { case keyframeWanted, undecodable }

    /// Packets that were lost come again within this, or not at all.
    private static let patienceNanoseconds: UInt64 = 250_000_000
    private static let mostHeld = 256
    /// Keyframes are asked for the more rarely the longer none was of use.
    private static let firstInterval: UInt64 = 500_000_000
    private static let longestInterval: UInt64 = 16_000_000_000
    /// Keyframes in a row without a picture, after which the source is given up.
    private static let mostFailures = 4
    /// A camera's picture larger than Full HD, either way up, is more work than it is worth.
    private static let largestCamera = 1_920 * 1_088
    private static let longestFrame = 1 << 20
    /// A camera that sent nothing for so long is not shown. Slides may stand still.
    private static let freshNanoseconds: UInt64 = 4_000_000_000

    private enum Depacketizer {
        case vp8(VP8Depacketizer)
        case h264(H264Depacketizer)
    }

    private let isSlides: Bool
    private var codec: MediaCodec?
    private var ssrc: UInt32 = 0
    private var reorderer = Camera.makeReorderer()
    private var depacketizer: Depacketizer?
    private var decoder: (any VideoDecoder)?
    private var needsKeyframe = true
    private var asksNext: UInt64 = 0
    private var interval = Camera.firstInterval
    private var failures = 0
    private var isGivenUp = false

    /// Of the pictures decoded so far, the newest's number; 0 for none.
    private(set) var pictureNumber: UInt64 = 0
    private(set) var isShowing = false
    private var lastPacketAt: UInt64 = 0

    init(isSlides: Bool) { self.isSlides = isSlides }

    var isDecoding: Bool { decoder != nil }

    private static func makeReorderer() -> PacketReorderer {
        PacketReorderer(capacity: mostHeld, patienceNanoseconds: patienceNanoseconds)
    }

    /// There is a picture that may be shown.
    func isFresh(at now: UInt64) -> Bool {
        isShowing && (isSlides || now < lastPacketAt || now - lastPacketAt < Self.freshNanoseconds)
    }

    /// Shows the newest picture, if there is one.
    func withPicture<Result>(_ body: (I420View) -> Result) -> Result? {
        isShowing ? decoder?.withPicture(body) : nil
    }

    /// Takes an RTP packet in, as its sender sent it.
    func take(_ codec: MediaCodec, _ packet: UnsafeRawBufferPointer, arrival: UInt64) {
        guard let info = try? RTPPacketInfo(parsing: packet) else { return }
        lastPacketAt = max(lastPacketAt, arrival)
        if self.codec != codec || ssrc != info.ssrc { begin(codec, info.ssrc) }
        guard !isGivenUp else { return }
        reorderer.push(packet, sequenceNumber: info.sequenceNumber, arrivalNanoseconds: arrival) { packet, _ in
            deliver(packet)
        }
    }

    /// Time passes. What is needed of the source, where it is time to say so.
    func tick(at now: UInt64) -> Need? {
        guard !isGivenUp else { return nil }
        if failures >= Self.mostFailures {
            isGivenUp = true
            decoder = nil
            isShowing = false
            return .undecodable
        }
        guard needsKeyframe, asksNext <= now else { return nil }
        asksNext = now &+ interval
        interval = min(interval * 2, Self.longestInterval)
        return .keyframeWanted
    }

    /// The source begins, or another in its place: the picture before stays till the first of the new one.
    private func begin(_ codec: MediaCodec, _ ssrc: UInt32) {
        if self.codec != codec {
            decoder = nil
            isShowing = false
        }
        self.codec = codec
        self.ssrc = ssrc
        reorderer = Self.makeReorderer()
        depacketizer =
            codec == .h264
            ? .h264(H264Depacketizer(format: .annexB, maximumFrameSize: Self.longestFrame))
            : .vp8(VP8Depacketizer(maximumFrameSize: Self.longestFrame))
        needsKeyframe = true
        interval = Self.firstInterval
        failures = 0
        isGivenUp = false
    }

    private func deliver(_ packet: UnsafeRawBufferPointer) {
        guard let info = try? RTPPacketInfo(parsing: packet) else { return }
        let payload = info.payload(of: packet)
        let output: DepacketizerOutput
        switch depacketizer {
        case .vp8(var taken):
            // Let go of here, so that its buffer is not copied for every packet.
            depacketizer = nil
            output = taken.push(
                payload, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, marker: info.marker)
            depacketizer = .vp8(taken)
        case .h264(var taken):
            depacketizer = nil
            output = taken.push(
                payload, sequenceNumber: info.sequenceNumber, timestamp: info.timestamp, marker: info.marker)
            depacketizer = .h264(taken)
        case nil: return
        }
        if output.droppedFrames > 0 { needsKeyframe = true }
        guard let frame = output.frame else { return }
        guard !frame.followsLoss, frame.isKeyframe || !needsKeyframe else {
            needsKeyframe = true
            return
        }
        decode(frame)
    }

    private func decode(_ frame: VideoFrame) {
        if let width = frame.width, let height = frame.height, !isSlides, width * height > Self.largestCamera {
            failures += 1
            return
        }
        do throws(CodecError) {
            if decoder == nil { decoder = try makeDecoder() }
            guard let decoder else { return }
            let isNew = try frame.bytes.withUnsafeBufferPointer { bytes throws(CodecError) in
                try decoder.decode(UnsafeRawBufferPointer(bytes))
            }
            isShowing = isNew
            if isNew {
                pictureNumber &+= 1
                failures = 0
                needsKeyframe = false
                interval = Self.firstInterval
            } else if frame.isKeyframe {
                failures += 1
            }
        } catch {
            isShowing = false
            needsKeyframe = true
            if frame.isKeyframe { failures += 1 }
        }
    }

    private func makeDecoder() throws(CodecError) -> any VideoDecoder {
        if codec == .h264 { return try H264Decoder() }
        return try VPXDecoder(.vp8)
    }
}
