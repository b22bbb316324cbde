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
    /// nil: in the clear.
    public var crypto: NegotiatedCrypto?
    /// Feedback that both understand, such as "nack pli".
    public var feedback: Set<String>
    /// What the peer asks for.
    public var extendedReports = ExtendedReports()
    /// Of the packets that the peer wants.
    public var packetTimeMilliseconds: Int?
    public var identification: String?
    /// Content that is shared, beside the camera's picture (RFC 4796).
    public var isSlides = false
    /// By which the line for floor control refers to this one (RFC 4574).
    public var label: String?
}

/// An agreement.
public struct Negotiated: Sendable, Equatable {
    /// Our description: the answer to send, or the offer that was answered.
    public var local: SessionDescription
    public var remote: SessionDescription
    /// One for each m-line that carries media.
    public var media: [NegotiatedMedia]

    public var audio: NegotiatedMedia? { media.first { $0.kind == .audio } }
    public var video: NegotiatedMedia? { media.first { $0.kind == .video && !$0.isSlides } }
    public var slides: NegotiatedMedia? { media.first(where: \.isSlides) }
    /// Who may send slides is arranged by BFCP.
    public var floorControl: NegotiatedFloorControl?
}
