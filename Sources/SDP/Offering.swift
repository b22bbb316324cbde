extension OfferAnswer {
    /// An offer of ours: for a call that the bridge makes, for an INVITE without a description, or, with `previous`
    /// (what we sent last in the dialog), for a change. A re-offer keeps every m-line in its place with its formats
    /// and keys; those that were off, or whose stream is nil now, are off.
    /// Slides that had none get one where `addingSlides` says so. With `previousRemote`, the peer's that was in
    /// force with it, what was bundled stays so.
    public static func makeOffer(
        with capabilities: MediaCapabilities, local: LocalMedia, previous: SessionDescription? = nil,
        previousRemote: SessionDescription? = nil, addingSlides: Bool = false, makeKey: KeyMaker
    ) throws(NegotiationError) -> SessionDescription {
        var offer = emptyDescription(local, after: previous)
        if let previous {
            offer.media = previous.media.map { reoffered($0, local) }
            try reofferTransports(&offer, after: previous, previousRemote, local)
            // What there was no line for is added (RFC 3264 §8.1), where nothing is bundled.
            guard addingSlides, capabilities.offersSlides, let slides = local.slides,
                BundleGroup.groups(in: previous).isEmpty,
                !previous.media.contains(where: { MediaRole(own: $0) == .slides })
            else { return offer }
            offer.media.append(try offered(.slides, slides, capabilities, local, makeKey))
            return offer
        }
        for role in MediaRole.offered {
            guard let stream = local.stream(of: role), !capabilities.codecs(of: role).isEmpty,
                role != .slides || capabilities.offersSlides
            else { continue }
            offer.media.append(try offered(role, stream, capabilities, local, makeKey))
        }
        offerTransports(&offer, capabilities, local)
        guard !offer.media.isEmpty else { throw .noMediaOffered }
        if let slides = offer.media.first(where: \.isSlides), let floor = local.floorControl,
            let line = offeredFloorControl(floor, slidesLabel: slides.label)
        {
            offer.media.append(line)
        }
        return offer
    }

    /// Takes the answer to an offer of ours. `previous` and `previousRemote` are what was in force before, where the offer
    /// changes something: by them it is known whether a DTLS association goes on.
    public static func accept(
        answer: SessionDescription, to offer: SessionDescription, with capabilities: MediaCapabilities,
        previous: SessionDescription? = nil, previousRemote: SessionDescription? = nil
    ) throws(NegotiationError) -> Negotiated {
        guard answer.media.count == offer.media.count else { throw .answerDoesNotMatchOffer }
        var transports = TransportAccepting(
            answer: answer, offer: offer, previous: previous, previousRemote: previousRemote)
        var agreed: [NegotiatedMedia] = []
        var floorControl: NegotiatedFloorControl?
        for (index, (ours, theirs)) in zip(offer.media, answer.media).enumerated() {
            guard theirs.kind == ours.kind else { throw .answerDoesNotMatchOffer }
            guard ours.isOn, theirs.port != 0 else { continue }
            if let role = MediaRole(own: ours) {
                do throws(NegotiationError) {
                    let transport = try transports.peer(of: index)
                    agreed.append(
                        try accepted(
                            theirs, of: answer, to: ours, in: offer, index: index, role: role, capabilities, transport))
                } catch {
                    // A call is not given up for want of slides.
                    if role != .slides { throw error }
                }
            } else if floorControl == nil {
                floorControl = acceptFloorControl(answer: theirs, index: index, of: answer, to: ours)
            }
        }
        if agreed.isEmpty, offer.media.contains(where: { $0.port != 0 }) { throw .noCommonCodec }
        try transports.settle(&agreed)
        return Negotiated(
            local: offer, remote: answer, media: agreed, floorControl: floorControl, transports: transports.settled)
    }

    private static func offered(
        _ role: MediaRole, _ stream: LocalStream, _ capabilities: MediaCapabilities, _ local: LocalMedia,
        _ makeKey: KeyMaker
    ) throws(NegotiationError) -> MediaDescription {
        let isDTLS = capabilities.offersDTLS && local.dtls != nil
        // Bundled, a payload type has the same parameters everywhere (RFC 9143 §9.1); those of slides ask for no less.
        let others = isDTLS && capabilities.offersSlides && local.slides != nil ? capabilities.slides : []
        let codecs = capabilities.codecs(of: role).map { codec in
            others.first { $0.payloadType == codec.payloadType && role == .video } ?? codec
        }.map {
            CodecMapping(
                payloadType: $0.payloadType, encodingName: $0.encodingName, clockRate: $0.clockRate,
                channels: $0.channels, formatParameters: $0.formatParameters)
        }
        var event: CodecMapping?
        if role == .audio, capabilities.telephoneEvents {
            let taken = Set(codecs.map(\.payloadType))
            // 101 by custom, unless a codec has it.
            let free = ([101] + Array(UInt8(96)...UInt8(127))).first { !taken.contains($0) }
            event = free.map {
                CodecMapping(
                    payloadType: $0, encodingName: "telephone-event", clockRate: 8000, channels: 1,
                    formatParameters: "0-15")
            }
        }
        // With clear media allowed the profile is the plain one and the keys are an invitation.
        let isPlain = capabilities.allowsClear || capabilities.suites.isEmpty
        guard isDTLS || capabilities.allowsClear || !capabilities.suites.isEmpty else { throw .noCommonSuite }
        var writer = MediaLineWriter(
            kind: role.kind, transport: isDTLS ? "UDP/TLS/RTP/SAVPF" : isPlain ? "RTP/AVP" : "RTP/SAVP", stream: stream,
            codecs: codecs, telephoneEvent: event)
        for (index, suite) in capabilities.suites.enumerated() where !isDTLS {
            let key = makeKey(suite)
            guard key.count == suite.keyAndSaltLength else { throw .keyHasWrongLength(suite) }
            writer.cryptos.append(CryptoAttribute(tag: UInt32(index + 1), suite: suite, keyAndSalt: key))
        }
        if role.kind == .video {
            if capabilities.retransmits {
                var taken = Set(codecs.map(\.payloadType))
                if isDTLS { taken.formUnion(typesOfAll(capabilities)) }
                let free = (UInt8(96)...UInt8(127)).filter { !taken.contains($0) }
                writer.retransmissions = zip(free, codecs).map {
                    RetransmissionFormat(payloadType: $0, original: $1.payloadType)
                }
            }
            writer.feedback = capabilities.feedback.sorted().map { RTCPFeedback(payloadType: nil, kind: $0) }
        }
        writer.multiplexesRTCP = true
        writer.extensions = ExtensionAgreement.offered(role.kind, capabilities)
        writer.mixesExtensionForms = capabilities.mixesExtensionForms && !writer.extensions.isEmpty
        writer.reducedSizeRTCP = capabilities.reducedSizeRTCP
        if role == .audio, capabilities.feedback.contains("transport-cc"), !writer.extensions.isEmpty {
            writer.feedback = [RTCPFeedback(payloadType: nil, kind: "transport-cc")]
        }
        if isDTLS, role == .video, stream.direction.receives {
            writer.simulcast = SimulcastAgreement(offering: capabilities.maximumSimulcastStreams)
        }
        writer.direction = stream.direction
        writer.packetTimeMilliseconds = role == .audio ? 20 : nil
        if capabilities.offersSlides, role.kind == .video {
            writer.content = role == .slides ? "slides" : "main"
            writer.label = MediaLineWriter.label(of: role)
        }
        return writer.line
    }

    /// The payload types that m-lines of an offer may have, which are one space where those are bundled.
    private static func typesOfAll(_ capabilities: MediaCapabilities) -> [UInt8] {
        MediaRole.offered.flatMap { capabilities.codecs(of: $0).map(\.payloadType) } + [101]
    }

    private static func reoffered(_ previous: MediaDescription, _ local: LocalMedia) -> MediaDescription {
        if previous.isFloorControl { return reofferedFloorControl(previous, local.floorControl) }
        var media = previous
        guard previous.isOn, let role = MediaRole(own: previous), let stream = local.stream(of: role)
        else {
            media.port = 0
            media.attributes.removeAll { $0.name == "crypto" || transportNames.contains($0.name) }
            return media
        }
        media.port = stream.port
        media.connection = SDPConnection(address: stream.address)
        media.attributes.removeAll { $0.value == nil && MediaDirection(rawValue: $0.name) != nil }
        media.attributes.append(SDPAttribute(stream.direction.rawValue))
        return media
    }

    private static func accepted(
        _ theirs: MediaDescription, of answer: SessionDescription, to ours: MediaDescription,
        in offer: SessionDescription, index: Int, role: MediaRole, _ capabilities: MediaCapabilities,
        _ transport: TransportAccepting.Peer
    ) throws(NegotiationError) -> NegotiatedMedia {
        guard RTPProfile.isSupported(theirs.transport) else { throw .unsupportedTransport(theirs.transport) }
        guard let remote = RemoteTransport(theirs, of: answer, byICE: transport.ice != nil) else {
            throw .noUsableAddress
        }
        guard transport.ice != nil || transport.dtls == nil || !remote.isPlaceholder else { throw .iceRequired }
        let codecs = CodecAgreement(offer: ours, answer: theirs, role: role, capabilities: capabilities)
        guard !codecs.sending.isEmpty else { throw .noCommonCodec }
        var crypto: NegotiatedCrypto?
        if transport.dtls != nil {
            // The handshake gives the keys.
        } else if let line = theirs.cryptos.first {
            // The tag says which of our keys is meant (RFC 4568 §5.1.2), and so does the suite, for each is offered once.
            // baresip, where ICE has it choose before it reads the offer, answers with a tag of its own.
            guard let suite = line.suite, isAcceptable(line, capabilities),
                let own = ours.cryptos.first(where: { $0.suite == suite })
            else { throw .noCommonSuite }
            crypto = NegotiatedCrypto(
                suite: suite, localKeyAndSalt: own.keyAndSalt, remoteKeyAndSalt: line.keyAndSalt)
        } else {
            guard !RTPProfile.isSecure(ours.transport), !RTPProfile.isSecure(theirs.transport) else {
                throw .noCommonSuite
            }
            guard capabilities.allowsClear else { throw .encryptionRequired }
        }
        let isMultiplexed = ours.multiplexesRTCP && theirs.multiplexesRTCP || transport.isBundled
        let extensions = ExtensionAgreement(offer: ours, in: offer, answer: theirs, of: answer)
        let offeredDirection = ours.direction ?? offer.attributes.direction ?? .sendReceive
        let feedback = Set(theirs.feedback.map(\.kind)).intersection(ours.feedback.map(\.kind))
        let retransmits = feedback.contains("nack")
        var media = NegotiatedMedia(
            kind: role.kind, index: index, transport: theirs.transport, receivable: codecs.receivable,
            sending: codecs.sending,
            receivableRetransmissions: retransmits ? codecs.receivableRetransmissions : [],
            sendingRetransmissions: retransmits ? codecs.sendingRetransmissions : [],
            telephoneEventReceived: codecs.telephoneEventReceived, telephoneEventSent: codecs.telephoneEventSent,
            remoteAddress: remote.address, remotePort: remote.port,
            remoteRTCPAddress: isMultiplexed ? remote.address : remote.rtcpAddress,
            remoteRTCPPort: isMultiplexed ? remote.port : remote.rtcpPort, multiplexesRTCP: isMultiplexed,
            direction: remote.direction.reversed.intersection(offeredDirection), crypto: crypto,
            usesDTLS: transport.dtls != nil, feedback: feedback, extendedReports: theirs.extendedReports,
            packetTimeMilliseconds: theirs.packetTimeMilliseconds, identification: theirs.identification)
        media.isSlides = role == .slides
        media.label = ours.label
        media.extensions = extensions.negotiated
        media.simulcast = SimulcastAgreement(offer: ours, answer: theirs).streams
        media.remoteSources = theirs.remoteSources
        media.reducedSizeRTCP = [ours, theirs].allSatisfy { $0.attributes.first("rtcp-rsize") != nil }
        return media
    }
}

extension SessionDescription {
    /// The same offer for those who refuse RTP/SAVP. Its keys become an invitation: who takes both kinds of media
    /// understands them so, and everybody else passes over them.
    public var withPlainProfile: SessionDescription {
        var plain = self
        for index in plain.media.indices where plain.media[index].transport == "RTP/SAVP" {
            plain.media[index].transport = "RTP/AVP"
        }
        return plain
    }
}
