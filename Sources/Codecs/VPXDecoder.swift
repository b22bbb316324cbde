internal import CVPX

/// Which of libvpx's two codecs.
public enum VPXCodec: Sendable {
    /// RFC 6386.
    case vp8
    /// The VP9 Bitstream & Decoding Process Specification.
    case vp9

    var name: String { self == .vp8 ? "VP8" : "VP9" }
}

/// Decodes one VP8 or VP9 stream (libvpx). Pictures are bounded as `I420Picture.allows`, whatever the stream says.
/// One thread at a time may use it.
public final class VPXDecoder: VideoDecoder {
    public let codec: VPXCodec
    /// On the heap: libvpx keeps the address.
    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private let frames = FrameMemory()
    private var image: UnsafeMutablePointer<vpx_image_t>?

    public init(_ codec: VPXCodec, threads: Int = 1) throws(CodecError) {
        self.codec = codec
        context = .allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        var configuration = vpx_codec_dec_cfg_t(threads: UInt32(clamping: threads), w: 0, h: 0)
        let interface = codec == .vp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx()
        let status = causeway_vpx_decoder_init(context, interface, &configuration)
        guard status == VPX_CODEC_OK else {
            throw .cannotCreate(codec: codec.name, reason: String(cString: vpx_codec_err_to_string(status)))
        }
        // VP9 can change size on any frame, deep in its header: its frame memory is ours, and bounded.
        if codec == .vp9 {
            let client = Unmanaged.passUnretained(frames).toOpaque()
            let status = vpx_codec_set_frame_buffer_functions(context, lendFrame, takeBackFrame, client)
            guard status == VPX_CODEC_OK else {
                throw .cannotCreate(codec: codec.name, reason: String(cString: vpx_codec_err_to_string(status)))
            }
        }
    }

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    public func decode(_ packet: UnsafeRawBufferPointer) throws(CodecError) -> Bool {
        image = nil
        guard let bytes = packet.baseAddress, packet.count > 0 else {
            throw .malformed(codec: codec.name, reason: "an empty packet")
        }
        if let size = try Self.keyframeSize(packet, codec), !I420Picture.allows(width: size.width, height: size.height)
        {
            throw .tooLarge(codec: codec.name, reason: "pictures of \(size.width) × \(size.height)")
        }
        let status = vpx_codec_decode(
            context, bytes.assumingMemoryBound(to: UInt8.self), UInt32(clamping: packet.count), nil, 0)
        guard status == VPX_CODEC_OK else {
            throw .malformed(codec: codec.name, reason: String(cString: vpx_codec_err_to_string(status)))
        }
        var iterator: vpx_codec_iter_t?
        while let next = vpx_codec_get_frame(context, &iterator) { image = next }
        guard let shown = image?.pointee else { return false }
        guard shown.fmt == VPX_IMG_FMT_I420, shown.bit_depth == 8,
            I420Picture.allows(width: Int(shown.d_w), height: Int(shown.d_h))
        else {
            image = nil
            throw .tooLarge(codec: codec.name, reason: "pictures that are not 8-bit 4:2:0, or are larger than allowed")
        }
        return true
    }

    public func withPicture<Result>(_ body: (I420View) -> Result) -> Result? {
        guard let shown = image?.pointee, let y = shown.planes.0, let u = shown.planes.1, let v = shown.planes.2 else {
            return nil
        }
        return body(
            I420View(
                width: Int(shown.d_w), height: Int(shown.d_h), y: y, u: u, v: v, lumaStride: Int(shown.stride.0),
                chromaStride: Int(shown.stride.1)))
    }

    /// Whether a VP8 packet begins a keyframe (RFC 6386 §9.1), or a VP9 one does; false for what is neither.
    public static func isKeyframe(_ packet: UnsafeRawBufferPointer, _ codec: VPXCodec) -> Bool {
        (try? keyframeSize(packet, codec)) != nil
    }

    /// The picture size that a keyframe announces; `nil` for other frames.
    static func keyframeSize(
        _ packet: UnsafeRawBufferPointer, _ codec: VPXCodec
    ) throws(CodecError) -> (width: Int, height: Int)? {
        switch codec {
        case .vp8:
            guard let first = packet.first, first & 1 == 0 else { return nil }
            guard packet.count >= 10, packet[3] == 0x9D, packet[4] == 0x01, packet[5] == 0x2A else {
                throw .malformed(codec: codec.name, reason: "a keyframe without its start code (RFC 6386 §9.1)")
            }
            return (
                Int(packet[6]) | Int(packet[7] & 0x3F) << 8, Int(packet[8]) | Int(packet[9] & 0x3F) << 8
            )
        case .vp9:
            var information = vpx_codec_stream_info_t()
            information.sz = UInt32(MemoryLayout<vpx_codec_stream_info_t>.size)
            let status = vpx_codec_peek_stream_info(
                vpx_codec_vp9_dx(), packet.baseAddress?.assumingMemoryBound(to: UInt8.self),
                UInt32(clamping: packet.count), &information)
            guard status == VPX_CODEC_OK, information.is_kf != 0 else { return nil }
            return (Int(information.w), Int(information.h))
        }
    }
}

/// The memory of VP9's reference frames: 8 references and a few being decoded or shown, each bounded.
private final class FrameMemory {
    /// Room for the largest picture that we allow, 4:2:0, with libvpx's borders of 160 pixels and its alignment.
    static let maximumBytes = 24 << 20
    static let maximumFrames = 16
    var lent = 0
}

private let lendFrame: vpx_get_frame_buffer_cb_fn_t = { client, minimumSize, frame in
    guard let client, let frame, minimumSize <= FrameMemory.maximumBytes else { return -1 }
    let memory = Unmanaged<FrameMemory>.fromOpaque(client).takeUnretainedValue()
    guard memory.lent < FrameMemory.maximumFrames else { return -1 }
    // libvpx reads borders before writing them, so the memory is zeroed.
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: minimumSize)
    bytes.initialize(repeating: 0, count: minimumSize)
    frame.pointee.data = bytes
    frame.pointee.size = minimumSize
    // libvpx gives back only frames whose private pointer is set.
    frame.pointee.priv = client
    memory.lent += 1
    return 0
}

private let takeBackFrame: vpx_release_frame_buffer_cb_fn_t = { client, frame in
    guard let client, let frame, let bytes = frame.pointee.data else { return 0 }
    bytes.deallocate()
    frame.pointee.data = nil
    frame.pointee.size = 0
    frame.pointee.priv = nil
    Unmanaged<FrameMemory>.fromOpaque(client).takeUnretainedValue().lent -= 1
    return 0
}
