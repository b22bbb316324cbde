/// The codecs that the bridge knows by name.
public enum MediaCodec: UInt8, Sendable, Hashable, CaseIterable {
    case opus, g722, pcmu, pcma, vp8, h264

    public var isVideo: Bool { self == .vp8 || self == .h264 }

    /// The clock of RTP timestamps in Hz; G.722 counts 8,000 though it samples at 16,000 (RFC 3551 §4.5.2).
    public var rtpClockRate: UInt32 {
        switch self {
        case .opus: 48_000
        case .g722, .pcmu, .pcma: 8_000
        case .vp8, .h264: 90_000
        }
    }

    /// The encoding name in `a=rtpmap` (RFC 7587, 3551, 7741, 6184).
    public var encodingName: String {
        switch self {
        case .opus: "opus"
        case .g722: "G722"
        case .pcmu: "PCMU"
        case .pcma: "PCMA"
        case .vp8: "VP8"
        case .h264: "H264"
        }
    }
}
