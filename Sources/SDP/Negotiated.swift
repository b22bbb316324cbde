/// Why offer and answer came to nothing; what to tell the peer with 488 (RFC 3264 §6).
public enum NegotiationError: Error, Sendable, Equatable, CustomStringConvertible {
    case tooManyMediaLines(limit: Int)
    case noMediaOffered
    /// Media in the clear was offered, and is not allowed here.
    case encryptionRequired
    case noCommonSuite
    case noCommonCodec
    case unsupportedTransport(String)
    case noUsableAddress
    case keyHasWrongLength(CryptoSuite)
    /// An answer must have the offer's m-lines.
    case answerDoesNotMatchOffer
    /// DTLS without a fingerprint of a hash that can be trusted.
    case noUsableFingerprint
    /// `a=setup` is not one that can be answered, or that answers.
    case unusableSetup(String)
    /// The peer has no address but what ICE would find, and ICE is off here or not whole there.
    case iceRequired
    /// ICE restarts, and the caller gave the credentials that were in force.
    case credentialsNotFresh
    /// An m-line that is to be had only in a BUNDLE that was not agreed on.
    case bundleRefused

    public var description: String {
        switch self {
        case .tooManyMediaLines(let limit): "more than \(limit) m= lines; offer fewer"
        case .noMediaOffered: "no audio or video is offered"
        case .encryptionRequired: "media must be encrypted: switch SRTP (SDES) on in the device"
        case .noCommonSuite: "no common SRTP suite: switch AES_CM_128_HMAC_SHA1_80 or AEAD_AES_128_GCM on in the device"
        case .noCommonCodec: "no common codec: switch Opus, G.722 or G.711, and VP8 or H.264, on in the device"
        case .unsupportedTransport(let name): "media transport \(name) is not supported; offer RTP/SAVP"
        case .noUsableAddress: "a medium has no c= address, its own or the session's"
        case .keyHasWrongLength(let suite): "the key made for \(suite.rawValue) has the wrong length"
        case .answerDoesNotMatchOffer: "the answer does not match the offer that was made"
        case .noUsableFingerprint: "DTLS needs a=fingerprint with sha-256, sha-384 or sha-512: offer one"
        case .unusableSetup(let value): "a=setup:\(value) cannot be used: offer actpass, answer active or passive"
        case .iceRequired:
            "the media has no address but by ICE: write ice-ufrag and ice-pwd, or an address in c=; here ICE must be on"
        case .credentialsNotFresh: "an ICE restart needs a fragment and a password that were not in force before"
        case .bundleRefused:
            "a bundle-only medium cannot join its BUNDLE: give it a=rtcp-mux, DTLS and payload types of its own"
        }
    }
}

/// A payload type and what it carries.
public struct CodecMapping: Sendable, Hashable {
    public var payloadType: UInt8
    /// As in the capabilities, whatever the peer's spelling.
    public var encodingName: String
    public var clockRate: UInt32
    public var channels: Int
    /// `a=fmtp` of the side that receives: ours for what we receive, the peer's for what we send.
    public var formatParameters: String

    /// The shape of an H.264 stream; nil for other codecs.
    public var h264: H264Format? {
        encodingName.lowercased() == "h264" ? H264Format(parsing: formatParameters) : nil
    }

    public init(
        payloadType: UInt8, encodingName: String, clockRate: UInt32, channels: Int, formatParameters: String = ""
    ) {
        self.payloadType = payloadType
        self.encodingName = encodingName
        self.clockRate = clockRate
        self.channels = channels
        self.formatParameters = formatParameters
    }
}

/// A payload type in which packets of another are sent again (RFC 4588 §8.1).
public struct RetransmissionFormat: Sendable, Hashable {
    public var payloadType: UInt8
    /// The payload type of what is sent again.
    public var original: UInt8

    public init(payloadType: UInt8, original: UInt8) {
        self.payloadType = payloadType
        self.original = original
    }
}

/// The suite and both keys of a stream. The keys are not printed.
public struct NegotiatedCrypto: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    public var suite: CryptoSuite
    /// Master key and salt with which we send.
    public var localKeyAndSalt: [UInt8]
    /// Master key and salt with which the peer sends.
    public var remoteKeyAndSalt: [UInt8]

    public var description: String { "\(suite.rawValue) (keys secret)" }
    public var debugDescription: String { description }
}

/// What was agreed for one m-line, seen from us.
public struct NegotiatedMedia: Sendable, Equatable {
    public var kind: MediaKind
    /// The m-line, counted from 0.
    public var index: Int
    public var transport: String
    /// What the peer may send us.
    public var receivable: [CodecMapping]
    /// What we may send, the best first.
    public var sending: [CodecMapping]
    /// In which the peer may send packets again, and in which we may.
    public var receivableRetransmissions: [RetransmissionFormat] = []
    public var sendingRetransmissions: [RetransmissionFormat] = []
    /// Payload type of telephone events that we receive and that we send.
    public var telephoneEventReceived: UInt8?
    public var telephoneEventSent: UInt8?
    public var remoteAddress: String
    public var remotePort: UInt16
    public var remoteRTCPAddress: String
    public var remoteRTCPPort: UInt16
    public var multiplexesRTCP: Bool
    public var direction: MediaDirection
    /// By SDES. nil: in the clear, or by DTLS, which the transport has.
    public var crypto: NegotiatedCrypto?
    /// Keyed by the handshake of its transport.
    public var usesDTLS = false
    /// Feedback that both understand, such as "nack pli".
    public var feedback: Set<String>
    /// What the peer asks for.
    public var extendedReports = ExtendedReports()
    /// Of the packets that the peer wants.
    public var packetTimeMilliseconds: Int?
    public var identification: String?
    /// Content that is shared, beside the camera's picture (RFC 4796).
    public var isSlides = false
    /// Which pane it is; nil for what is none.
    public var pane: Int?
    /// By which the line for floor control refers to this one (RFC 4574).
    public var label: String?
    public var extensions = NegotiatedExtensions()
    /// Streams of the camera that the peer sends at once, in its order; empty for one stream without a rid.
    public var simulcast: [SimulcastStream] = []
    /// What the peer tells of the streams that it sends; with rids it tells nothing.
    public var remoteSources: [RemoteSource] = []
    /// RTCP may be less than compound (RFC 5506).
    public var reducedSizeRTCP = false

    /// Feedback on the arrival of all packets of the transport; both ways.
    public var usesTransportFeedback: Bool {
        feedback.contains("transport-cc") && extensions.receivable[.transportSequenceNumber] != nil
    }
    /// Receivers tell senders what they estimate that the path carries.
    public var usesREMB: Bool { feedback.contains("goog-remb") }
}

/// An agreement.
public struct Negotiated: Sendable, Equatable {
    /// Our description: the answer to send, or the offer that was answered.
    public var local: SessionDescription
    public var remote: SessionDescription
    /// One for each m-line that carries media.
    public var media: [NegotiatedMedia]

    public var audio: NegotiatedMedia? { media.first { $0.kind == .audio } }
    public var video: NegotiatedMedia? { media.first { $0.kind == .video && !$0.isSlides && $0.pane == nil } }
    public var slides: NegotiatedMedia? { media.first(where: \.isSlides) }
    /// Further cameras' pictures for the peer to show, each in a transport of one of the above.
    public var panes: [NegotiatedMedia] { media.filter { $0.pane != nil } }
    /// Who may send slides is arranged by BFCP.
    public var floorControl: NegotiatedFloorControl?
    /// Each m-line of `media` is in one.
    public var transports: [NegotiatedTransport] = []

    public func transport(of media: NegotiatedMedia) -> NegotiatedTransport? {
        transports.first { $0.mediaIndexes.contains(media.index) }
    }
}
