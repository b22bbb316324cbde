/// What a receiver has to understand of a stream of pictures.
///
/// Of H.264 that is the profile and the packetization mode (RFC 6184 §8.2.2). Levels are not told apart: room systems
/// offer low ones and decode far more.
public enum PictureFormat: UInt8, Sendable, Hashable, CaseIterable {
    case vp8
    /// Constrained Baseline with a NAL unit in each packet (RFC 6184 §5.6).
    case h264BaselineSingle
    /// Constrained Baseline, aggregated and fragmented besides (RFC 6184 §5.7, §5.8).
    case h264Baseline
    case h264HighSingle
    case h264High

    public init?(_ codec: MediaCodec) {
        switch codec {
        case .vp8: self = .vp8
        case .h264: self = .h264Baseline
        case .opus, .g722, .pcmu, .pcma: return nil
        }
    }

    public var codec: MediaCodec { self == .vp8 ? .vp8 : .h264 }

    /// The same, where the sender aggregates and fragments.
    public var fragmented: PictureFormat {
        switch self {
        case .vp8: .vp8
        case .h264BaselineSingle, .h264Baseline: .h264Baseline
        case .h264HighSingle, .h264High: .h264High
        }
    }

    /// The same, where the sender does neither.
    public var single: PictureFormat {
        switch self {
        case .vp8: .vp8
        case .h264BaselineSingle, .h264Baseline: .h264BaselineSingle
        case .h264HighSingle, .h264High: .h264HighSingle
        }
    }

    /// Whether a receiver of this format shows streams of another: High has all that Baseline has.
    public func includes(_ other: PictureFormat) -> Bool {
        switch self {
        case .vp8: other == .vp8
        case .h264BaselineSingle: other == .h264BaselineSingle
        case .h264Baseline: other == .h264BaselineSingle || other == .h264Baseline
        case .h264HighSingle: other == .h264BaselineSingle || other == .h264HighSingle
        case .h264High: other != .vp8
        }
    }
}
