public enum MediaKind: String, Sendable, Hashable, CaseIterable { case audio, video }

/// A codec that the bridge takes part with.
public struct CodecCapability: Sendable, Equatable {
    /// As in `a=rtpmap`; compared without regard to case.
    public var encodingName: String
    public var clockRate: UInt32
    public var channels: Int
    /// What `a=fmtp` says of receiving it here; "" for nothing.
    public var formatParameters: String
    /// The payload type written into offers.
    public var payloadType: UInt8

    public init(
        _ encodingName: String, clockRate: UInt32, channels: Int = 1, formatParameters: String = "", payloadType: UInt8
    ) {
        self.encodingName = encodingName
        self.clockRate = clockRate
        self.channels = channels
        self.formatParameters = formatParameters
        self.payloadType = payloadType
    }

    public static let opus = CodecCapability(
        "opus", clockRate: 48_000, channels: 2, formatParameters: "stereo=0;sprop-stereo=0;useinbandfec=1",
        payloadType: 96)
    public static let g722 = CodecCapability("G722", clockRate: 8000, payloadType: 9)
    public static let pcma = CodecCapability("PCMA", clockRate: 8000, payloadType: 8)
    public static let pcmu = CodecCapability("PCMU", clockRate: 8000, payloadType: 0)
    public static let vp8 = CodecCapability("VP8", clockRate: 90_000, payloadType: 97)
    /// Constrained Baseline, fragmented where a NAL unit is longer than a datagram.
    public static let h264 = h264(profile: "42e0", mode: 1, payloadType: 98)
    /// Constrained Baseline, a NAL unit a datagram: what the oldest room systems know.
    public static let h264SingleUnit = h264(profile: "42e0", mode: 0, payloadType: 99)
    /// Constrained High.
    public static let h264High = h264(profile: "640c", mode: 1, payloadType: 100)

    /// Level 3.1 is 1280 × 720 at 30 pictures a second.
    private static func h264(profile: String, mode: UInt8, payloadType: UInt8) -> CodecCapability {
        CodecCapability(
            "H264", clockRate: 90_000,
            formatParameters: "profile-level-id=\(profile)1f;packetization-mode=\(mode);level-asymmetry-allowed=1",
            payloadType: payloadType)
    }

    var isH264: Bool { encodingName.isSameIgnoringCase("H264") }

    /// For content that has to be read: level 4, which is 1920 × 1080 at 30 pictures a second.
    var forSlides: CodecCapability {
        guard isH264 else { return self }
        var codec = self
        codec.formatParameters = formatParameters.replacing("1f;", with: "28;", maxReplacements: 1)
        return codec
    }
}

/// What the bridge can and may agree to, in its order of preference.
public struct MediaCapabilities: Sendable, Equatable {
    public var audio: [CodecCapability] = [.opus, .g722, .pcma, .pcmu]
    /// The profile that all have goes first, so that all see each other.
    public var video: [CodecCapability] = [.vp8, .h264, .h264SingleUnit, .h264High]
    public var slides = [CodecCapability.vp8, .h264, .h264SingleUnit, .h264High].map(\.forSlides)
    /// Offers of ours have a stream for slides and its floor control, where the local media has them. They are taken part
    /// in without, where a peer offers them.
    public var offersSlides = false
    /// Takes RFC 4733 events.
    public var telephoneEvents = true
    /// Suites in order of preference.
    public var suites: [CryptoSuite] = [
        .aeadAES128GCM, .aeadAES256GCM, .aesCM128HMACSHA1_80, .aes256CMHMACSHA1_80, .aesCM128HMACSHA1_32,
    ]
    /// Media without encryption is agreed to where the peer offers nothing better.
    public var allowsClear = false
    /// Packets with a master key index (RFC 3711 §8.1) can be read.
    public var acceptsMasterKeyIndex = false
    /// RTCP feedback that is understood, of all that peers offer (RFC 4585 §4.2).
    public var feedback: Set<String> = ["nack", "nack pli", "ccm fir"]
    /// Pictures may be sent again in streams of their own, where both give NACKs (RFC 4588).
    public var retransmits = true
    /// Header extensions that are understood; in offers they are numbered in this order, from 1.
    public var headerExtensions: [HeaderExtension] = []
    /// Headers of the one-byte and the two-byte form are read in one stream (RFC 8285 §4.1.2).
    public var mixesExtensionForms = false
    /// RTCP packets may be less than compound (RFC 5506).
    public var reducedSizeRTCP = false
    /// Streams of a simulcast that are received of one camera (RFC 8853); 0 for none.
    public var maximumSimulcastStreams = 0
    /// ICE is taken part in without DTLS too, as softphones have it, where the local media has it.
    public var usesICEWithoutDTLS = false
    /// Offers of ours are for DTLS-SRTP, where the local media has it, and bundled: for browsers.
    public var offersDTLS = false
    /// Other offers of ours can be answered by DTLS-SRTP as well as by SDES, where the local media has it: who knows one of
    /// them passes over the other.
    public var invitesDTLS = false
    /// A second video m-line that says nothing of its content is for slides: browsers cannot say it.
    public var takesSecondVideoAsSlides = false
    /// Cameras' pictures that are sent beside the main one, each in an m-line of its own that is bundled with others; 0 for none.
    public var maximumPanes = 0
    /// m-lines of an offer beyond which it is refused whole; room systems with several screens have a dozen.
    public var maximumMediaLines = 16

    public init() {}

    func codecs(of role: MediaRole) -> [CodecCapability] {
        switch role {
        case .audio: audio
        case .video, .pane: video
        case .slides: slides
        }
    }
}

/// An address and port of ours for one stream.
public struct LocalStream: Sendable, Hashable {
    public var address: String
    public var port: UInt16
    /// Unless RTCP is multiplexed; nil means the port above.
    public var rtcpPort: UInt16?
    public var direction: MediaDirection
    /// For ICE, the best first; empty for the address and port above alone. An address that is advertised and differs from
    /// the bound one is named here, and the bound one too if peers within its network are to reach it.
    public var candidates: [LocalCandidate] = []
    /// For RTCP that is not multiplexed; empty where no checks are answered there, and the peer's ICE leaves RTCP out.
    public var rtcpCandidates: [LocalCandidate] = []
    /// What we send, told beforehand.
    public var source: LocalSource?

    public init(address: String, port: UInt16, rtcpPort: UInt16? = nil, direction: MediaDirection = .sendReceive) {
        self.address = address
        self.port = port
        self.rtcpPort = rtcpPort
        self.direction = direction
    }
}

/// What the bridge writes into its descriptions; a nil stream is not taken part in.
public struct LocalMedia: Sendable {
    public var sessionID: UInt64
    public var sessionName: String
    public var audio: LocalStream?
    public var video: LocalStream?
    /// For content that is shared beside the camera's picture.
    public var slides: LocalStream?
    /// For further cameras' pictures, sent only; they have a transport of the above.
    public var panes: [LocalStream] = []
    public var floorControl: LocalFloorControl?
    /// nil: without ICE, peers are latched on to.
    public var ice: LocalICE?
    /// nil: without DTLS-SRTP.
    public var dtls: LocalDTLS?
    /// The address of `o=` and of the session's `c=`.
    public var address: String

    public init(
        sessionID: UInt64, address: String, audio: LocalStream?, video: LocalStream?, slides: LocalStream? = nil,
        floorControl: LocalFloorControl? = nil, sessionName: String = "-"
    ) {
        self.sessionID = sessionID
        self.address = address
        self.audio = audio
        self.video = video
        self.slides = slides
        self.floorControl = floorControl
        self.sessionName = sessionName
    }

    func stream(of role: MediaRole) -> LocalStream? {
        switch role {
        case .audio: audio
        case .video: video
        case .slides: slides
        case .pane(let index): panes.indices.contains(index) ? panes[index] : nil
        }
    }
}
