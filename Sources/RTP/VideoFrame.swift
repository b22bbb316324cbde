/// An encoded picture put together from RTP packets.
public struct VideoFrame: Sendable, Equatable {
    public var bytes: [UInt8]
    public var rtpTimestamp: UInt32
    public var isKeyframe: Bool
    /// Pixels, where a keyframe says them.
    public var width: Int?
    public var height: Int?
    /// Something before this frame is missing since the last keyframe: a decoder may show damage.
    public var followsLoss: Bool

    public init(
        bytes: [UInt8], rtpTimestamp: UInt32, isKeyframe: Bool, width: Int? = nil, height: Int? = nil,
        followsLoss: Bool = false
    ) {
        self.bytes = bytes
        self.rtpTimestamp = rtpTimestamp
        self.isKeyframe = isKeyframe
        self.width = width
        self.height = height
        self.followsLoss = followsLoss
    }
}

/// What one packet brought about in a depacketizer.
public struct DepacketizerOutput: Sendable, Equatable {
    /// A whole frame, if this packet completed one.
    public var frame: VideoFrame?
    /// Frames given up by this packet because a part is missing, malformed or too big.
    public var droppedFrames = 0

    public init(frame: VideoFrame? = nil, droppedFrames: Int = 0) {
        self.frame = frame
        self.droppedFrames = droppedFrames
    }
}
