import RTP

/// What a source's pictures are like: how many come, how large they are, and how often they stand still.
struct PictureMotion {
    /// A gap this long, and three times as long as gaps are, is a freeze (as webrtc-stats counts `freezeCount`).
    private static let shortestFreeze: UInt64 = 150_000_000
    /// What is longer is a camera that was turned off.
    private static let longestFreeze: UInt64 = 10_000_000_000

    private(set) var pictures: UInt64 = 0
    private(set) var freezes: UInt64 = 0
    private(set) var width: Int?
    private(set) var height: Int?
    private var lastAt: UInt64 = 0
    /// Nanoseconds between pictures, smoothed.
    private var gap: UInt64 = 0

    /// The last packet of a picture came, at `now` on the monotonic clock in nanoseconds.
    mutating func picture(at now: UInt64) {
        pictures &+= 1
        defer { lastAt = now }
        guard lastAt != 0 else { return }
        let since = now &- lastAt
        guard since < Self.longestFreeze else { return }
        if gap != 0, since > max(3 * gap, gap + Self.shortestFreeze) {
            freezes &+= 1
        } else {
            gap = gap == 0 ? since : (gap * 7 + since) / 8
        }
    }

    /// A keyframe begins in this payload: its head tells its size.
    mutating func keyframe(_ payload: UnsafeRawBufferPointer, _ codec: MediaCodec) {
        let size: (width: Int, height: Int)? =
            switch codec {
            case .vp8: VP8FrameHeader.size(ofKeyframe: payload)
            case .h264: H264SequenceParameters.size(inKeyframe: payload)
            case .opus, .g722, .pcmu, .pcma: nil
            }
        if let size { (width, height) = size }
    }
}
