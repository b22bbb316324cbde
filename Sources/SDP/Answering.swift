/// Offer and answer (RFC 3264) for the bridge's side of a call.
public enum OfferAnswer {
    /// Makes the master key and salt with which we send, `keyAndSaltLength` octets.
    public typealias KeyMaker = (CryptoSuite) -> [UInt8]

    /// Answers an offer. `previous` is the description that we sent last in this dialog, if any: its version is
    /// counted on from, and its keys are kept where the suite stays. Throws when no m-line can be agreed on.
    public static func answer(
        offer: SessionDescription, with capabilities: MediaCapabilities, local: LocalMedia,
        previous: SessionDescription? = nil, makeKey: KeyMaker
    ) throws(NegotiationError) -> Negotiated {
        guard offer.media.count <= capabilities.maximumMediaLines else {
            throw .tooManyMediaLines(limit: capabilities.maximumMediaLines)
        }
        var answer = emptyDescription(local, after: previous)
        var agreed: [MediaRole: NegotiatedMedia] = [:]
        var refusal: NegotiationError?
        answer.media = offer.media.map(refused)
        let sent = { (index: Int) in previous.flatMap { $0.media.indices.contains(index) ? $0.media[index] : nil } }
        for (index, role) in MediaRole.candidates(in: offer, slides: local.slides != nil) {
            guard agreed[role] == nil, let stream = local.stream(of: role) else { continue }
            do throws(NegotiationError) {
                let (media, line) = try accept(
                    offer.media[index], index: index, of: offer, role: role, stream: stream,
                    capabilities: capabilities, previous: sent(index), makeKey: makeKey)
                agreed[role] = media
                answer.media[index] = line
            } catch {
                if case .keyHasWrongLength = error { throw error }
                // The first reason is told; a sound one before a picture one, as offers have them.
                refusal = refusal ?? error
            }
        }
        if agreed.isEmpty {
            // A re-offer that switches every medium off is answered all the same (RFC 3264 §8.2).
            guard previous != nil, refusal == nil, !offer.media.isEmpty else { throw refusal ?? .noMediaOffered }
        }
        var negotiated = Negotiated(
            local: answer, remote: offer, media: agreed.values.sorted { $0.index < $1.index })
        if let floor = local.floorControl {
            // After the streams, for it names one of them.
            for (index, media) in offer.media.enumerated() where media.isFloorControl && media.port != 0 {
                guard
                    let (control, line) = acceptFloorControl(
                        media, index: index, of: offer, floor, slidesLabel: agreed[.slides]?.label,
                        previous: sent(index))
                else { continue }
                negotiated.floorControl = control
                negotiated.local.media[index] = line
                break
            }
        }
        return negotiated
    }

    static func emptyDescription(_ local: LocalMedia, after previous: SessionDescription?) -> SessionDescription {
        let address = SDPConnection(address: local.address)
        let origin: SDPOrigin
        if let previous {
            origin = SDPOrigin(
                username: previous.origin.username, sessionID: previous.origin.sessionID,
                version: previous.origin.version &+ 1, address: address)
        } else {
            origin = SDPOrigin(sessionID: String(local.sessionID), version: 1, address: address)
        }
        return SessionDescription(origin: origin, name: local.sessionName, connection: address)
    }

    /// An m-line turned down: port 0, in its place (RFC 3264 §6).
    private static func refused(_ offered: MediaDescription) -> MediaDescription {
        MediaDescription(
            kind: offered.kind, port: 0, transport: offered.transport, formats: offered.formats,
            attributes: offered.identification.map { [SDPAttribute("mid", $0)] } ?? [])
    }

    private static func accept(
        _ offered: MediaDescription, index: Int, of offer: SessionDescription, role: MediaRole, stream: LocalStream,
        capabilities: MediaCapabilities, previous: MediaDescription?, makeKey: KeyMaker
    ) throws(NegotiationError) -> (NegotiatedMedia, MediaDescription) {
        guard RTPProfile.isSupported(offered.transport) else { throw .unsupportedTransport(offered.transport) }
        guard let remote = RemoteTransport(offered, of: offer) else { throw .noUsableAddress }
        let codecs = CodecAgreement(offer: offered, role: role, capabilities: capabilities)
        guard !codecs.receivable.isEmpty else { throw .noCommonCodec }
        var crypto: NegotiatedCrypto?
        var cryptoLine: CryptoAttribute?
        if let chosen = choose(offered.cryptos, capabilities), let suite = chosen.suite {
            let kept = previous?.cryptos.first { $0.suite == suite }?.keyAndSalt
            let key = kept ?? makeKey(suite)
            guard key.count == suite.keyAndSaltLength else { throw .keyHasWrongLength(suite) }
            crypto = NegotiatedCrypto(suite: suite, localKeyAndSalt: key, remoteKeyAndSalt: chosen.keyAndSalt)
            cryptoLine = CryptoAttribute(tag: chosen.tag, suite: suite, keyAndSalt: key)
        } else {
            guard !RTPProfile.isSecure(offered.transport) else { throw .noCommonSuite }
            guard capabilities.allowsClear else { throw .encryptionRequired }
        }
        let direction = remote.direction.reversed.intersection(stream.direction)
        let feedback = offered.feedback.filter { line in
            capabilities.feedback.contains(line.kind)
                && (line.payloadType == nil || codecs.receivable.contains { $0.payloadType == line.payloadType })
        }
        let kinds = Set(feedback.map(\.kind))
        let reports = ExtendedReports(
            parsing: offered.attributes.first("rtcp-xr") ?? offer.attributes.first("rtcp-xr") ?? "")
        let retransmissions = kinds.contains("nack") ? codecs.receivableRetransmissions : []
        var media = NegotiatedMedia(
            kind: role.kind, index: index, transport: offered.transport, receivable: codecs.receivable,
            sending: codecs.sending, receivableRetransmissions: retransmissions,
            sendingRetransmissions: retransmissions, telephoneEventReceived: codecs.telephoneEventReceived,
            telephoneEventSent: codecs.telephoneEventSent, remoteAddress: remote.address, remotePort: remote.port,
            remoteRTCPAddress: offered.multiplexesRTCP ? remote.address : remote.rtcpAddress,
            remoteRTCPPort: offered.multiplexesRTCP ? remote.port : remote.rtcpPort,
            multiplexesRTCP: offered.multiplexesRTCP, direction: direction, crypto: crypto,
            feedback: kinds, extendedReports: reports, packetTimeMilliseconds: offered.packetTimeMilliseconds,
            identification: offered.identification)
        media.isSlides = role == .slides
        media.label = offered.label ?? (role == .slides ? MediaLineWriter.label(of: .slides) : nil)
        var writer = MediaLineWriter(
            kind: role.kind, transport: offered.transport, stream: stream, codecs: codecs.receivable,
            telephoneEvent: codecs.telephoneEvent)
        writer.retransmissions = retransmissions
        writer.identification = offered.identification
        writer.multiplexesRTCP = offered.multiplexesRTCP
        writer.cryptos = cryptoLine.map { [$0] } ?? []
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
            }
        return (media, writer.line)
    }

    /// The best suite by our order; among lines of one suite the peer's first.
    private static func choose(
        _ cryptos: [CryptoAttribute], _ capabilities: MediaCapabilities
    ) -> CryptoAttribute? {
        for suite in capabilities.suites {
            if let line = cryptos.first(where: { $0.suite == suite && isAcceptable($0, capabilities) }) { return line }
        }
        return nil
    }

    static func isAcceptable(_ line: CryptoAttribute, _ capabilities: MediaCapabilities) -> Bool {
        line.hasPlainParameters && !line.hasSeveralKeys
            && (line.masterKeyIndex == nil || capabilities.acceptsMasterKeyIndex)
    }
}
