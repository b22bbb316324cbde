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
    /// Constrained Baseline, level 3.1.
    public static let h264 = CodecCapability(
        "H264", clockRate: 90_000,
        formatParameters: "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1", payloadType: 98)

    var isH264: Bool { encodingName.isSameIgnoringCase("H264") }
}

/// What the bridge can and may agree to, in its order of preference.
public struct MediaCapabilities: Sendable, Equatable {
    public var audio: [CodecCapability] = [.opus, .g722, .pcma, .pcmu]
    public var video: [CodecCapability] = [.vp8, .h264]
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
    /// m-lines of an offer beyond which it is refused whole.
    public var maximumMediaLines = 8

    public init() {}

    public func codecs(of kind: MediaKind) -> [CodecCapability] { kind == .audio ? audio : video }
}

/// An address and port of ours for one stream.
public struct LocalStream: Sendable, Hashable {
    public var address: String
    public var port: UInt16
    /// Unless RTCP is multiplexed; nil means the port above.
    public var rtcpPort: UInt16?
    public var direction: MediaDirection

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
    /// The address of `o=` and of the session's `c=`.
    public var address: String

    public init(
        sessionID: UInt64, address: String, audio: LocalStream?, video: LocalStream?, sessionName: String = "-"
    ) {
        self.sessionID = sessionID
        self.address = address
        self.audio = audio
        self.video = video
        self.sessionName = sessionName
    }

    func stream(of kind: MediaKind) -> LocalStream? { kind == .audio ? audio : video }
}
