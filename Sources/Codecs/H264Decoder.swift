internal import COpenH264

/// Decodes one H.264 stream (openh264: Constrained Baseline, Main and High without interlacing or B pictures), in
/// Annex B form, or, with a configuration, in length-prefixed samples as Matroska and MP4 carry them. One thread at a
/// time may use it.
///
/// openh264 itself refuses pictures of more than 36,864 macroblocks (4096 × 2304).
public final class H264Decoder: VideoDecoder {
    private let decoder: UnsafeMutablePointer<ISVCDecoder?>
    private let configuration: AVCConfiguration?
    private var annexB: [UInt8] = []
    private var shown: I420View?

    public init(configuration: AVCConfiguration? = nil) throws(CodecError) {
        var created: UnsafeMutablePointer<ISVCDecoder?>?
        guard WelsCreateDecoder(&created) == 0, let created else {
            throw .cannotCreate(codec: "H.264", reason: "openh264 has no decoder")
        }
        guard causeway_openh264_initialize(created) == 0 else {
            WelsDestroyDecoder(created)
            throw .cannotCreate(codec: "H.264", reason: "openh264 refused the settings")
        }
        decoder = created
        self.configuration = configuration
        if let sets = configuration?.parameterSets, !sets.isEmpty {
            // Sets that do not parse show when the first picture needs them.
            _ = try? sets.withUnsafeBufferPointer { try decodeAnnexB(UnsafeRawBufferPointer($0)) }
        }
    }

    deinit {
        causeway_openh264_uninitialize(decoder)
        WelsDestroyDecoder(decoder)
    }

    public func decode(_ packet: UnsafeRawBufferPointer) throws(CodecError) -> Bool {
        shown = nil
        guard packet.count > 0 else { throw .malformed(codec: "H.264", reason: "an empty packet") }
        guard packet.count <= 16 << 20 else {
            throw .tooLarge(codec: "H.264", reason: "a picture of \(packet.count) bytes")
        }
        guard let configuration else { return try decodeAnnexB(packet) }
        try configuration.convertToAnnexB(packet, into: &annexB)
        return try annexB.withUnsafeBufferPointer { buffer throws(CodecError) in
            try decodeAnnexB(UnsafeRawBufferPointer(buffer))
        }
    }

    public func withPicture<Result>(_ body: (I420View) -> Result) -> Result? { shown.map(body) }

    private func decodeAnnexB(_ bytes: UnsafeRawBufferPointer) throws(CodecError) -> Bool {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return false }
        var planes: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?) = (
            nil, nil, nil
        )
        var information = SBufferInfo()
        let state = withUnsafeMutableBytes(of: &planes) { raw in
            causeway_openh264_decode(
                decoder, base.assumingMemoryBound(to: UInt8.self), Int32(clamping: bytes.count),
                raw.baseAddress?.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self), &information)
        }
        guard information.iBufferStatus == 1, let y = planes.0, let u = planes.1, let v = planes.2 else {
            guard state == dsErrorFree || state == dsFramePending else {
                throw .malformed(codec: "H.264", reason: "openh264 state 0x\(String(state.rawValue, radix: 16))")
            }
            return false
        }
        let buffer = information.UsrData.sSystemBuffer
        guard I420Picture.allows(width: Int(buffer.iWidth), height: Int(buffer.iHeight)) else {
            throw .tooLarge(codec: "H.264", reason: "pictures of \(buffer.iWidth) × \(buffer.iHeight)")
        }
        shown = I420View(
            width: Int(buffer.iWidth), height: Int(buffer.iHeight), y: y, u: u, v: v, lumaStride: Int(buffer.iStride.0),
            chromaStride: Int(buffer.iStride.1))
        return true
    }
}
