import Codecs

/// A picture as WebP: one key frame of VP8 in a RIFF container (RFC 9649 §2.5).
enum StillPicture {
    private static let quality = 12

    static func webP(_ picture: I420Picture) throws(CodecError) -> [UInt8] {
        let encoder = try VPXEncoder(
            .vp8,
            VPXEncoderConfiguration(
                width: picture.width, height: picture.height,
                rate: .quality(quality, ceiling: picture.width * picture.height * 8), effort: .realtime(speed: 2)))
        var frame: [UInt8] = []
        try encoder.encode(
            picture.view, timestampMicroseconds: 0, durationMicroseconds: 1_000_000, forceKeyframe: true
        ) { frame = Array($0.bytes) }
        let padding = frame.count & 1
        return Array("RIFF".utf8) + little(4 + 8 + frame.count + padding) + Array("WEBPVP8 ".utf8) + little(frame.count)
            + frame + Array(repeating: 0, count: padding)
    }

    private static func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
}
