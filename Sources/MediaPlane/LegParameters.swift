import RTP
import SRTP

/// A room's place in the media plane; unique for the life of the process.
public struct MediaRoomID: Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A participant's media session; unique for the life of the process.
public struct LegID: Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// An IP address in text (no brackets) and a UDP port.
public struct MediaAddress: Hashable, Sendable {
    public var host: String
    public var port: UInt16
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}

/// One payload type of a stream as negotiated (RFC 8866 §6.6, §6.15).
public struct PayloadMapping: Hashable, Sendable {
    public var payloadType: UInt8
    public var codec: MediaCodec
    /// The `a=fmtp` parameters, as written after the payload type; empty if none.
    public var formatParameters: String
    /// Of pictures, what they are like at most; nil for sound.
    public var picture: PictureFormat?
    /// Without a picture format, H.264 is Constrained Baseline and may be fragmented.
    public init(payloadType: UInt8, codec: MediaCodec, formatParameters: String = "", picture: PictureFormat? = nil) {
        self.payloadType = payloadType
        self.codec = codec
        self.formatParameters = formatParameters
        self.picture = picture ?? PictureFormat(codec)
    }
}

/// A payload type in which packets of another are sent again (RFC 4588 §8.1).
public struct RetransmissionMapping: Hashable, Sendable {
    public var payloadType: UInt8
    public var original: UInt8
    public init(payloadType: UInt8, original: UInt8) {
        self.payloadType = payloadType
        self.original = original
    }
}

/// RTCP messages that the peer understands (RFC 4585, RFC 5104), or asks for (RFC 3611).
public struct FeedbackSupport: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let pictureLossIndication = FeedbackSupport(rawValue: 1)
    public static let fullIntraRequest = FeedbackSupport(rawValue: 2)
    public static let genericNACK = FeedbackSupport(rawValue: 4)
    /// The peer wants summaries of how its packets came.
    public static let statisticsSummary = FeedbackSupport(rawValue: 8)
}

/// The keys of one stream, both ways.
public enum StreamSecurity: Sendable {
    case clear
    /// By a handshake on the stream's path; without them nothing flows.
    case agreed
    /// From offer and answer (RFC 4568).
    case sdes(suite: SRTPSuite, local: SRTPMasterKey, remote: SRTPMasterKey)
}

/// What offer and answer settled for one m-line, seen from the bridge.
public struct StreamParameters: Sendable {
    /// Payload types that the peer may send.
    public var receivable: [PayloadMapping]
    /// The payload type that the bridge sends; nil when the bridge sends nothing.
    public var sending: PayloadMapping?
    /// Further payload types in which the bridge may send pictures, the best first: each source's in one that fits. To a
    /// leg that carries another (`LegParameters.carried`), those of sound too.
    public var alternatives: [PayloadMapping] = []
    /// Payload types in which the peer may send packets again.
    public var retransmissions: [RetransmissionMapping] = []
    /// Payload types in which the bridge sends packets again; those of other payload types are repeated as they were.
    public var sendingRetransmissions: [RetransmissionMapping] = []
    /// Payload type of RFC 4733 events that the peer may send, where negotiated.
    public var telephoneEvent: UInt8?
    /// That in which a leg that carries another sends them; a point's own is sent none.
    public var sendingTelephoneEvent: UInt8?
    public var remoteRTP: MediaAddress
    public var remoteRTCP: MediaAddress
    public var multiplexesRTCP: Bool
    /// The bridge accepts media from the peer / sends media to it.
    public var receives: Bool
    public var sends: Bool
    public var security: StreamSecurity
    public var feedback: FeedbackSupport
    /// NAL units that the peer told in its description and may leave out of its stream (RFC 6184 §8.1).
    public var h264ParameterSets: [[UInt8]]

    public init(
        receivable: [PayloadMapping], sending: PayloadMapping?, telephoneEvent: UInt8? = nil, remoteRTP: MediaAddress,
        remoteRTCP: MediaAddress, multiplexesRTCP: Bool, receives: Bool = true, sends: Bool = true,
        security: StreamSecurity, feedback: FeedbackSupport = [], h264ParameterSets: [[UInt8]] = []
    ) {
        self.receivable = receivable
        self.sending = sending
        self.telephoneEvent = telephoneEvent
        self.remoteRTP = remoteRTP
        self.remoteRTCP = remoteRTCP
        self.multiplexesRTCP = multiplexesRTCP
        self.receives = receives
        self.sends = sends
        self.security = security
        self.feedback = feedback
        self.h264ParameterSets = h264ParameterSets
    }
}

/// What offer and answer settled for one more camera's picture.
public struct PaneParameters: Sendable {
    public var stream: StreamParameters
    /// By which the bridge sends it.
    public var sources: StreamSources
    /// The stream's `a=mid`, by which the point names the pane.
    public var identification: String
    public init(_ stream: StreamParameters, sources: StreamSources, identification: String) {
        self.stream = stream
        self.sources = sources
        self.identification = identification
    }

    /// Of one leg at most.
    public static let most = 12
}

/// What a point makes of its panes.
public enum PaneUse: Sendable, Hashable {
    /// Nothing: what it sees is composed, where its layout is.
    case none
    /// It shows them beside the main picture, which is the speaker's.
    case beside
    /// It shows them, and the main picture not: that is not sent.
    case alone
}

/// The media of one leg; a nil stream is an m-line that was refused or never offered.
public struct LegParameters: Sendable {
    public var audio: StreamParameters?
    public var video: StreamParameters?
    /// Content that is shared beside the camera's picture (RFC 4796). Needs `MediaPlane.reserveSlides`.
    public var slides: StreamParameters?
    /// Further cameras' pictures for the point to show, which `MediaPlane.setPanes` fills. Each is on a path of one of the
    /// above.
    public var panes: [PaneParameters] = []
    /// Who presents is arranged with the point by BFCP: that its slides come does not make it the presenter.
    public var hasFloorControl = false
    /// Transports that are more than the addresses in the streams.
    public var paths: [PathParameters] = []
    /// The leg whose streams this one sends, as they came and unmixed, to another bridge; nil for a point's own leg.
    ///
    /// A carrying leg takes nothing in but RTCP, whatever its streams say of receiving, and is sent no mix, no layout and
    /// nobody else's picture. It is nobody: it counts neither as a viewer nor among those who are heard.
    ///
    /// - Sound goes packet by packet in the payload type of its codec (`sending` and `alternatives` of `audio`), keys by
    ///   RFC 4733 in `sendingTelephoneEvent`; what the far side has no payload type for is not sent. While the carried leg is muted
    ///   its keys alone are. A picture and, while the carried leg presents, slides go as to any viewer whose line carries
    ///   everything: of a simulcast the best size, from a keyframe on.
    /// - It sends while both legs are in the same room, and is silent otherwise: nothing leaves the room that the point is in
    ///   until control moves the carrying leg there too (`MediaPlane.moveLeg`). A carried leg that is gone leaves it silent;
    ///   another may take its place by `startLeg`, and the streams go on in their numbers.
    /// - Both are of one meeting; otherwise `startLeg` throws `carriedElsewhere`.
    public var carried: LegID?
    public init(audio: StreamParameters?, video: StreamParameters?, slides: StreamParameters? = nil) {
        self.audio = audio
        self.video = video
        self.slides = slides
    }
}

/// Ports bound for a leg before its answer is written, and the names of its streams in the recording.
public struct LegReservation: Sendable {
    public let id: LegID
    /// The address to write into `c=`; RTCP is at the port above unless multiplexed.
    public let audio: MediaAddress
    /// Where ports for the camera's picture are bound too.
    public var video: MediaAddress?
    /// Index of each stream in the room's recording tap; never used twice in a room.
    public let audioTrack: UInt16
    public let videoTrack: UInt16
    public var audioSources = StreamSources.random()
    public var videoSources = StreamSources.random()
    /// Where ports for slides are bound too.
    public var slides: SlidesReservation?
}

/// Ports bound for a leg's slides, and the name of their stream in the recording.
public struct SlidesReservation: Sendable, Hashable {
    public let address: MediaAddress
    public let track: UInt16
    public let sources: StreamSources
    public init(address: MediaAddress, track: UInt16, sources: StreamSources = .random()) {
        self.address = address
        self.track = track
        self.sources = sources
    }
}
