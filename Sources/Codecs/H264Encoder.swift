internal import COpenH264

/// What an `H264Encoder` is asked for.
public struct H264EncoderConfiguration: Sendable {
    public var width: Int
    public var height: Int
    public var bitsPerSecond: Int
    public var frameRate: Int
    /// Octets of a NAL unit at most, so that each fits in a packet; a picture is cut into as many slices as that takes.
    public var longestUnit: Int

    public init(width: Int, height: Int, bitsPerSecond: Int, frameRate: Int, longestUnit: Int = 1_150) {
        self.width = width
        self.height = height
        self.bitsPerSecond = bitsPerSecond
        self.frameRate = frameRate
        self.longestUnit = longestUnit
    }
}

/// Encodes one H.264 stream (openh264: Constrained Baseline) in Annex B form, parameter sets before each keyframe.
/// Pictures are left out where the rate does not carry them. One thread at a time may use it.
public final class H264Encoder: VideoEncoder {
    public let configuration: H264EncoderConfiguration
    private let encoder: UnsafeMutablePointer<ISVCEncoder?>
    private var annexB: [UInt8] = []

    public init(_ configuration: H264EncoderConfiguration) throws(CodecError) {
        guard I420Picture.allows(width: configuration.width, height: configuration.height),
            (1...100).contains(configuration.frameRate), configuration.bitsPerSecond > 0,
            configuration.longestUnit >= 200
        else {
            throw .cannotCreate(
                codec: "H.264",
                reason: "\(configuration.width) × \(configuration.height), \(configuration.frameRate) pictures and "
                    + "\(configuration.bitsPerSecond) bits a second")
        }
        var created: UnsafeMutablePointer<ISVCEncoder?>?
        guard WelsCreateSVCEncoder(&created) == 0, let created else {
            throw .cannotCreate(codec: "H.264", reason: "openh264 has no encoder")
        }
        let state = causeway_openh264_encoder_initialize(
            created, Int32(configuration.width), Int32(configuration.height),
            Int32(clamping: configuration.bitsPerSecond),
            Int32(configuration.frameRate), UInt32(clamping: configuration.longestUnit))
        guard state == 0 else {
            WelsDestroySVCEncoder(created)
            throw .cannotCreate(codec: "H.264", reason: "openh264 refused the settings (\(state))")
        }
        encoder = created
        self.configuration = configuration
    }

    deinit {
        causeway_openh264_encoder_uninitialize(encoder)
        WelsDestroySVCEncoder(encoder)
    }

    public func encode(
        _ picture: I420View, timestampMicroseconds: Int64, durationMicroseconds: Int64, forceKeyframe: Bool,
        _ body: (EncodedPicture) -> Void
    ) throws(CodecError) {
        guard picture.width == configuration.width, picture.height == configuration.height else {
            throw .encodingFailed(codec: "H.264", reason: "a picture of \(picture.width) × \(picture.height)")
        }
        var source = SSourcePicture()
        source.iColorFormat = Int32(videoFormatI420.rawValue)
        source.iPicWidth = Int32(picture.width)
        source.iPicHeight = Int32(picture.height)
        source.iStride = (Int32(picture.lumaStride), Int32(picture.chromaStride), Int32(picture.chromaStride), 0)
        // openh264 only reads the planes of a picture to encode.
        source.pData = (
            UnsafeMutablePointer(mutating: picture.y), UnsafeMutablePointer(mutating: picture.u),
            UnsafeMutablePointer(mutating: picture.v), nil
        )
        source.uiTimeStamp = timestampMicroseconds / 1_000
        var information = SFrameBSInfo()
        let state = causeway_openh264_encode(encoder, &source, forceKeyframe, &information)
        guard state == 0 else { throw .encodingFailed(codec: "H.264", reason: "openh264 state \(state)") }
        annexB.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: &information.sLayerInfo) { raw in
            for layer in raw.bindMemory(to: SLayerBSInfo.self).prefix(Int(max(0, information.iLayerNum))) {
                guard let bytes = layer.pBsBuf, let lengths = layer.pNalLengthInByte else { continue }
                let count = (0..<Int(max(0, layer.iNalCount))).reduce(0) { $0 + Int(lengths[$1]) }
                annexB.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            }
        }
        // Left out.
        guard !annexB.isEmpty else { return }
        annexB.withUnsafeBytes {
            body(
                EncodedPicture(
                    bytes: $0, timestampMicroseconds: timestampMicroseconds,
                    isKeyframe: information.eFrameType == videoFrameTypeIDR))
        }
    }
}
