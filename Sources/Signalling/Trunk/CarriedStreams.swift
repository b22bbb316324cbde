import MediaPlane
import SDP

/// What a trunk's call is to carry of a leg: its streams as its point may send them.
public struct CarriedStreams: Sendable, Equatable {
    struct Stream: Sendable, Equatable {
        var codecs: [CodecCapability]
        /// The point may send now.
        var isOn: Bool
    }

    var audio: Stream?
    var video: Stream?
    var slides: Stream?
    var hasTelephoneEvents: Bool

    public init(of leg: LegParameters) {
        audio = leg.audio.flatMap(Stream.init)
        video = leg.video.flatMap(Stream.init)
        slides = leg.slides.flatMap(Stream.init)
        hasTelephoneEvents = leg.audio?.telephoneEvent != nil
    }

    /// Whether a call that carries `other` can carry this after a new offer: what is added is slides at most.
    func isWithinReach(of other: CarriedStreams) -> Bool {
        audio?.codecs == other.audio?.codecs && video?.codecs == other.video?.codecs
            && hasTelephoneEvents == other.hasTelephoneEvents
            && (other.slides == nil || slides == nil || slides?.codecs == other.slides?.codecs)
    }
}

extension CarriedStreams.Stream {
    init?(_ stream: StreamParameters) {
        codecs = stream.receivable.map { CodecCapability($0, parameterSets: stream.h264ParameterSets) }
        isOn = stream.receives
        if codecs.isEmpty { return nil }
    }
}

extension CodecCapability {
    /// - Parameter parameterSets: which a sender of H.264 told, and may leave out of its stream.
    fileprivate init(_ mapping: PayloadMapping, parameterSets: [[UInt8]]) {
        var parameters = mapping.formatParameters
        if mapping.codec == .h264, !parameterSets.isEmpty, !parameters.contains("sprop-parameter-sets") {
            let list = "sprop-parameter-sets=\(H264ParameterSets.text(of: parameterSets))"
            parameters = parameters.isEmpty ? list : "\(parameters);\(list)"
        }
        self.init(
            mapping.codec.encodingName, clockRate: mapping.codec.rtpClockRate,
            channels: mapping.codec == .opus ? 2 : 1, formatParameters: parameters, payloadType: mapping.payloadType)
    }
}

extension MediaCapabilities {
    /// What a trunk's call offers: these streams, under keys.
    func carrying(_ streams: CarriedStreams) -> MediaCapabilities {
        var capabilities = forShortOffers
        capabilities.audio = streams.audio?.codecs ?? []
        capabilities.video = streams.video?.codecs ?? []
        // What is offered later is taken then.
        capabilities.slides = streams.slides?.codecs ?? slides
        capabilities.offersSlides = streams.slides != nil
        capabilities.telephoneEvents = streams.hasTelephoneEvents
        capabilities.allowsClear = false
        capabilities.offersDTLS = false
        capabilities.invitesDTLS = false
        capabilities.usesICEWithoutDTLS = false
        capabilities.maximumSimulcastStreams = 0
        capabilities.maximumPanes = 0
        return capabilities
    }
}
