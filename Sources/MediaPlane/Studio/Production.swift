import Codecs
import Layout
import RTP

/// A stream of pictures that a studio makes, encoded once for all who see it.
final class Production {
    /// Octets of an RTP payload at most.
    private static let longestPayload = 1_150
    private static let clockRate: UInt64 = 90_000

    /// A picture is made at least this often, though nothing moved: whoever sees none takes it for gone.
    private static let stillNanoseconds: UInt64 = 1_000_000_000

    private let plan: ProductionPlan
    private let composed: ComposedPicture?
    private var madeAt: UInt64 = 0
    private var canvas: I420Picture?
    private var encoder: (any VideoEncoder)?
    private var vp8: VP8Packetizer
    private var sequence: UInt16
    private var drawn: UInt64 = 0
    private var began: UInt64?
    /// An RTP packet after another, each behind its length.
    private var packets: [UInt8] = []
    /// Whoever begins to look needs one.
    var isKeyframeWanted = true

    init(_ plan: ProductionPlan) {
        self.plan = plan
        if case .composition(let composition) = plan.content {
            composed = try? ComposedPicture(width: plan.width, height: plan.height, composition.arrangement)
        } else {
            composed = nil
        }
        sequence = plan.firstSequence
        vp8 = VP8Packetizer(
            longestPayload: Self.longestPayload, firstPictureID: UInt16(truncatingIfNeeded: plan.firstTimestamp))
    }

    var isEncoding: Bool { encoder != nil }

    /// Makes the picture that is due, if there is anything new to see, and hands it out; false says that nobody took it.
    func make(
        from cameras: [FilmedSource: Camera], at now: UInt64, _ hand: (UnsafeRawBufferPointer) -> Bool
    ) {
        switch plan.content {
        case .rendition(let source):
            guard let camera = cameras[source], camera.isShowing, camera.pictureNumber != drawn || isKeyframeWanted
            else { return }
            drawn = camera.pictureNumber
            camera.withPicture { view in reduce(view) }
        case .composition:
            guard let composed, !composed.scene.isEmpty,
                composed.draw(cameras, at: now) || isKeyframeWanted || now &- madeAt >= Self.stillNanoseconds
            else { return }
            canvas = composed.picture
        }
        madeAt = now
        encode(at: now, hand)
    }

    func arrange(_ scene: Scene) { composed?.scene = scene }

    /// Draws a picture as large as fits, never larger than it is.
    private func reduce(_ view: I420View) {
        let whole = PictureRectangle(
            x: 0, y: 0, width: min(plan.width, view.width), height: min(plan.height, view.height))
        let place = whole.fitting(width: view.width, height: view.height)
        if canvas?.width != place.width || canvas?.height != place.height {
            canvas = try? I420Picture(width: place.width, height: place.height)
            encoder = nil
        }
        if let canvas { canvas.draw(view, in: canvas.bounds) }
    }

    private func encode(at now: UInt64, _ hand: (UnsafeRawBufferPointer) -> Bool) {
        guard let canvas else { return }
        let began = began ?? now
        self.began = began
        let elapsed = now &- began
        let timestamp = plan.firstTimestamp &+ UInt32(truncatingIfNeeded: elapsed / 1_000 &* Self.clockRate / 1_000_000)
        do throws(CodecError) {
            if encoder == nil { encoder = try makeEncoder(canvas) }
            try encoder?.encode(
                canvas.view, timestampMicroseconds: Int64(clamping: elapsed / 1_000),
                durationMicroseconds: Int64(Studio.frameNanoseconds / 1_000), forceKeyframe: isKeyframeWanted
            ) { picture in
                isKeyframeWanted = !send(picture, timestamp, hand)
            }
        } catch {
            // It begins anew.
            encoder = nil
            isKeyframeWanted = true
        }
    }

    private func makeEncoder(_ canvas: I420Picture) throws(CodecError) -> any VideoEncoder {
        guard plan.codec == .h264 else {
            return try VPXEncoder(
                .vp8,
                VPXEncoderConfiguration(
                    width: canvas.width, height: canvas.height, rate: .live(plan.bitsPerSecond),
                    effort: .realtime(speed: canvas.height > 400 ? 12 : 8), keyframeInterval: 1 << 20))
        }
        return try H264Encoder(
            H264EncoderConfiguration(
                width: canvas.width, height: canvas.height, bitsPerSecond: plan.bitsPerSecond,
                frameRate: Studio.frameRate, longestUnit: Self.longestPayload))
    }

    /// Whether the picture is on its way; otherwise it is as if it had never been made, and the next refers to nothing.
    private func send(
        _ picture: EncodedPicture, _ timestamp: UInt32, _ hand: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        packets.removeAll(keepingCapacity: true)
        let first = sequence
        if plan.codec == .h264 {
            guard
                H264Packetizer.packetize(
                    picture.bytes, longestPayload: Self.longestPayload + 250, { append($0, isLast: $1, timestamp) })
            else { return false }
        } else {
            vp8.packetize(picture.bytes) { append($0, isLast: $1, timestamp) }
        }
        let isTaken = packets.withUnsafeBytes(hand)
        if !isTaken { sequence = first }
        return isTaken
    }

    private func append(_ payload: UnsafeRawBufferPointer, isLast: Bool, _ timestamp: UInt32) {
        let length = RTPPacketInfo.fixedHeaderSize + payload.count
        packets.append(UInt8(truncatingIfNeeded: length >> 8))
        packets.append(UInt8(truncatingIfNeeded: length))
        withUnsafeTemporaryAllocation(byteCount: RTPPacketInfo.fixedHeaderSize, alignment: 4) { header in
            guard let start = header.baseAddress else { return }
            RTPHeaderWriter.write(
                start, payloadType: StreamState.madePayloadType, marker: isLast, sequenceNumber: sequence,
                timestamp: timestamp, ssrc: plan.ssrc)
            packets.append(contentsOf: UnsafeRawBufferPointer(header))
        }
        packets.append(contentsOf: payload)
        sequence &+= 1
    }
}
