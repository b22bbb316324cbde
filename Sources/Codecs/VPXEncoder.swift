internal import CVPX

/// What a `VPXEncoder` is asked for.
public struct VPXEncoderConfiguration: Sendable {
    public enum Rate: Sendable {
        /// Constant bitrate, in bits a second.
        case bitrate(Int)
        /// The same for a line that carries no more: keyframes are small, and pictures are left out rather than sent late.
        case live(Int)
        /// Constant quality, 0 (best) to 63, at most so many bits a second.
        case quality(Int, ceiling: Int)
    }

    public enum Effort: Sendable {
        /// Each picture comes out at once. Speed 0 (best picture) to 9 (least work) for VP9, to 16 for VP8.
        case realtime(speed: Int)
        /// Looks ahead by up to `lag` pictures. Speed 0 to 5.
        case good(speed: Int, lag: Int)
    }

    public var width: Int
    public var height: Int
    public var rate: Rate
    public var effort: Effort
    /// The most pictures from one keyframe to the next.
    public var keyframeInterval: Int
    public var threads: Int
    /// The pictures are drawn (names, plates, borders), not only filmed.
    public var drawnContent: Bool

    public init(
        width: Int, height: Int, rate: Rate, effort: Effort = .realtime(speed: 8), keyframeInterval: Int = 250,
        threads: Int = 1, drawnContent: Bool = false
    ) {
        self.width = width
        self.height = height
        self.rate = rate
        self.effort = effort
        self.keyframeInterval = keyframeInterval
        self.threads = threads
        self.drawnContent = drawnContent
    }
}

/// Encodes one VP8 or VP9 stream (libvpx). One thread at a time may use it.
public final class VPXEncoder: VideoEncoder {
    public let codec: VPXCodec
    public let configuration: VPXEncoderConfiguration
    /// On the heap: libvpx keeps the address.
    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private let deadline: UInt

    public init(_ codec: VPXCodec, _ configuration: VPXEncoderConfiguration) throws(CodecError) {
        guard I420Picture.allows(width: configuration.width, height: configuration.height),
            configuration.keyframeInterval > 0, configuration.threads > 0
        else {
            throw .cannotCreate(
                codec: codec.name,
                reason: "\(configuration.width) × \(configuration.height), a keyframe each "
                    + "\(configuration.keyframeInterval) pictures, \(configuration.threads) threads")
        }
        let interface = codec == .vp8 ? vpx_codec_vp8_cx() : vpx_codec_vp9_cx()
        var settings = vpx_codec_enc_cfg_t()
        guard vpx_codec_enc_config_default(interface, &settings, 0) == VPX_CODEC_OK else {
            throw .cannotCreate(codec: codec.name, reason: "libvpx has no such encoder")
        }
        settings.g_w = UInt32(configuration.width)
        settings.g_h = UInt32(configuration.height)
        settings.g_timebase = vpx_rational(num: 1, den: 1_000_000)
        settings.g_threads = UInt32(configuration.threads)
        settings.kf_mode = VPX_KF_AUTO
        settings.kf_min_dist = 0
        settings.kf_max_dist = UInt32(configuration.keyframeInterval)
        let speed: Int
        switch configuration.effort {
        case .realtime(let wanted):
            speed = wanted
            deadline = UInt(VPX_DL_REALTIME)
            settings.g_lag_in_frames = 0
        case .good(let wanted, let lag):
            speed = wanted
            deadline = UInt(VPX_DL_GOOD_QUALITY)
            settings.g_lag_in_frames = UInt32(clamping: min(lag, 25))
        }
        var controls: [(vp8e_enc_control_id, Int)] = [(VP8E_SET_CPUUSED, speed)]
        switch configuration.rate {
        case .bitrate(let bitsPerSecond):
            settings.rc_end_usage = VPX_CBR
            settings.rc_target_bitrate = UInt32(clamping: max(1, bitsPerSecond / 1000))
        case .live(let bitsPerSecond):
            settings.rc_end_usage = VPX_CBR
            settings.rc_target_bitrate = UInt32(clamping: max(1, bitsPerSecond / 1000))
            settings.rc_min_quantizer = 2
            settings.rc_max_quantizer = 60
            settings.rc_overshoot_pct = 15
            settings.rc_buf_sz = 1_000
            settings.rc_buf_initial_sz = 500
            settings.rc_buf_optimal_sz = 600
            settings.rc_dropframe_thresh = 30
            // Percent of the mean picture's octets.
            controls.append((VP8E_SET_MAX_INTRA_BITRATE_PCT, 450))
            controls.append((VP8E_SET_STATIC_THRESHOLD, 1))
        case .quality(let level, let ceiling):
            settings.rc_end_usage = VPX_CQ
            settings.rc_target_bitrate = UInt32(clamping: max(1, ceiling / 1000))
            controls.append((VP8E_SET_CQ_LEVEL, level))
        }
        if codec == .vp9 {
            controls.append((VP9E_SET_ROW_MT, configuration.threads > 1 ? 1 : 0))
            // Tile columns are counted in powers of two and each is at least 256 pixels wide.
            let columns = min(configuration.threads, configuration.width / 256, 4)
            controls.append((VP9E_SET_TILE_COLUMNS, columns >= 4 ? 2 : columns >= 2 ? 1 : 0))
            if configuration.drawnContent {
                controls.append((VP9E_SET_TUNE_CONTENT, Int(VP9E_CONTENT_SCREEN.rawValue)))
            }
        }
        context = .allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        self.codec = codec
        self.configuration = configuration
        var status = causeway_vpx_encoder_init(context, interface, &settings)
        for (control, value) in controls where status == VPX_CODEC_OK {
            status = causeway_vpx_control(context, Int32(control.rawValue), Int32(clamping: value))
        }
        guard status == VPX_CODEC_OK else {
            throw .cannotCreate(codec: codec.name, reason: String(cString: vpx_codec_err_to_string(status)))
        }
    }

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    /// Encodes a picture of the configured size; `body` is called for each encoded picture that is ready.
    /// Timestamps only grow.
    public func encode(
        _ picture: I420View, timestampMicroseconds: Int64, durationMicroseconds: Int64, forceKeyframe: Bool,
        _ body: (EncodedPicture) -> Void
    ) throws(CodecError) {
        guard picture.width == configuration.width, picture.height == configuration.height else {
            throw .encodingFailed(codec: codec.name, reason: "a picture of \(picture.width) × \(picture.height)")
        }
        var image = vpx_image_t()
        image.fmt = VPX_IMG_FMT_I420
        image.bit_depth = 8
        image.bps = 12
        image.w = UInt32(picture.width)
        image.h = UInt32(picture.height)
        image.d_w = image.w
        image.d_h = image.h
        image.x_chroma_shift = 1
        image.y_chroma_shift = 1
        // libvpx only reads the planes of an image to encode.
        image.planes.0 = UnsafeMutablePointer(mutating: picture.y)
        image.planes.1 = UnsafeMutablePointer(mutating: picture.u)
        image.planes.2 = UnsafeMutablePointer(mutating: picture.v)
        image.stride.0 = Int32(picture.lumaStride)
        image.stride.1 = Int32(picture.chromaStride)
        image.stride.2 = Int32(picture.chromaStride)
        try run(&image, timestampMicroseconds, durationMicroseconds, forceKeyframe ? Int(VPX_EFLAG_FORCE_KF) : 0)
        deliver(body)
    }

    /// Encodes what the encoder still holds back.
    public func finish(_ body: (EncodedPicture) -> Void) throws(CodecError) {
        var delivered = true
        while delivered {
            try run(nil, 0, 1, 0)
            delivered = deliver(body)
        }
    }

    private func run(
        _ image: UnsafePointer<vpx_image_t>?, _ timestamp: Int64, _ duration: Int64, _ flags: Int
    ) throws(CodecError) {
        guard duration > 0 else { throw .encodingFailed(codec: codec.name, reason: "a picture without duration") }
        let status = vpx_codec_encode(context, image, timestamp, UInt(duration), flags, deadline)
        guard status == VPX_CODEC_OK else {
            throw .encodingFailed(codec: codec.name, reason: String(cString: vpx_codec_err_to_string(status)))
        }
    }

    @discardableResult
    private func deliver(_ body: (EncodedPicture) -> Void) -> Bool {
        var iterator: vpx_codec_iter_t?
        var delivered = false
        while let packet = vpx_codec_get_cx_data(context, &iterator) {
            guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
            delivered = true
            body(
                EncodedPicture(
                    bytes: UnsafeRawBufferPointer(
                        start: causeway_vpx_packet_data(packet), count: causeway_vpx_packet_size(packet)),
                    timestampMicroseconds: causeway_vpx_packet_pts(packet),
                    isKeyframe: causeway_vpx_packet_is_key(packet) != 0))
        }
        return delivered
    }
}
