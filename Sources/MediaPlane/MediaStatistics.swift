import RTP
public import SRTP

/// Counters of one stream of a leg, from the opening of the leg.
public struct StreamStatistics: Sendable, Equatable {
    public var codec: MediaCodec?
    public var sentCodec: MediaCodec?
    public var packetsReceived: UInt64 = 0
    public var bytesReceived: UInt64 = 0
    public var packetsSent: UInt64 = 0
    public var bytesSent: UInt64 = 0
    /// Cumulative packets lost on the way to the bridge (RFC 3550 §6.4.1); duplicates can make it negative.
    public var packetsLost: Int64 = 0
    public var fractionLost: Double = 0
    /// Interarrival jitter in milliseconds (RFC 3550 §6.4.1).
    public var jitterMilliseconds: Double = 0
    /// What the peer last reported of the stream sent to it.
    public var remoteFractionLost: Double = 0
    public var remoteJitterMilliseconds: Double = 0
    public var roundTripMilliseconds: Double?
    /// Packets dropped at the edge: too short, not RTP, unknown payload type.
    public var malformed: UInt64 = 0
    /// Packets that failed authentication, or were replayed.
    public var unauthenticated: UInt64 = 0
    public var keyframesRequested: UInt64 = 0
    /// Packets missing on the way to the bridge: NACKs sent for them, counted singly, and those that came then.
    public var packetsAskedFor: UInt64 = 0
    public var packetsRecovered: UInt64 = 0
    /// Packets that the peer missed and was sent again.
    public var packetsRetransmitted: UInt64 = 0
    /// What the point would be shown it cannot decode, by what was agreed with it (codec, H.264 profile or packetization
    /// mode): it is shown the next best instead, or nothing.
    public var isWithheld = false
    /// What the peer last reported in all: packets that it lost, and how many it should have had (RFC 3550 §6.4.1).
    public var remotePacketsLost: Int64 = 0
    public var remoteHighestSequence: UInt32 = 0
    /// Of pictures that come: how many, their size in pixels where a keyframe told, and how often they stood still.
    public var picturesReceived: UInt64 = 0
    public var pictureWidth: Int?
    public var pictureHeight: Int?
    public var freezes: UInt64 = 0
    /// By which packets are encrypted; nil in the clear, and while there are no keys.
    public var suite: SRTPSuite?
    public init() {}
}

public struct LegStatistics: Sendable, Equatable {
    public var leg: LegID
    /// The leg that it carries to another bridge (`LegParameters.carried`); nil for a point's own leg.
    public var carried: LegID?
    public var audio: StreamStatistics
    public var video: StreamStatistics
    /// nil without a stream for slides.
    public var slides: StreamStatistics?
    /// Further sizes of the camera's picture.
    public var layers: [StreamStatistics] = []
    /// Of the streams in which it is shown further cameras.
    public var panes: [StreamStatistics] = []
    /// Speech level heard from the leg, dBov, -127 for silence.
    public var audioLevel: Double
    /// The loudest of it lately, dBov: falls by 10 dB a second.
    public var loudness = -127.0
    public var isSpeaking: Bool
    /// Time since the last authenticated packet, nil before the first.
    public var silence: Duration?
    /// What the line to it is thought to carry, bit/s; nil while nothing bounds it.
    public var lineBitsPerSecond: UInt64?
    public init(
        leg: LegID, audio: StreamStatistics = .init(), video: StreamStatistics = .init(),
        slides: StreamStatistics? = nil, audioLevel: Double = -127, isSpeaking: Bool = false, silence: Duration? = nil
    ) {
        self.leg = leg
        self.audio = audio
        self.video = video
        self.slides = slides
        self.audioLevel = audioLevel
        self.isSpeaking = isSpeaking
        self.silence = silence
    }
}

/// How one media worker keeps up with its clock.
public struct WorkerStatistics: Sendable, Equatable {
    /// Audio ticks of 20 ms that were made, in time or late.
    public var ticks: UInt64 = 0
    /// Of those, ticks that began 20 ms or more after they were due: their sound was sent late.
    public var lateTicks: UInt64 = 0
    /// Ticks never made, for the worker was further behind than it makes up for: 20 ms of sound are missing for each.
    public var skippedTicks: UInt64 = 0
    /// The longest that the worker took from waking for a tick until everything was sent, since it was last asked.
    public var longestTick: Duration = .zero
    public var latency = LatencyHistogram()
    /// What did not fit into the ring to another worker, that to the studio (packets), and that from it (pictures).
    public var fanOutOverflows: UInt64 = 0
    public var filmOverflows: UInt64 = 0
    public var pictureOverflows: UInt64 = 0
    public init() {}
}

/// What the media plane tells control, in the order in which it happened.
public enum MediaEvent: Sendable {
    /// The first authenticated packet of a leg arrived.
    case legHeard(LegID)
    /// The first authenticated packet of a leg's sound or picture arrived.
    case streamHeard(LegID, isPicture: Bool)
    /// The room's active speaker changed; nil when nobody spoke for a while.
    case speakerChanged(MediaRoomID, LegID?)
    /// Whose slides the room sees changed; nil when nobody presents.
    case presenterChanged(MediaRoomID, LegID?)
    /// No authenticated packet came for the configured time.
    case legSilent(LegID)
    /// No keys could be agreed on with the peer: its media cannot flow.
    case keysRefused(LegID, reason: String)
    /// A DTMF digit (RFC 4733) was pressed.
    case digit(LegID, Character)
    /// A leg's sound disturbs the others, or does so no longer.
    case soundTrouble(LegID, SoundTrouble)
    case soundWell(LegID, SoundTrouble.Kind)
    /// A clip is over for a leg, or, without one, for a room.
    case clipEnded(PlaybackID, LegID?, ClipEnd)
    /// The recording of a room overflowed its ring; so many packets are missing.
    case tapOverflow(MediaRoomID, packets: UInt64)
}
