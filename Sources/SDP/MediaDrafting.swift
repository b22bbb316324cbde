/// Agrees on the media of one m-line of an offer.
struct MediaDrafting {
    let offer: SessionDescription
    let index: Int
    /// That the m-line is offered in.
    let bundle: BundleGroup?
    let role: MediaRole
    let stream: LocalStream
    let capabilities: MediaCapabilities
    let local: LocalMedia
    /// What we sent last for the m-line.
    let previous: MediaDescription?

    /// Where the keys of the media come from.
    private enum Keying {
        case sdes(NegotiatedCrypto, line: CryptoAttribute)
        case dtls(PeerDTLS)
        case clear
    }

    private var offered: MediaDescription { offer.media[index] }
    /// The m-line that has the transport's attributes where this one has none.
    private var tagged: MediaDescription? { bundle?.tagged.map { offer.media[$0] } }

    /// That there can be media, and what it hangs on.
    struct Agreement {
        fileprivate var codecs: CodecAgreement
        fileprivate var remote: RemoteTransport
        fileprivate var crypto: NegotiatedCrypto?
        fileprivate var cryptoLine: CryptoAttribute?
        fileprivate var ice: PeerICE?
        fileprivate var dtls: PeerDTLS?
        fileprivate var hasMismatch: Bool
    }

    /// Throws where nothing can come of the m-line.
    func agree(makeKey: OfferAnswer.KeyMaker) throws(NegotiationError) -> Agreement {
        let offered = offered
        guard RTPProfile.isSupported(offered.transport),
            local.dtls != nil || !RTPProfile.isDTLS(offered.transport)
        else { throw .unsupportedTransport(offered.transport) }
        guard !offered.isBundleOnly || bundle != nil && offered.multiplexesRTCP else { throw .bundleRefused }
        var ice = PeerICE(offered, tagged: tagged, of: offer)
        guard let told = RemoteTransport(offered, of: offer, tagged: tagged, byICE: ice != nil && local.ice != nil)
        else { throw .noUsableAddress }
        let codecs = CodecAgreement(offer: offered, role: role, capabilities: capabilities)
        guard !codecs.receivable.isEmpty else { throw .noCommonCodec }
        let keying = try keying(makeKey: makeKey)
        var crypto: NegotiatedCrypto?
        var cryptoLine: CryptoAttribute?
        var dtls: PeerDTLS?
        switch keying {
        case .sdes(let agreed, let line): (crypto, cryptoLine) = (agreed, line)
        case .dtls(let peer): dtls = peer
        case .clear: break
        }
        if local.ice == nil || dtls == nil && !capabilities.usesICEWithoutDTLS { ice = nil }
        let hasMismatch =
            ice.map { $0.hasMismatch || $0.contradicts(address: told.address, port: told.port) } ?? false
        if hasMismatch { ice = nil }
        guard let remote = RemoteTransport(offered, of: offer, tagged: tagged, byICE: ice != nil) else {
            throw .noUsableAddress
        }
        guard ice != nil || dtls == nil || !remote.isPlaceholder else { throw .iceRequired }
        return Agreement(
            codecs: codecs, remote: remote, crypto: crypto, cryptoLine: cryptoLine, ice: ice, dtls: dtls,
            hasMismatch: hasMismatch)
    }

    func draft(makeKey: OfferAnswer.KeyMaker) throws(NegotiationError) -> MediaDraft {
        let offered = offered
        let agreement = try agree(makeKey: makeKey)
        let (codecs, remote, dtls) = (agreement.codecs, agreement.remote, agreement.dtls)
        let multiplexes = offered.multiplexesRTCP
        let direction = remote.direction.reversed.intersection(stream.direction)
        let extensions = ExtensionAgreement(
            offer: offered, of: offer, kind: role.kind, capabilities: capabilities)
        let feedback = feedback(codecs, extensions)
        let kinds = Set(feedback.map(\.kind))
        let reports = ExtendedReports(
            parsing: offered.attributes.first("rtcp-xr") ?? offer.attributes.first("rtcp-xr") ?? "")
        let retransmissions = kinds.contains("nack") ? codecs.receivableRetransmissions : []
        var media = NegotiatedMedia(
            kind: role.kind, index: index, transport: offered.transport, receivable: codecs.receivable,
            sending: codecs.sending, receivableRetransmissions: retransmissions,
            sendingRetransmissions: retransmissions, telephoneEventReceived: codecs.telephoneEventReceived,
            telephoneEventSent: codecs.telephoneEventSent, remoteAddress: remote.address, remotePort: remote.port,
            remoteRTCPAddress: multiplexes ? remote.address : remote.rtcpAddress,
            remoteRTCPPort: multiplexes ? remote.port : remote.rtcpPort,
            multiplexesRTCP: multiplexes, direction: direction, crypto: agreement.crypto, usesDTLS: dtls != nil,
            feedback: kinds, extendedReports: reports, packetTimeMilliseconds: offered.packetTimeMilliseconds,
            identification: offered.identification)
        media.isSlides = role == .slides
        if case .pane(let number) = role { media.pane = number }
        media.label = offered.label ?? (role == .slides ? MediaLineWriter.label(of: .slides) : nil)
        media.remoteSources = offered.remoteSources
        media.reducedSizeRTCP = capabilities.reducedSizeRTCP && offered.attributes.first("rtcp-rsize") != nil
        var writer = MediaLineWriter(
            kind: role.kind, transport: offered.transport, stream: stream, codecs: codecs.receivable,
            telephoneEvent: codecs.telephoneEvent)
        if role == .video, direction.receives, extensions.negotiated.receivable[.streamID] != nil {
            writer.simulcast = SimulcastAgreement(
                offer: offered, codecs: codecs.receivable, limit: capabilities.maximumSimulcastStreams)
            media.simulcast = writer.simulcast.streams
        }
        writer.retransmissions = retransmissions
        writer.identification = offered.identification
        writer.multiplexesRTCP = multiplexes
        writer.reducedSizeRTCP = media.reducedSizeRTCP
        writer.mixesExtensionForms = extensions.negotiated.mixesForms
        writer.cryptos = agreement.cryptoLine.map { [$0] } ?? []
        writer.feedback = feedback
        // Of what is asked for, only the answering of reference times takes both (RFC 3611 §5.2).
        writer.extendedReports = ExtendedReports(answersReferenceTimes: reports.answersReferenceTimes)
        writer.direction = direction
        // The sound's packets are 20 ms long whatever the peer prefers; the mixer's clock is theirs.
        writer.packetTimeMilliseconds = role == .audio ? 20 : nil
        writer.label = media.label
        writer.content =
            switch role {
            case .audio: nil
            case .video: offered.content.contains("main") ? "main" : nil
            case .slides: "slides"
            case .pane: "alt"
            }
        return MediaDraft(
            media: media, writer: writer, extensions: extensions, ice: agreement.ice, dtls: dtls,
            hasMismatch: agreement.hasMismatch)
    }

    /// What we understand of the feedback that is offered, about formats that we take.
    private func feedback(_ codecs: CodecAgreement, _ extensions: ExtensionAgreement) -> [RTCPFeedback] {
        offered.feedback.filter { line in
            capabilities.feedback.contains(line.kind)
                && (line.payloadType == nil || codecs.receivable.contains { $0.payloadType == line.payloadType })
                // Without its numbers in the packets there is nothing to report on.
                && (line.kind != "transport-cc" || extensions.negotiated.receivable[.transportSequenceNumber] != nil)
        }
    }

    /// By DTLS where the profile says so and the offer is complete, by SDES where there is a suite, by DTLS where old
    /// clients offer it under another profile, and in the clear where that is allowed.
    private func keying(makeKey: OfferAnswer.KeyMaker) throws(NegotiationError) -> Keying {
        let isDTLSFirst = RTPProfile.isDTLS(offered.transport)
        var failure: NegotiationError?
        var peer: PeerDTLS?
        if local.dtls != nil {
            do throws(NegotiationError) {
                peer = try PeerDTLS(offered, tagged: tagged, of: offer)
            } catch {
                failure = error
            }
        }
        if isDTLSFirst || offered.isBundleOnly, let peer { return .dtls(peer) }
        guard !offered.isBundleOnly else { throw failure ?? .bundleRefused }
        if let chosen = chooseCrypto(), let suite = chosen.suite {
            let kept = previous?.cryptos.first { $0.suite == suite }?.keyAndSalt
            let key = kept ?? makeKey(suite)
            guard key.count == suite.keyAndSaltLength else { throw .keyHasWrongLength(suite) }
            return .sdes(
                NegotiatedCrypto(suite: suite, localKeyAndSalt: key, remoteKeyAndSalt: chosen.keyAndSalt),
                line: CryptoAttribute(tag: chosen.tag, suite: suite, keyAndSalt: key))
        }
        if let peer { return .dtls(peer) }
        if RTPProfile.isSecure(offered.transport) {
            throw failure ?? (isDTLSFirst ? .noUsableFingerprint : .noCommonSuite)
        }
        guard capabilities.allowsClear else { throw failure ?? .encryptionRequired }
        return .clear
    }

    /// The best suite by our order; among lines of one suite the peer's first.
    private func chooseCrypto() -> CryptoAttribute? {
        let cryptos = offered.cryptos
        for suite in capabilities.suites {
            if let line = cryptos.first(where: {
                $0.suite == suite && OfferAnswer.isAcceptable($0, capabilities)
            }) {
                return line
            }
        }
        return nil
    }
}
