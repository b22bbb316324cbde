import DTLS
import ICE
import MediaPlane
import RTP
import SDP
import SRTP

extension LegParameters {
    /// What offer and answer settled, in the media plane's words.
    ///
    /// - Parameter panes: by which the bridge sends each.
    init(_ negotiated: Negotiated, panes: [StreamSources] = []) throws(SRTPError) {
        self.init(
            audio: try negotiated.audio.map { media throws(SRTPError) in try StreamParameters(media) },
            video: try negotiated.video.map { media throws(SRTPError) in try StreamParameters(media) },
            slides: try negotiated.slides.map { media throws(SRTPError) in try StreamParameters(media) })
        // Their numbers stay where one of them is turned down.
        var settled: [Int: NegotiatedMedia] = [:]
        for media in negotiated.panes { if let pane = media.pane { settled[pane] = media } }
        for number in panes.indices {
            guard let media = settled[number] else { break }
            self.panes.append(
                PaneParameters(
                    try StreamParameters(media), sources: panes[number], identification: media.identification ?? ""))
        }
        hasFloorControl = negotiated.floorControl != nil
        paths = negotiated.transports.filter { $0.mediaIndexes.count > 1 || $0.ice != nil || $0.dtls != nil }
            .map { PathParameters($0, of: negotiated) }
    }
}

extension PathParameters {
    init(_ transport: NegotiatedTransport, of negotiated: Negotiated) {
        let media = transport.mediaIndexes.compactMap { index in negotiated.media.first { $0.index == index } }
        self.init(
            members: media.map { media in
                var member = Member(
                    StreamRole(media), identification: media.identification ?? "", layers: media.simulcast.map(\.id))
                member.pane = media.pane ?? 0
                return member
            },
            // Where both sides are lite nobody checks (RFC 8445 §6.1.1).
            finding: transport.ice.flatMap { $0.isRemoteLite ? nil : Finding($0) },
            keying: transport.dtls.map(Keying.init))
        for media in media {
            for (kind, id) in media.extensions.receivable { extensions[RTP.HeaderExtension(kind)] = id }
            if media.usesTransportFeedback, let id = media.extensions.sending[.transportSequenceNumber] {
                transportSequenceID = id
            }
            if media.usesREMB { estimates = true }
        }
    }
}

extension RTP.HeaderExtension {
    init(_ kind: SDP.HeaderExtension) {
        self =
            switch kind {
            case .audioLevel: .audioLevel
            case .absoluteSendTime: .absoluteSendTime
            case .transportSequenceNumber: .transportSequence
            case .identification: .mediaIdentification
            case .streamID: .streamIdentifier
            case .repairedStreamID: .repairedStreamIdentifier
            }
    }
}

extension PathParameters.Finding {
    /// Nil for what cannot be, as both were checked when the description was read.
    init?(_ ice: NegotiatedICE) {
        guard
            let local = ICE.ICECredentials(
                usernameFragment: ice.local.usernameFragment, password: ice.local.password)
        else { return nil }
        self.init(local: local, remoteFragment: ice.remote.usernameFragment)
    }
}

extension PathParameters.Keying {
    init(_ dtls: NegotiatedDTLS) {
        self.init(
            role: dtls.role == .client ? .client : .server,
            fingerprints: dtls.fingerprints.compactMap { DTLS.DTLSFingerprint($0.value) },
            isKept: dtls.continuity == .kept)
    }
}

extension StreamRole {
    init(_ media: NegotiatedMedia) {
        self = media.kind == .audio ? .audio : media.pane != nil ? .pane : media.isSlides ? .slides : .video
    }
}

extension StreamParameters {
    init(_ media: NegotiatedMedia) throws(SRTPError) {
        var security = media.usesDTLS ? StreamSecurity.agreed : .clear
        if let crypto = media.crypto, let suite = SRTPSuite(sdesName: crypto.suite.rawValue) {
            security = .sdes(
                suite: suite, local: try SRTPMasterKey(suite: suite, keyAndSalt: crypto.localKeyAndSalt),
                remote: try SRTPMasterKey(suite: suite, keyAndSalt: crypto.remoteKeyAndSalt))
        }
        var feedback: FeedbackSupport = []
        if media.feedback.contains("nack pli") { feedback.insert(.pictureLossIndication) }
        if media.feedback.contains("ccm fir") { feedback.insert(.fullIntraRequest) }
        if media.feedback.contains("nack") { feedback.insert(.genericNACK) }
        if media.extendedReports.summarizes { feedback.insert(.statisticsSummary) }
        let sendable = media.sending.compactMap(PayloadMapping.init)
        self.init(
            receivable: media.receivable.compactMap(PayloadMapping.init), sending: sendable.first,
            telephoneEvent: media.telephoneEventReceived,
            remoteRTP: MediaAddress(host: media.remoteAddress, port: media.remotePort),
            remoteRTCP: MediaAddress(host: media.remoteRTCPAddress, port: media.remoteRTCPPort),
            multiplexesRTCP: media.multiplexesRTCP, receives: media.direction.receives, sends: media.direction.sends,
            security: security, feedback: feedback,
            // The format parameters of what we send are those that the peer wrote.
            h264ParameterSets: media.sending.lazy.filter { $0.encodingName == "H264" }
                .map { H264ParameterSets.units(inFormatParameters: $0.formatParameters) }
                .first { !$0.isEmpty } ?? [])
        alternatives = Array(sendable.dropFirst())
        sendingTelephoneEvent = media.telephoneEventSent
        retransmissions = media.receivableRetransmissions.map(RetransmissionMapping.init)
        sendingRetransmissions = media.sendingRetransmissions.map(RetransmissionMapping.init)
    }
}

extension RetransmissionMapping {
    init(_ format: RetransmissionFormat) { self.init(payloadType: format.payloadType, original: format.original) }
}

extension PayloadMapping {
    init?(_ mapping: CodecMapping) {
        let name = mapping.encodingName.lowercased()
        guard let codec = MediaCodec.allCases.first(where: { $0.encodingName.lowercased() == name }) else { return nil }
        self.init(
            payloadType: mapping.payloadType, codec: codec, formatParameters: mapping.formatParameters,
            picture: mapping.h264.map { PictureFormat($0) })
    }
}

extension PictureFormat {
    /// What an H.264 stream of this shape may be like; of profiles that are not known, as much as any.
    init(_ format: H264Format) {
        let fragmented: PictureFormat = format.family == .baseline ? .h264Baseline : .h264High
        self = format.packetizationMode == 0 ? fragmented.single : fragmented
    }
}

extension MediaCapabilities {
    /// What the bridge takes part in on a listener; of the suites, those that the media plane knows.
    static func bridge(suites: [CryptoSuite], allowsClear: Bool) -> MediaCapabilities {
        var capabilities = MediaCapabilities()
        capabilities.headerExtensions = [
            .identification, .transportSequenceNumber, .absoluteSendTime, .streamID, .repairedStreamID,
        ]
        capabilities.feedback.formUnion(["transport-cc", "goog-remb"])
        capabilities.maximumSimulcastStreams = 3
        capabilities.reducedSizeRTCP = true
        capabilities.usesICEWithoutDTLS = true
        capabilities.invitesDTLS = true
        capabilities.allowsClear = allowsClear
        capabilities.suites = suites.filter { SRTPSuite(sdesName: $0.rawValue) != nil }
        return capabilities
    }

    /// The same for offers to others than browsers, of which some take in no more than 4,000 octets (PJSIP): without what
    /// only browsers make use of.
    var forShortOffers: MediaCapabilities {
        var capabilities = self
        capabilities.headerExtensions = []
        capabilities.feedback.subtract(["transport-cc", "goog-remb"])
        capabilities.reducedSizeRTCP = false
        return capabilities
    }

    /// The same for a browser: it knows no other keys, and has no word for slides.
    var forBrowsers: MediaCapabilities {
        var capabilities = self
        capabilities.offersDTLS = true
        capabilities.takesSecondVideoAsSlides = true
        capabilities.maximumPanes = PaneParameters.most
        return capabilities
    }
}
